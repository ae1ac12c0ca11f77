// SPDX-License-Identifier: Apache-2.0
// Host half of overlap_frames: s16 [..., frames * step] -> s16 [..., frames, frame_size] and a
// boolean []. See overlap_frames.h.
#include "ops/audio/overlap_frames/overlap_frames.h"

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

OverlapFramesParams params_of(const NodeView& node) {
  expect_type(node, 0, ElementType::s16);
  const int32_t width = last_dimension(node);
  OverlapFramesParams params{};
  params.frame_step = integer_within(node, "frame_step", 1, width);
  params.frame_size = integer_within(node, "frame_size", params.frame_step, 1 << 20);
  if (width % params.frame_step != 0)
    node.refuse("wrong-shape", "rows of " + std::to_string(width) + " samples are not whole steps");
  params.rows = int32_t(node.input(0).elements() / width);
  params.frames = width / params.frame_step;
  params.room = params.frame_size;
  if (node.integer("prefill") == 0 && params.room % params.frame_step != 0)
    params.room += params.frame_step - params.room % params.frame_step;
  return params;
}

Inference infer(const NodeView& node) {
  const OverlapFramesParams params = params_of(node);
  const Value& x = node.input(0);
  Shape frames = x.shape;
  frames.back() = params.frames;
  frames.push_back(params.frame_size);
  const Shape past{params.rows, params.room};
  expect_addressable(node, frames, x.type);
  expect_addressable(node, past, x.type);
  const bool prefill = node.integer("prefill") != 0;
  return {{{x.type, frames, x.quantization, x.clock}, {ElementType::boolean, {}, {}, x.clock}},
          {{"past", x.type, past, {}},
           {"fill",
            ElementType::s32,
            {1},
            bytes_of_s32(prefill ? params.frame_size - params.frame_step : 0)}}};
}

KernelCall lower(const NodeView& node) {
  return make_kernel_call("ops/audio/overlap_frames/overlap_frames.h",
                          MOTE_KERNEL(overlap_frames_s16), "OverlapFramesParams", params_of(node))
      .input(0)
      .state(0)
      .state(1)
      .output(0)
      .output(1);
}

}  // namespace

const OpDef overlap_frames_op{
    .name = "overlap_frames",
    .room = "audio",
    .summary = "overlapping frames of rows of samples, and whether all are complete; s16",
    .attributes = {{"frame_size", {}, "samples of a frame"},
                   {"frame_step", {}, "samples between frames, at most frame_size"},
                   {"prefill", Attribute(int64_t{0}), "1: zeros lie before the first sample"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
