// SPDX-License-Identifier: Apache-2.0
// Rules of quantisation that several operators share. See quantizer.h.
#include "graph/quantizer.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/element_type.h"

namespace mote {
namespace {

// Below it ratios of scales leave what multipliers can say.
constexpr float kLeastScale = 1e-20f;

}  // namespace

Quantization quantization_over(ElementType type, ValueRange range) {
  const double min = std::min(range.min, 0.0f), max = std::max(range.max, 0.0f);
  if (type == ElementType::s16) return symmetric_over(type, float(std::max(-min, max)));
  const double scale = max > min ? std::max((max - min) / 255, double(FLT_MIN)) : 1.0 / 255;
  const double zero_point = std::clamp(std::round(-128 - min / scale), -128.0, 127.0);
  return per_tensor(float(scale), int32_t(zero_point));
}

Quantization symmetric_over(ElementType type, float peak) {
  const float steps = type == ElementType::s16 ? 32767.0f : 127.0f;
  return per_tensor(peak > 0 ? std::max(peak / steps, kLeastScale) : 1 / steps, 0);
}

int32_t to_integer(double real, const Quantization& quantization, ElementType type) {
  const double most = type == ElementType::s16 ? 32767.0 : 127.0;
  const double number =
      std::nearbyint(real / double(quantization.scale())) + quantization.zero_point();
  return int32_t(std::clamp(number, -most - 1, most));
}

std::vector<double> real_numbers(const Value& value, std::span<const uint8_t> bytes) {
  const Quantization& q = value.quantization;
  const size_t channels = q.scales.size();
  size_t inner = 1;
  for (size_t d = size_t(q.axis) + 1; d < value.shape.size(); ++d) inner *= size_t(value.shape[d]);
  std::vector<double> reals(bytes.size() / size_t(element_bytes(value.type)));
  with_element_type(value.type, [&](auto number) {
    for (size_t i = 0; i < reals.size(); ++i) {
      std::memcpy(&number, bytes.data() + i * sizeof number, sizeof number);
      const size_t c = channels > 1 ? i / inner % channels : 0;
      reals[i] = channels == 0 ? double(number)
                               : double(q.scales[c]) * (double(number) - q.zero_points[c]);
    }
  });
  return reals;
}

ValueRange range_of_constant(const NodeView& view, size_t i) {
  const Value& value = view.input(i);
  ValueRange range;
  for (int64_t k = 0; k < value.elements(); ++k) {
    const float number = value.as<float>()[k];
    if (!std::isfinite(number))
      view.refuse("not-finite", "constant \"" + value.name + "\" is not finite");
    range = {std::min(range.min, number), std::max(range.max, number)};
  }
  return range;
}

ValueId quantize_constant(Quantizer& quantizer, const NodeView& view, size_t i,
                          const Quantization& wanted) {
  const Value& value = view.input(i);
  const ElementType type = quantizer.type(view);
  const auto add = [&](auto numbers) {
    for (int64_t k = 0; k < value.elements(); ++k)
      numbers.push_back(static_cast<typename decltype(numbers)::value_type>(
          to_integer(double(value.as<float>()[k]), wanted, type)));
    return quantizer.graph().add_constant(value.name, type, value.shape, numbers, wanted);
  };
  return type == ElementType::s16 ? add(std::vector<int16_t>{}) : add(std::vector<int8_t>{});
}

void quantize_same_scale(Quantizer& quantizer, const NodeView& view) {
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < view.input_count(); ++i) inputs.push_back(quantizer.input(view, i));
  quantizer.replace(view, *view.node().op, inputs, view.node().attributes);
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

std::string why_float(const NodeView& view) {
  const OpDef& op = *view.node().op;
  if (!op.quantize) return "mote has no integer form of " + op.name;
  return op.stays_float ? op.stays_float(view) : "";
}

}  // namespace mote
