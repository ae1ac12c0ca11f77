// SPDX-License-Identifier: Apache-2.0
// Host half of prelu: x f32 | s8 | s16, alpha f32 | s8 | s8 -> x's type and shape. alpha has x's
// last dimensions, each of them or 1.
#include "ops/nn/prelu/prelu.h"

#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/element_order.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/prelu/prelu.h";

// Neighbouring dimensions in which alpha is broadcast, or is not, become one.
PreluF32Params sizes_of(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& alpha = node.input(1).shape;
  PreluF32Params sizes{{1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}};
  int32_t at = 5;
  int32_t stride = 1;
  bool last_broadcast = false;
  for (size_t back = 1; back <= x.size(); ++back) {
    const int32_t size = x[x.size() - back];
    const int32_t own = back <= alpha.size() ? alpha[alpha.size() - back] : 1;
    if (own != 1 && own != size)
      node.refuse("wrong-shape", "alpha's dimensions must be those of the input, or 1");
    if (size == 1) continue;
    const bool broadcast = own == 1;
    if (at == 5 || broadcast != last_broadcast) {
      if (at == 0) node.refuse("wrong-shape", "alpha is broadcast in more than five turns");
      sizes.stride[--at] = broadcast ? 0 : stride;
    }
    sizes.size[at] *= size;
    if (!broadcast) stride *= size;
    last_broadcast = broadcast;
  }
  for (size_t back = x.size() + 1; back <= alpha.size(); ++back)
    if (alpha[alpha.size() - back] != 1)
      node.refuse("wrong-shape", "alpha has more dimensions than the input");
  return sizes;
}

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  if (x.type == ElementType::s16)
    expect_one_scale(node, 0);
  else
    expect_f32_or_s8(node, 0);
  expect_f32_or_s8(node, 1);
  const ElementType alpha = x.type == ElementType::f32 ? ElementType::f32 : ElementType::s8;
  if (node.input(1).type != alpha)
    node.refuse("wrong-type", std::string("alpha must be ") + to_string(alpha));
  if (x.elements() < 1) node.refuse("wrong-shape", "the input is empty");
  sizes_of(node);
  ValueType type = like_input(node, x.shape);
  type.clock = joint_clock(node);
  return {{type}, {}};
}

// TFLM CalculatePreluParams (micro/kernels/prelu_common.cc).
KernelCall lower(const NodeView& node) {
  const PreluF32Params sizes = sizes_of(node);
  const ElementType type = node.input(0).type;
  if (type == ElementType::f32)
    return make_kernel_call(kHeader, MOTE_KERNEL(prelu_f32), "PreluF32Params", sizes)
        .input(0)
        .input(1)
        .output();
  const Quantization& x = node.input(0).quantization;
  const Quantization& alpha = node.input(1).quantization;
  const Quantization& y = node.output().quantization;
  const int64_t largest = type == ElementType::s8 ? 255 : 65535;
  const double real = double(x.scale()) / double(y.scale());
  const double real_alpha = double(x.scale()) * double(alpha.scale()) / double(y.scale());
  const QuantizedMultiplier m = scale_ratio(node, real, largest);
  const QuantizedMultiplier a = scale_ratio(node, real_alpha, largest * 255);
  PreluParams params{
      {},      {},           x.zero_point(), alpha.zero_point(), y.zero_point(), m.multiplier,
      m.shift, a.multiplier, a.shift};
  std::copy(std::begin(sizes.size), std::end(sizes.size), params.size);
  std::copy(std::begin(sizes.stride), std::end(sizes.stride), params.stride);
  const Kernel kernel = type == ElementType::s8 ? MOTE_KERNEL(prelu_s8) : MOTE_KERNEL(prelu_s16);
  return make_kernel_call(kHeader, kernel, "PreluParams", params).input(0).input(1).output();
}

// A constant alpha becomes symmetric over all its numbers.
ValueId quantize_alpha(Quantizer& quantizer, const NodeView& node) {
  const ValueId id = quantizer.input(node, 1);
  if (quantizer.graph().value(id).type != ElementType::f32) return id;
  if (node.input(1).kind != ValueKind::constant)
    node.refuse("not-constant", "alpha must be a constant to become an integer");
  const ValueRange range = range_of_constant(node, 1);
  return quantize_constant(quantizer, node, 1,
                           symmetric_over(quantizer.type(node), std::max(-range.min, range.max)));
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const ValueId x = quantizer.input(node, 0);
  quantizer.replace(node, prelu_op, {x, quantize_alpha(quantizer, node)},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef prelu_op{
    .name = "prelu",
    .room = "nn",
    .summary = "x, or alpha * x below zero, alpha a tensor; f32, s8, s16",
    .attributes = output_quantization_attributes(),
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize,
};

}  // namespace mote
