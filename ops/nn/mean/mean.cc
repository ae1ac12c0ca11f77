// SPDX-License-Identifier: Apache-2.0
// Host half of mean: f32 | s8 -> the shape without dimensions `axes` (each 1 with keep_dims). The
// axes lie side by side, by default height and width of NHWC.
#include "ops/nn/mean/mean.h"

#include <algorithm>
#include <bit>

#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/mean/mean.h";

// Dimensions first..last of the input.
struct Axes {
  size_t first;
  size_t last;
};

Axes axes_of(const NodeView& node) {
  const auto rank = int64_t(node.input(0).shape.size());
  std::vector<int64_t> axes = node.integers("axes");
  for (int64_t& axis : axes) axis = axis < 0 ? axis + rank : axis;
  std::sort(axes.begin(), axes.end());
  bool valid = !axes.empty() && axes.front() >= 0 && axes.back() < rank;
  for (size_t i = 1; i < axes.size(); ++i) valid = valid && axes[i] == axes[i - 1] + 1;
  if (!valid)
    node.refuse(
        "wrong-attribute",
        "axes must be neighbouring dimensions of the input, which has " + std::to_string(rank),
        "take the mean in two steps");
  return {size_t(axes.front()), size_t(axes.back())};
}

Inference infer(const NodeView& node) {
  expect_f32_or_s8(node, 0);
  const Axes axes = axes_of(node);
  Shape shape = node.input(0).shape;
  const auto first = shape.begin() + int64_t(axes.first),
             last = shape.begin() + int64_t(axes.last) + 1;
  if (node.integer("keep_dims") != 0)
    std::fill(first, last, 1);
  else
    shape.erase(first, last);
  return {{like_input(node, shape)}, {}};
}

MeanF32Params sizes_of(const NodeView& node) {
  const Axes axes = axes_of(node);
  const Shape& x = node.input(0).shape;
  MeanF32Params sizes{1, 1, 1};
  for (size_t d = 0; d < x.size(); ++d)
    (d < axes.first ? sizes.outer : d <= axes.last ? sizes.reduced : sizes.inner) *= x[d];
  if (sizes.reduced < 1) node.refuse("wrong-shape", "there is nothing to take the mean of");
  return sizes;
}

// The division by `reduced` goes into the multiplier, after a left shift that keeps its bits
// (QuantizedMeanOrSum).
KernelCall lower_s8(const NodeView& node, const MeanF32Params& sizes) {
  const Quantization& from = node.input(0).quantization;
  const Quantization& to = node.output().quantization;
  const int64_t largest = int64_t(255) * sizes.reduced;
  if (largest > INT32_MAX) node.refuse("too-large", "the mean is of more than 8 million elements");
  const double real = double(from.scale()) / double(to.scale());
  QuantizedMultiplier m = quantize_multiplier(real);
  int32_t shift = 63 - std::countl_zero(uint64_t(sizes.reduced));
  shift = std::min({shift, 32, 31 + m.shift});
  m.multiplier = int32_t((int64_t(m.multiplier) << shift) / sizes.reduced);
  m.shift -= shift;
  if (m.shift > 0 && (largest << m.shift) > INT32_MAX)
    node.refuse("wrong-quantization",
                "the input's scale is " + std::to_string(real) + " times the output's");
  const MeanParams params{sizes.outer,     sizes.reduced, sizes.inner, from.zero_point(),
                          to.zero_point(), m.multiplier,  m.shift};
  return make_kernel_call(kHeader, MOTE_KERNEL(mean_s8), "MeanParams", params).input(0).output();
}

KernelCall lower(const NodeView& node) {
  const MeanF32Params sizes = sizes_of(node);
  if (node.input(0).type == ElementType::s8) return lower_s8(node, sizes);
  return make_kernel_call(kHeader, MOTE_KERNEL(mean_f32), "MeanF32Params", sizes).input(0).output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantizer.replace(node, mean_op, {quantizer.input(node, 0)},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = output_quantization_attributes();
  all.push_back({"axes", Attribute(std::vector<int64_t>{1, 2}),
                 "neighbouring dimensions to take the mean over"});
  all.push_back({"keep_dims", Attribute(int64_t{0}), "1: the dimensions stay, each 1"});
  return all;
}

}  // namespace

const OpDef mean_op{
    .name = "mean",
    .room = "nn",
    .summary = "mean over neighbouring dimensions; f32, s8",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
