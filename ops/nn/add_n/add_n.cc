// SPDX-License-Identifier: Apache-2.0
// Host half of add_n: 1..15 inputs of one shape, f32 or s8 of one scale -> their sum. See add_n.h.
#include "ops/nn/add_n/add_n.h"

#include "ops/element_order.h"
#include "ops/nn/broadcast_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/add_n/add_n.h";

Inference infer(const NodeView& node) {
  if (node.input_count() < 1 || node.input_count() > size_t(kMostAddends))
    node.refuse("wrong-shape", "add_n takes 1 to 15 inputs", "add in two steps");
  expect_f32_or_s8(node, 0);
  expect_same_types(node, 0, node.input_count());
  for (size_t i = 1; i < node.input_count(); ++i) {
    expect_same_scale(node, i - 1);
    if (node.input(i).shape != node.input(0).shape)
      node.refuse("wrong-shape", "input " + std::to_string(i) + " has another shape than input 0");
  }
  const Value& x = node.input(0);
  ValueType type{x.type, x.shape, {}, joint_clock(node)};
  if (x.type == ElementType::s8) type.quantization = output_quantization(node);
  return {{type}, {}};
}

KernelCall with_arguments(const NodeView& node, KernelCall call) {
  for (int32_t i = 0; i < kMostAddends; ++i)
    size_t(i) < node.input_count() ? call.input(i) : call.null();
  return call.output();
}

// The rule of TFLM CalculateOpData (tensorflow/lite/micro/kernels/add_n.cc).
KernelCall lower(const NodeView& node) {
  const Value& x = node.input(0);
  const auto count = int32_t(x.elements());
  const auto inputs = int32_t(node.input_count());
  if (x.type == ElementType::f32)
    return with_arguments(node, make_kernel_call(kHeader, MOTE_KERNEL(add_n_f32), "AddNParams",
                                                 AddNParams{count, inputs}));
  const Quantization& y = node.output().quantization;
  const auto scale = double(x.quantization.scale());
  const QuantizedMultiplier in = scale_ratio(node, scale / (2 * scale), 1 << 28);
  const QuantizedMultiplier out =
      scale_ratio(node, 2 * scale / (double(1 << 20) * double(y.scale())), INT32_MAX);
  const AddNS8Params params{count,          inputs,   x.quantization.zero_point(),
                            in.multiplier,  in.shift, y.zero_point(),
                            out.multiplier, out.shift};
  return with_arguments(node,
                        make_kernel_call(kHeader, MOTE_KERNEL(add_n_s8), "AddNS8Params", params));
}

}  // namespace

const OpDef add_n_op{
    .name = "add_n",
    .room = "nn",
    .summary = "element-wise sum of up to 15 tensors of one shape; f32, s8 of one scale",
    .attributes = output_quantization_attributes(),
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
};

}  // namespace mote
