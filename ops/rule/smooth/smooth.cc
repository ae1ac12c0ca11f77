// SPDX-License-Identifier: Apache-2.0
// Host half of smooth: scores of any shape, f32 | s8 -> the same. State: history [length, size],
// seen s32 [1].
#include "ops/rule/smooth/smooth.h"

#include "graph/quantizer.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr int64_t kLongest = 1 << 16;

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::f32 && input.type != ElementType::s8)
    node.refuse("wrong-type", std::string("scores are ") + to_string(input.type), "use f32 or s8");
  const int64_t length = node.integer("length");
  if (length < 1 || length > kLongest)
    node.refuse("wrong-attribute", "length must be between 1 and " + std::to_string(kLongest));
  return {{{input.type, input.shape, input.quantization, input.clock}},
          {{"history", input.type, {int32_t(length), int32_t(input.elements())}, {}},
           {"seen", ElementType::s32, {1}, {}}}};
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const SmoothParams params{int32_t(input.elements()), int32_t(node.integer("length"))};
  const Kernel kernel =
      input.type == ElementType::s8 ? MOTE_KERNEL(smooth_s8) : MOTE_KERNEL(smooth_f32);
  return make_kernel_call("ops/rule/smooth/smooth.h", kernel, "SmoothParams", params)
      .input(0)
      .state(0)
      .state(1)
      .output();
}

}  // namespace

const OpDef smooth_op{
    .name = "smooth",
    .room = "rule",
    .summary = "mean of the last score vectors; f32, s8",
    .attributes = {{"length", {}, "score vectors in the mean"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize_same_scale,
};

}  // namespace mote
