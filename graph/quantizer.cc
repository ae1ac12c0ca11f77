// SPDX-License-Identifier: Apache-2.0
// Rules of quantisation that several operators share. See quantizer.h.
#include "graph/quantizer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mote {
namespace {

// |bias| in its integer scale stays below this: the accumulator keeps 2^30 for the products, 33,000
// of the largest.
constexpr double kLargestBias = 1 << 30;

// What the loops below rely on; a graph that somebody imported may break it.
void check_constant(const NodeView& view, size_t i, const char* what) {
  const Value& value = view.input(i);
  if (value.kind != ValueKind::constant || value.type != ElementType::f32)
    view.refuse("not-constant", std::string(what) + " must be a constant of f32");
  const float* numbers = value.as<float>();
  for (int64_t k = 0; k < value.elements(); ++k)
    if (!std::isfinite(numbers[k]))
      view.refuse("not-finite", std::string(what) + "[" + std::to_string(k) + "] is not finite");
}

// The index space is split at `axis`: element i belongs to channel (i / inner) % channels.
struct Channels {
  int64_t count;
  int64_t inner;
  size_t of(int64_t i) const { return size_t((i / inner) % count); }
};

Channels channels_of(const Value& weights, int32_t axis) {
  Channels channels{weights.shape.at(size_t(axis)), 1};
  for (size_t d = size_t(axis) + 1; d < weights.shape.size(); ++d)
    channels.inner *= weights.shape[d];
  return channels;
}

// max|w| / 127 of each channel. A channel whose weights are next to nothing beside its bias gets a
// larger scale, so that the bias fits 32 bits at input_scale * scale (TFLite's quantiser does the
// same).
std::vector<float> weight_scales(const Value& weights, Channels channels, const Value* bias,
                                 float input_scale) {
  std::vector<float> scales(size_t(channels.count), 0.0f);
  for (int64_t i = 0; i < weights.elements(); ++i) {
    float& peak = scales[channels.of(i)];
    peak = std::max(peak, std::fabs(weights.as<float>()[i]));
  }
  for (size_t o = 0; o < scales.size(); ++o) {
    scales[o] = scales[o] > 0 ? std::max(scales[o] / 127.0f, 1e-20f) : 1.0f / 127.0f;
    const double magnitude = bias ? std::fabs(double(bias->as<float>()[o])) : 0.0;
    scales[o] = std::max(scales[o], float(magnitude / (double(input_scale) * kLargestBias)));
  }
  return scales;
}

std::vector<int8_t> scale_weights(const Value& weights, Channels channels,
                                  const std::vector<float>& scales) {
  std::vector<int8_t> numbers;
  for (int64_t i = 0; i < weights.elements(); ++i) {
    const float scaled = std::nearbyint(weights.as<float>()[i] / scales[channels.of(i)]);
    numbers.push_back(int8_t(std::clamp(scaled, -127.0f, 127.0f)));
  }
  return numbers;
}

std::vector<int32_t> scale_bias(const Value& bias, float input_scale,
                                const std::vector<float>& scales) {
  std::vector<int32_t> numbers;
  for (int64_t i = 0; i < bias.elements(); ++i) {
    const double scale = double(input_scale) * double(scales[size_t(i)]);
    numbers.push_back(int32_t(std::nearbyint(double(bias.as<float>()[i]) / scale)));
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
  check_constant(view, 1, "weights");
  const Value& weights = view.input(1);
  const Channels channels = channels_of(weights, axis);
  const Value* bias = view.has_input(2) ? &view.input(2) : nullptr;
  if (bias) check_constant(view, 2, "bias");
  if (bias && bias->elements() != channels.count)
    view.refuse("wrong-shape", "the bias must have one number an output channel");
  const float input_scale = graph.value(quantizer.input(view, 0)).quantization.scale();
  const std::vector<float> scales = weight_scales(weights, channels, bias, input_scale);
  const std::vector<int32_t> zeros(scales.size(), 0);
  QuantizedWeights out;
  out.weights = graph.add_constant(weights.name, ElementType::s8, weights.shape,
                                   scale_weights(weights, channels, scales), {scales, zeros, axis});
  if (!bias) return out;
  std::vector<float> bias_scales;
  for (float s : scales) bias_scales.push_back(s * input_scale);
  out.bias = graph.add_constant(bias->name, ElementType::s32, bias->shape,
                                scale_bias(*bias, input_scale, scales), {bias_scales, zeros, 0});
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
