// SPDX-License-Identifier: Apache-2.0
// Host half of dequantize: s8 of any shape -> f32 of the same shape.
#include "ops/nn/dequantize/dequantize.h"

#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::s8 || input.quantization.scales.size() != 1)
    node.refuse("wrong-type", "the input must be s8 with one scale");
  return {{{ElementType::f32, input.shape, {}, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const DequantizeParams params{int32_t(input.elements()), input.quantization.scale(),
                                input.quantization.zero_point()};
  return make_kernel_call("ops/nn/dequantize/dequantize.h", MOTE_KERNEL(dequantize_s8_f32),
                          "DequantizeParams", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef dequantize_op{
    .name = "dequantize",
    .room = "nn",
    .summary = "int8 to real numbers; s8 to f32",
    .attributes = {},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
