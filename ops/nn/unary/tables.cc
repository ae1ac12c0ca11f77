// SPDX-License-Identifier: Apache-2.0
// The int8 tables of unary (functions.h). In: a node. Out: 256 values. Where TFLM has an int8
// kernel its arithmetic is repeated here number by number; the source of each rule stands beside
// it.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/nn/scale_ratio.h"
#include "ops/nn/unary/functions.h"
#include "ops/nn/unary/lower_s16.h"

namespace mote {
namespace {

std::vector<int8_t> table_of(const auto& value_of) {
  std::vector<int8_t> table;
  for (int32_t q = -128; q <= 127; ++q)
    table.push_back(int8_t(std::clamp<int32_t>(value_of(q), -128, 127)));
  return table;
}

int32_t to_int32(double x) {
  return int32_t(std::clamp<double>(x, std::numeric_limits<int32_t>::min() / 2,
                                    std::numeric_limits<int32_t>::max() / 2));
}

std::vector<int8_t> exact_table(const NodeView& node) {
  const UnaryFunction& function = *find_unary_function(node.text("function"));
  const UnaryParameters p = unary_parameters(node);
  const Quantization& from = node.input(0).quantization;
  const Quantization& to = node.output().quantization;
  return table_of([&](int32_t q) {
    const double x = double(from.scale()) * (double(q) - from.zero_point());
    const double y = function.exact(x, p.a, p.b);
    if (std::isnan(y)) return to.zero_point();
    return to_int32(std::nearbyint(y / double(to.scale())) + to.zero_point());
  });
}

// TFLM PopulateLookupTable (micro/kernels/elu.cc), in float; TFLM's alpha is 1.
std::vector<int8_t> elu_table(const NodeView& node) {
  const auto alpha = float(unary_parameters(node).a);
  const Quantization& from = node.input(0).quantization;
  const Quantization& to = node.output().quantization;
  const float inverse_scale = 1 / to.scale();
  return table_of([&](int32_t q) {
    const float x = from.scale() * float(q - from.zero_point());
    const float y = x < 0 ? alpha * (std::exp(x) - 1.0f) : x;
    return to_int32(double(std::round(y * inverse_scale) + float(to.zero_point())));
  });
}

// ---- hard_swish: reference/hard_swish.h, parameters from micro/kernels/hard_swish_common.cc -----

// A float ratio as 16-bit multiplier and exponent (DownScaleInt32ToInt16Multiplier).
struct Multiplier16 {
  int16_t multiplier;
  int32_t exponent;
};
Multiplier16 multiplier_16(const NodeView& node, float ratio) {
  const QuantizedMultiplier m = scale_ratio(node, double(ratio), 0);
  if (m.multiplier > INT32_MAX - (1 << 15)) return {INT16_MAX, m.shift};
  return {int16_t((m.multiplier + (1 << 15)) >> 16), m.shift};
}

int16_t saturated(int64_t x) { return int16_t(std::clamp<int64_t>(x, INT16_MIN, INT16_MAX)); }

// round(a b / 2^15), as SQRDMULH.
int16_t rounding_high_mul(int16_t a, int16_t b) {
  if (a == b && a == INT16_MIN) return INT16_MAX;
  const int32_t product = int32_t(a) * b;
  const int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
  return int16_t((product + nudge) / (1 << 15));
}

// A number on the scale on which 3 is 2^15.
int16_t relu_like(int16_t fine, const Multiplier16& m) {
  int16_t y = fine;
  const int32_t left = std::min(m.exponent, 31);
  if (left > 0) y = saturated(int64_t(y) << (left - 1));
  y = rounding_high_mul(y, m.multiplier);
  if (left > 0) y = saturated(int64_t(y) * 2);
  if (left < 0) y = int16_t(rounding_divide_by_power_of_two(y, std::min(-left, 31)));
  return y;
}

std::vector<int8_t> hard_swish_table(const NodeView& node) {
  const Quantization& from = node.input(0).quantization;
  const Quantization& to = node.output().quantization;
  const float fine_scale = (1.0f / 128.0f) * from.scale();
  const Multiplier16 out = multiplier_16(node, fine_scale / to.scale());
  const Multiplier16 relu = multiplier_16(node, fine_scale / (3.0f / 32768.0f));
  if (out.exponent > 0)
    node.refuse("wrong-quantization", "the input's scale is more than 128 times the output's",
                "use scales nearer to each other");
  return table_of([&](int32_t q) -> int32_t {
    const auto fine = int16_t((q - from.zero_point()) * 128);
    const int16_t on_output_scale = rounding_high_mul(fine, out.multiplier);
    const auto factor = int16_t((relu_like(fine, relu) + (1 << 15)) >> 1);  // 0 .. 1
    const int32_t product = int32_t(factor) * on_output_scale / (1 << 15);
    return rounding_divide_by_power_of_two(product, std::min(-out.exponent, 31)) + to.zero_point();
  });
}

std::vector<int8_t> two_slopes_table(const NodeView& node) {
  const TwoSlopesParams p = two_slopes_params(node, 255);
  return table_of([&](int32_t q) { return two_slopes(p, q); });
}

std::vector<int8_t> rsqrt_table(const NodeView& node) {
  const RsqrtParams p = rsqrt_params(node);
  return table_of([&](int32_t q) { return rsqrt_of(p, q, 127); });
}

}  // namespace

std::vector<int8_t> unary_table(const NodeView& node) {
  const std::string& name = node.text("function");
  if (name == "abs" || name == "leaky_relu") return two_slopes_table(node);
  if (name == "elu") return elu_table(node);
  if (name == "hard_swish") return hard_swish_table(node);
  if (name == "rsqrt") return rsqrt_table(node);
  return exact_table(node);
}

}  // namespace mote
