// SPDX-License-Identifier: Apache-2.0
// Host half of normalize: f32 -> f32 of the same shape. In an int8 network it stays float, between
// dequantize and quantize.
#include "ops/nn/normalize/normalize.h"

#include <algorithm>

#include "ops/element_order.h"
#include "ops/nn/reduce_axes.h"
#include "ops/nn/through_float.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  if (x.type != ElementType::f32)
    node.refuse("wrong-type", std::string("the input is ") + to_string(x.type), "use f32");
  reduce_params(node, x.shape, reduced_dimensions(node));
  if (!(node.number("epsilon") >= 0) || !(node.number("epsilon") < 1e30))
    node.refuse("wrong-attribute", "epsilon must be a number of at least 0");
  return {{{x.type, x.shape, {}, x.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const ReduceParams sizes = reduce_params(node, node.input(0).shape, reduced_dimensions(node));
  NormalizeParams params{};
  std::copy_n(sizes.kept, 3, params.kept);
  std::copy_n(sizes.kept_stride, 3, params.kept_stride);
  std::copy_n(sizes.reduced, 3, params.reduced);
  std::copy_n(sizes.reduced_stride, 3, params.reduced_stride);
  params.subtract_mean = node.integer("subtract_mean") != 0;
  params.epsilon = float(node.number("epsilon"));
  return make_kernel_call("ops/nn/normalize/normalize.h", MOTE_KERNEL(normalize_f32),
                          "NormalizeParams", params)
      .input(0)
      .output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantize_through_float(quantizer, node, normalize_op);
}

}  // namespace

const OpDef normalize_op{
    .name = "normalize",
    .room = "nn",
    .summary = "numbers less their mean over their deviation, over any dimensions; f32",
    .attributes = {{"axes", Attribute(std::vector<int64_t>{-1}),
                    "dimensions that are normalised together"},
                   {"epsilon", Attribute(1e-5), "added to the variance"},
                   {"subtract_mean", Attribute(int64_t{1}), "0: only over the root mean square"}},
    .infer = infer,
    .lower = lower,
    .order = in_place,
    .quantize = quantize,
};

}  // namespace mote
