// SPDX-License-Identifier: Apache-2.0
// Host half of window: (s16 [..., width], weights s16 [width]) -> the same shape. See window.h.
#include "ops/audio/window/window.h"

#include "ops/audio/audio_inputs.h"
#include "ops/element_order.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_type(node, 0, ElementType::s16);
  const int32_t width = last_dimension(node);
  if (expect_vector(node, 1, ElementType::s16) != width)
    node.refuse("wrong-shape",
                "rows of " + std::to_string(width) + " samples need as many weights");
  integer_within(node, "shift", 0, 31);
  const Value& x = node.input(0);
  return {{{x.type, x.shape, {}, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const int32_t width = last_dimension(node);
  const WindowParams params{int32_t(node.input(0).elements() / width), width,
                            int32_t(node.integer("shift"))};
  return make_kernel_call("ops/audio/window/window.h", MOTE_KERNEL(window_s16), "WindowParams",
                          params)
      .input(0)
      .input(1)
      .output();
}

}  // namespace

const OpDef window_op{
    .name = "window",
    .room = "audio",
    .summary = "samples times a window's weights, shifted down; s16",
    .attributes = {{"shift", {}, "fraction bits of the weights, 0 .. 31"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
