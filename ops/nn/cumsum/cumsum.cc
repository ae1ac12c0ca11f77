// SPDX-License-Identifier: Apache-2.0
// Host half of cumsum: f32 | s8 | s32 | s64 -> the same type and shape.
#include "ops/nn/cumsum/cumsum.h"

#include "ops/activation.h"
#include "ops/element_order.h"
#include "ops/nn/axis.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/cumsum/cumsum.h";

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  along_axis(node);
  if (x.type == ElementType::s32 || x.type == ElementType::s64)
    return {{{x.type, x.shape, x.quantization, x.clock}}, {}};
  expect_f32_or_s8(node, 0);
  return {{like_input(node, x.shape)}, {}};
}

// The rule of TFLM CalculateOpData (micro/kernels/cumsum.cc): the input goes to twice its scale.
KernelCall lower_s8(const NodeView& node, const CumsumParams& p) {
  const Quantization& from = node.input(0).quantization;
  const Quantization& to = node.output().quantization;
  const double real = 2 * double(from.scale()) / (double(1 << 20) * double(to.scale()));
  const QuantizedMultiplier m = scale_ratio(node, real, 0);
  if (m.shift > 0)
    node.refuse("wrong-quantization", "the input's scale is far above the output's",
                "use scales nearer to each other");
  const CumsumS8Params params{
      p.outer,         p.count,
      p.inner,         p.exclusive,
      p.reverse,       from.zero_point(),
      to.zero_point(), node.integer("tflite_start") != 0 ? -from.zero_point() : 0,
      m.multiplier,    m.shift};
  return make_kernel_call(kHeader, MOTE_KERNEL(cumsum_s8), "CumsumS8Params", params)
      .input(0)
      .output();
}

KernelCall lower(const NodeView& node) {
  const AlongAxis along = along_axis(node);
  const CumsumParams params{along.outer, along.count, along.inner, node.integer("exclusive") != 0,
                            node.integer("reverse") != 0};
  const ElementType type = node.input(0).type;
  if (type == ElementType::s8) return lower_s8(node, params);
  const Kernel kernel = type == ElementType::f32   ? MOTE_KERNEL(cumsum_f32)
                        : type == ElementType::s32 ? MOTE_KERNEL(cumsum_integers<int32_t>)
                                                   : MOTE_KERNEL(cumsum_integers<int64_t>);
  return make_kernel_call(kHeader, kernel, "CumsumParams", params).input(0).output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantizer.replace(node, cumsum_op, {quantizer.input(node, 0)},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = output_quantization_attributes();
  all.push_back(axis_attribute(-1));
  all.push_back({"exclusive", Attribute(int64_t{0}), "1: without the number itself"});
  all.push_back({"reverse", Attribute(int64_t{0}), "1: from the last number"});
  all.push_back({"tflite_start", Attribute(int64_t{0}),
                 "1: int8 sums begin with minus the zero point, as TensorFlow Lite's do"});
  return all;
}

}  // namespace

const OpDef cumsum_op{
    .name = "cumsum",
    .room = "nn",
    .summary = "running sums along an axis; f32, s8, s32, s64",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = in_place,
    .quantize = quantize,
};

}  // namespace mote
