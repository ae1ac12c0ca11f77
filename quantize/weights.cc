// SPDX-License-Identifier: Apache-2.0
// See weights.h.
#include "quantize/weights.h"

#include <algorithm>
#include <cmath>

namespace mote {
namespace {

// Of s32, and of s64, where the kernels take less than 2^46.
constexpr double kLargestBias = 0x1p30;
constexpr double kLargestWideBias = 0x1p45;

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

// One layer's weights on their way; element i belongs to channel (i / inner) % channels.
class IntegerWeights {
 public:
  IntegerWeights(const NodeView& view, int32_t axis, float input_scale, const WeightRule& rule)
      : weights_(view.input(1)),
        bias_(view.has_input(2) ? &view.input(2) : nullptr),
        input_scale_(input_scale),
        rule_(rule),
        most_(rule.bits == 4 ? 7.0f : 127.0f),
        channels_(size_t(weights_.shape.at(size_t(axis)))) {
    for (size_t d = size_t(axis) + 1; d < weights_.shape.size(); ++d) inner_ *= weights_.shape[d];
  }

  size_t channels() const { return channels_; }
  const std::vector<float>& scales() const { return scales_; }

  void choose_scales(double largest_bias) {
    scales_.assign(channels_, 0.0f);
    for (int64_t i = 0; i < weights_.elements(); ++i) {
      float& peak = scales_[channel_of(i)];
      peak = std::max(peak, std::fabs(real(i)));
    }
    for (float& scale : scales_) scale = scale > 0 ? std::max(scale / most_, 1e-20f) : 1.0f / most_;
    if (rule_.bits == 4) draw_in();
    for (size_t o = 0; o < channels_; ++o)
      scales_[o] = std::max(scales_[o],
                            float(std::fabs(bias_of(o)) / (double(input_scale_) * largest_bias)));
  }

  std::vector<int8_t> integers() const {
    std::vector<int8_t> numbers;
    for (int64_t i = 0; i < weights_.elements(); ++i)
      numbers.push_back(int8_t(rounded(i, scales_[channel_of(i)])));
    return numbers;
  }

  template <class T>
  std::vector<T> biases() const {
    const std::vector<double> shifts = mean_shifts();
    std::vector<T> numbers;
    for (size_t o = 0; o < channels_; ++o) {
      const double scale = double(input_scale_) * double(scales_[o]);
      numbers.push_back(T(std::nearbyint((bias_of(o) - shifts[o]) / scale)));
    }
    return numbers;
  }

 private:
  float real(int64_t i) const { return weights_.as<float>()[i]; }
  size_t channel_of(int64_t i) const { return size_t(i / inner_) % channels_; }
  double bias_of(size_t o) const { return bias_ ? double(bias_->as<float>()[o]) : 0; }
  float rounded(int64_t i, float scale) const {
    return std::clamp(std::nearbyint(real(i) / scale), -most_, most_);
  }

  // Of 15 levels the ends are worth less than the middle.
  void draw_in() {
    const std::vector<float> widest = scales_;
    std::vector<double> least(channels_, INFINITY);
    for (int32_t percent = 100; percent >= 50; percent -= 2) {
      std::vector<double> errors(channels_, 0.0);
      for (int64_t i = 0; i < weights_.elements(); ++i) {
        const size_t o = channel_of(i);
        const float scale = widest[o] * float(percent) / 100;
        errors[o] += std::pow(double(rounded(i, scale) * scale - real(i)), 2);
      }
      for (size_t o = 0; o < channels_; ++o)
        if (errors[o] < least[o])
          least[o] = errors[o], scales_[o] = widest[o] * float(percent) / 100;
    }
  }

  // Rounding's mean effect on each output. The weights' last dimension is the input's channel; of
  // a depthwise layer it is the output's, of which several may share an input.
  std::vector<double> mean_shifts() const {
    std::vector<double> shifts(channels_, 0.0);
    const std::vector<double>& means = rule_.input_means;
    if (means.empty()) return shifts;
    const auto last = size_t(weights_.shape.back());
    const bool depthwise = inner_ == 1 && channels_ == last;
    for (int64_t i = 0; i < weights_.elements(); ++i) {
      const size_t o = channel_of(i);
      const size_t groups = depthwise ? 1 : std::max<size_t>(means.size() / last, 1);
      const size_t group = o / std::max<size_t>(channels_ / groups, 1);
      const size_t channel =
          depthwise ? o * means.size() / channels_ : group * last + size_t(i) % last;
      const float scale = scales_[o];
      shifts[o] += double(rounded(i, scale) * scale - real(i)) * means.at(channel % means.size());
    }
    return shifts;
  }

  const Value& weights_;
  const Value* bias_;
  float input_scale_;
  const WeightRule& rule_;
  float most_;
  size_t channels_;
  int64_t inner_ = 1;
  std::vector<float> scales_;
};

}  // namespace

QuantizedWeights add_integer_weights(Graph& graph, const NodeView& view, int32_t axis,
                                     ValueId integer_input, const WeightRule& rule) {
  check_constant(view, 1, "weights");
  const Value& weights = view.input(1);
  if (view.has_input(2)) {
    check_constant(view, 2, "bias");
    if (view.input(2).elements() != weights.shape.at(size_t(axis)))
      view.refuse("wrong-shape", "the bias must have one number an output channel");
  }
  const Value& input = graph.value(integer_input);
  const float input_scale = input.quantization.scale();
  const bool wide = input.type == ElementType::s16;
  IntegerWeights integers(view, axis, input_scale, rule);
  integers.choose_scales(wide ? kLargestWideBias : kLargestBias);
  const std::vector<int32_t> zeros(integers.channels(), 0);
  QuantizedWeights out;
  out.weights = graph.add_constant(weights.name, ElementType::s8, weights.shape,
                                   integers.integers(), {integers.scales(), zeros, axis});
  if (!view.has_input(2) && rule.input_means.empty()) return out;
  const std::string name = view.has_input(2) ? view.input(2).name : view.node().name + "/bias";
  std::vector<float> bias_scales;
  for (float scale : integers.scales()) bias_scales.push_back(scale * input_scale);
  const Quantization at{bias_scales, zeros, 0};
  const Shape shape{int32_t(integers.channels())};
  out.bias =
      wide ? graph.add_constant(name, ElementType::s64, shape, integers.biases<int64_t>(), at)
           : graph.add_constant(name, ElementType::s32, shape, integers.biases<int32_t>(), at);
  return out;
}

}  // namespace mote
