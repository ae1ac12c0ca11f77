// SPDX-License-Identifier: Apache-2.0
// See layer_weights.h.
#include "compiler/passes/layer_weights.h"

#include "ops/nn/conv_2d_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

// The limit of check_layer() in ops/nn/conv_2d_layer.h.
constexpr int64_t kLargestBiasS64 = int64_t(1) << 46;

// Whether tap k of an axis lies inside the input in the first and in the last window.
struct TapAxis {
  int32_t input, output, stride, dilation, pad;
  bool is_inside(int32_t k) const {
    const int64_t first = int64_t(k) * dilation - pad;
    return first >= 0 && first + int64_t(output - 1) * stride < input;
  }
};

}  // namespace

LayerWeights::LayerWeights(const Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Value& weights = view.input(1);
  numbers_ = weights.as<int8_t>();
  bias_ = view.has_input(2) ? &view.input(2) : nullptr;
  depthwise_ = node.op == &depthwise_conv_2d_op;
  const bool wide =
      view.input(0).type == ElementType::s16 && (depthwise_ || !has_narrow_sums(view));
  bias_type_ = wide ? ElementType::s64 : ElementType::s32;
  outputs_ = view.output().shape.back();
  inputs_ = weights.shape.back();
  const Quantization& q = weights.quantization;
  zero_point_ = q.scales.size() == 1 ? q.zero_point() : 0;
  find_taps(view);
}

void LayerWeights::find_taps(const NodeView& view) {
  if (view.node().op == &fully_connected_op) {
    inside_ = {true};
    return;
  }
  const Shape& kernel = view.input(1).shape;
  const Shape& x = view.input(0).shape;
  const Window2d w = window_2d(view, kernel[1], kernel[2], Dilation::attribute);
  const TapAxis rows{x[1], w.output_h, w.stride_h, w.dilation_h, w.pad_top};
  const TapAxis columns{x[2], w.output_w, w.stride_w, w.dilation_w, w.pad_left};
  for (int32_t ky = 0; ky < w.kernel_h; ++ky)
    for (int32_t kx = 0; kx < w.kernel_w; ++kx)
      inside_.push_back(rows.is_inside(ky) && columns.is_inside(kx));
}

bool LayerWeights::connects(int32_t o, int32_t c) const {
  for (int32_t t = 0; t < taps(); ++t)
    if (at(o, t, c) != 0) return true;
  return false;
}

int64_t LayerWeights::bias(int32_t o) const {
  if (!bias_) return 0;
  return bias_->type == ElementType::s64 ? bias_->as<int64_t>()[o] : bias_->as<int32_t>()[o];
}

bool LayerWeights::fits_bias(int64_t bias) const {
  if (bias_type_ == ElementType::s32) return bias >= INT32_MIN && bias <= INT32_MAX;
  return bias > -kLargestBiasS64 && bias < kLargestBiasS64;
}

}  // namespace mote
