// SPDX-License-Identifier: Apache-2.0
// Rules of quantisation that several operators share. See quantizer.h.
#include "graph/quantizer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mote {
namespace {

struct ScaledWeights {
  std::vector<int8_t> numbers;
  std::vector<float> scales;
};

// Splits the index space at `axis`: element i belongs to channel (i / inner) % channels.
ScaledWeights scale_weights(const Value& weights, int32_t axis) {
  const int64_t channels = weights.shape.at(size_t(axis));
  int64_t inner = 1;
  for (size_t d = size_t(axis) + 1; d < weights.shape.size(); ++d) inner *= weights.shape[d];
  const float* w = weights.as<float>();
  std::vector<float> peak(size_t(channels), 0.0f);
  for (int64_t i = 0; i < weights.elements(); ++i) {
    float& p = peak[size_t((i / inner) % channels)];
    p = std::max(p, std::fabs(w[i]));
  }
  ScaledWeights out;
  for (float p : peak) out.scales.push_back(p > 0 ? p / 127.0f : 1.0f / 127.0f);
  for (int64_t i = 0; i < weights.elements(); ++i) {
    const float scale = out.scales[size_t((i / inner) % channels)];
    out.numbers.push_back(int8_t(std::clamp(std::nearbyint(w[i] / scale), -127.0f, 127.0f)));
  }
  return out;
}

std::vector<int32_t> scale_bias(const Value& bias, float input_scale, const std::vector<float>& scales) {
  std::vector<int32_t> numbers;
  for (int64_t i = 0; i < bias.elements(); ++i) {
    const double scale = double(input_scale) * double(scales[size_t(i)]);
    const double scaled = std::nearbyint(double(bias.as<float>()[i]) / scale);
    numbers.push_back(int32_t(std::clamp(scaled, -2147483647.0, 2147483647.0)));
  }
  return numbers;
}

}  // namespace

void quantize_same_scale(Quantizer& quantizer, const NodeView& view) {
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < view.input_count(); ++i) inputs.push_back(quantizer.input(view, i));
  quantizer.replace(view, *view.node().op, inputs, view.node().attributes);
}

QuantizedWeights quantize_weights(Quantizer& quantizer, const NodeView& view, int32_t axis) {
  Graph& graph = quantizer.graph();
  const Value& weights = view.input(1);
  const ScaledWeights scaled = scale_weights(weights, axis);
  const std::vector<int32_t> zeros(scaled.scales.size(), 0);
  QuantizedWeights out;
  out.weights = graph.add_constant(weights.name, ElementType::s8, weights.shape, scaled.numbers,
                                   {scaled.scales, zeros, axis});
  if (view.has_input(2)) {
    const float input_scale = graph.value(quantizer.input(view, 0)).quantization.scale();
    const Value& bias = view.input(2);
    std::vector<float> scales;
    for (float s : scaled.scales) scales.push_back(s * input_scale);
    out.bias = graph.add_constant(bias.name, ElementType::s32, bias.shape,
                                  scale_bias(bias, input_scale, scaled.scales), {scales, zeros, 0});
  }
  return out;
}

QuantizedMultiplier quantize_multiplier(double real) {
  if (real == 0) return {0, 0};
  int exponent = 0;
  const double fraction = std::frexp(real, &exponent);
  auto multiplier = int64_t(std::round(fraction * double(int64_t(1) << 31)));
  if (multiplier == int64_t(1) << 31) multiplier /= 2, ++exponent;
  if (exponent < -31) return {0, 0};
  if (exponent > 30) return {std::numeric_limits<int32_t>::max(), 30};
  return {int32_t(multiplier), exponent};
}

}  // namespace mote
