// SPDX-License-Identifier: Apache-2.0
// Host half of overlap_add: s16 | f32 [..., frames, size] -> [..., frames * step]. See
// overlap_add.h.
#include "ops/audio/overlap_add/overlap_add.h"

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

OverlapAddParams params_of(const NodeView& node) {
  const Value& x = node.input(0);
  if (x.type != ElementType::s16) expect_type(node, 0, ElementType::f32);
  OverlapAddParams params{};
  params.frame_size = last_dimension(node);
  if (x.shape.size() < 2) node.refuse("wrong-shape", "the input must be frames of samples");
  params.frames = x.shape[x.shape.size() - 2];
  params.rows = int32_t(x.elements() / (int64_t(params.frames) * params.frame_size));
  params.frame_step = integer_within(node, "frame_step", 1, params.frame_size);
  return params;
}

Inference infer(const NodeView& node) {
  const OverlapAddParams params = params_of(node);
  const Value& x = node.input(0);
  Shape shape = x.shape;
  shape.pop_back();
  shape.back() = params.frames * params.frame_step;
  return {{{x.type, shape, x.quantization, x.clock}},
          {{"sums", x.type, {params.rows, params.frame_size}, {}}}};
}

KernelCall lower(const NodeView& node) {
  const Kernel kernel = node.input(0).type == ElementType::s16 ? MOTE_KERNEL(overlap_add_s16)
                                                               : MOTE_KERNEL(overlap_add_f32);
  return make_kernel_call("ops/audio/overlap_add/overlap_add.h", kernel, "OverlapAddParams",
                          params_of(node))
      .input(0)
      .state()
      .output();
}

}  // namespace

const OpDef overlap_add_op{
    .name = "overlap_add",
    .room = "audio",
    .summary = "frames summed where they overlap; s16, f32",
    .attributes = {{"frame_step", {}, "samples between frames"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
