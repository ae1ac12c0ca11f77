// SPDX-License-Identifier: Apache-2.0
// See stated_weights.h.
#include "quantize/stated_weights.h"

#include <cmath>
#include <limits>

namespace mote {
namespace {

constexpr double kSameScale = 1e-6;  // relative: a product of two scales in float32

template <class T>
void set_data(Value& value, ElementType type, const std::vector<T>& numbers) {
  value.type = type;
  const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
  value.data = std::make_shared<const Bytes>(bytes, bytes + numbers.size() * sizeof(T));
}

// A scale of the list for index o: one may stand for all.
float scale_at(const Quantization& q, size_t o) {
  return q.scales.size() == 1 ? q.scales[0] : q.scales.at(o);
}

// bias[o] in steps of `wanted`.
double steps_of(const NodeView& view, const Value& bias, size_t o, double wanted) {
  if (bias.type == ElementType::f32) return std::nearbyint(double(bias.as<float>()[o]) / wanted);
  if (bias.type != ElementType::s32)
    view.refuse("wrong-type", std::string("its bias is ") + to_string(bias.type));
  const double ratio = double(scale_at(bias.quantization, o)) / wanted;
  const double integer = bias.as<int32_t>()[o];
  return std::abs(ratio - 1) <= kSameScale ? integer : std::nearbyint(integer * ratio);
}

// s8 weights less their zero points, where all of them are s8 as well: the products, and so the
// sums, stay what they were. Convolutions know no zero point of weights.
Value centred(const Value& weights) {
  const Quantization& q = weights.quantization;
  int64_t inner = 1;
  for (size_t d = size_t(q.axis) + 1; d < weights.shape.size(); ++d) inner *= weights.shape[d];
  std::vector<int8_t> numbers;
  for (int64_t i = 0; i < weights.elements(); ++i) {
    const size_t o = q.scales.size() == 1 ? 0 : size_t(i / inner) % q.scales.size();
    const int32_t number = weights.as<int8_t>()[i] - q.zero_points.at(o);
    if (number < -128 || number > 127) return weights;
    numbers.push_back(int8_t(number));
  }
  Value out = weights;
  set_data(out, ElementType::s8, numbers);
  out.quantization.zero_points.assign(q.scales.size(), 0);
  return out;
}

}  // namespace

std::optional<Value> constant_as_s8(const Value& integers) {
  if (integers.type == ElementType::s8) return integers;
  if (integers.type != ElementType::u8) return {};
  Value value = integers;
  std::vector<int8_t> numbers;
  for (int64_t i = 0; i < integers.elements(); ++i)
    numbers.push_back(int8_t(int32_t(integers.as<uint8_t>()[i]) - 128));
  set_data(value, ElementType::s8, numbers);
  for (int32_t& zero_point : value.quantization.zero_points) zero_point -= 128;
  return value;
}

Value weights_along(const NodeView& view, const Value& integers, int32_t axis) {
  const std::optional<Value> s8 = constant_as_s8(integers);
  if (!s8) view.refuse("wrong-type", std::string("its weights are ") + to_string(integers.type));
  if (s8->quantization.scales.size() > 1 && s8->quantization.axis != axis)
    view.refuse("wrong-quantization",
                "its weights have scales along another axis than the output "
                "channels'");
  return centred(*s8);
}

Value stated_bias(const NodeView& view, const Value& bias, float input_scale,
                  const Quantization& weights) {
  const auto count = size_t(bias.elements());
  for (const Quantization* q : {&bias.quantization, &weights})
    if (q->scales.size() > 1 && q->scales.size() != count)
      view.refuse("wrong-quantization", "its bias has another number of scales than of channels");
  Value out = bias;
  out.quantization = {{}, {}, 0};
  std::vector<int32_t> numbers;
  for (size_t o = 0; o < count; ++o) {
    const float wanted = input_scale * scale_at(weights, o);
    const double steps = steps_of(view, bias, o, double(wanted));
    if (!(std::abs(steps) <= double(std::numeric_limits<int32_t>::max())))
      view.refuse("too-large", "its bias does not fit 32 bits at the scale of its sums");
    numbers.push_back(int32_t(steps));
    if (o == 0 || weights.scales.size() > 1) {
      out.quantization.scales.push_back(wanted);
      out.quantization.zero_points.push_back(0);
    }
  }
  set_data(out, ElementType::s32, numbers);
  return out;
}

}  // namespace mote
