// SPDX-License-Identifier: Apache-2.0
// Host half of quantize: f32 | s8 of any shape -> s8 at the scale and zero point that the
// attributes give.
#include "ops/nn/quantize/quantize.h"

#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/quantize/quantize.h";

Inference infer(const NodeView& node) {
  expect_f32_or_s8(node, 0);
  const double scale = node.number("output_scale");
  const int64_t zero_point = node.integer("output_zero_point");
  if (!(scale > 0) || zero_point < -128 || zero_point > 127)
    node.refuse("wrong-attribute",
                "output_scale must be positive and output_zero_point within -128..127");
  return {{{ElementType::s8, node.input(0).shape, per_tensor(float(scale), int32_t(zero_point)),
            joint_clock(node)}},
          {}};
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const Quantization& to = node.output().quantization;
  const auto count = int32_t(input.elements());
  if (input.type == ElementType::f32) {
    const QuantizeParams params{count, to.scale(), to.zero_point()};
    return make_kernel_call(kHeader, MOTE_KERNEL(quantize_f32_s8), "QuantizeParams", params)
        .input(0)
        .output();
  }
  const Quantization& from = input.quantization;
  const QuantizedMultiplier m = scale_ratio(node, double(from.scale()) / double(to.scale()), 255);
  const RequantizeParams params{
      count, from.zero_point(), to.zero_point(), m.multiplier, m.shift, -128, 127};
  return make_kernel_call(kHeader, MOTE_KERNEL(requantize_s8), "RequantizeParams", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef quantize_op{
    .name = "quantize",
    .room = "nn",
    .summary = "real numbers, or int8 of another scale, to int8; f32, s8",
    .attributes = output_quantization_attributes(),
    .infer = infer,
    .lower = lower,
    .alias = Alias::in_place,
};

}  // namespace mote
