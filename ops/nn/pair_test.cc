// SPDX-License-Identifier: Apache-2.0
// Operators of two operands: broadcasting against indices written out, every pair of int8 against
// wider integers, the ends of the wider types, casts, choices, refusals. (Equal to TFLM:
// tests/conformance.)
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "ops/nn/cast/cast.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

template <class T>
ValueId constant(OneNode& one, ElementType type, Shape shape, const std::vector<T>& data) {
  return one.graph.add_constant("b", type, std::move(shape), data);
}

// The node's output for x as the first operand.
template <class Out, class In>
std::vector<Out> answer(const OpDef& op, ElementType type, const std::vector<In>& x,
                        const std::vector<In>& b, const Shape& b_shape) {
  OneNode one;
  one.input = one.graph.add_tensor_stream("x", type, {int32_t(x.size())}, {});
  one.add(op, {}, {constant(one, type, b_shape, b)});
  return one.run<Out>(x);
}

int64_t index_in(const Shape& shape, const std::vector<int32_t>& at) {
  int64_t index = 0;
  const size_t missing = at.size() - shape.size();
  for (size_t d = 0; d < shape.size(); ++d)
    index = index * shape[d] + (shape[d] == 1 ? 0 : at[missing + d]);
  return index;
}

Shape random_repeat(Numbers& n, Shape shape) {
  for (int32_t& d : shape)
    if (n.integer(0, 1)) d = 1;
  while (!shape.empty() && shape[0] == 1 && n.integer(0, 1)) shape.erase(shape.begin());
  return shape;
}

// `action` at every index of `shape`, in row-major order.
void at_every_index(const Shape& shape,
                    const std::function<void(const std::vector<int32_t>&)>& action) {
  std::vector<int32_t> at(shape.size(), 0);
  for (int64_t i = 0; i < element_count(shape); ++i) {
    int64_t rest = i;
    for (size_t d = shape.size(); d-- > 0; rest /= shape[d]) at[d] = int32_t(rest % shape[d]);
    action(at);
  }
}

TEST(Broadcast, EqualsIndicesWrittenOut) {
  Numbers n;
  for (int trial = 0; trial < 500; ++trial) {
    Shape whole;
    for (int rank = n.integer(0, 6); rank > 0; --rank) whole.push_back(n.integer(1, 3));
    const Shape a = random_repeat(n, whole), b = random_repeat(n, whole);
    OneNode one;
    one.input = one.graph.add_tensor_stream("x", ElementType::s32, a, {});
    const auto x = n.many<int32_t>(element_count(a), -999, 999);
    const auto z = n.many<int32_t>(element_count(b), -999, 999);
    one.add(sub_op, {}, {constant(one, ElementType::s32, b, z)});
    std::vector<int32_t> expected;
    at_every_index(one.output().shape, [&](const std::vector<int32_t>& at) {
      expected.push_back(x[size_t(index_in(a, at))] - z[size_t(index_in(b, at))]);
    });
    ASSERT_EQ(one.run<int32_t>(x), expected);
  }
}

TEST(Broadcast, EqualShapesOfAnyRankAreOneLoop) {
  OneNode one = OneNode::make<float>({2, 1, 2, 2, 1, 2, 2, 2});
  one.add(mul_op, {}, {one.input});
  EXPECT_EQ(one.run<float>(std::vector<float>(64, 3)), std::vector<float>(64, 9));
}

TEST(Broadcast, RefusesSevenLoops) {
  OneNode one = OneNode::make<float>({2, 1, 2, 1, 2, 1, 2});
  one.add(mul_op, {}, {one.constant("b", {1, 2, 1, 2, 1, 2, 1}, std::vector<float>(8, 1))});
  EXPECT_EQ(code_of_failure([&] { Evaluator evaluator(one.graph); }), "wrong-shape");
}

int64_t floored(int64_t a, int64_t b) {
  return b == 0 ? 0 : int64_t(std::floor(double(a) / double(b)));
}

// What each operator gives in exact arithmetic, before it wraps.
const std::vector<std::pair<const OpDef*, int64_t (*)(int64_t, int64_t)>>& exact_rules() {
  static const std::vector<std::pair<const OpDef*, int64_t (*)(int64_t, int64_t)>> rules{
      {&add_op, [](int64_t a, int64_t b) { return a + b; }},
      {&sub_op, [](int64_t a, int64_t b) { return a - b; }},
      {&mul_op, [](int64_t a, int64_t b) { return a * b; }},
      {&div_op, [](int64_t a, int64_t b) { return b == 0 ? 0 : a / b; }},
      {&floor_div_op, floored},
      {&floor_mod_op, [](int64_t a, int64_t b) { return b == 0 ? 0 : a - b * floored(a, b); }},
      {&remainder_op, [](int64_t a, int64_t b) { return b == 0 ? 0 : a % b; }},
      {&squared_difference_op, [](int64_t a, int64_t b) { return (a - b) * (a - b); }},
      {&minimum_op, [](int64_t a, int64_t b) { return std::min(a, b); }},
      {&maximum_op, [](int64_t a, int64_t b) { return std::max(a, b); }},
      {&bitwise_and_op, [](int64_t a, int64_t b) { return a & b; }},
      {&bitwise_or_op, [](int64_t a, int64_t b) { return a | b; }},
      {&bitwise_xor_op, [](int64_t a, int64_t b) { return a ^ b; }}};
  return rules;
}

template <class T>
void check_every_pair(ElementType type) {
  std::vector<T> all;
  for (int i = 0; i < 256; ++i) all.push_back(T(std::numeric_limits<T>::min() + i));
  for (const auto& [op, rule] : exact_rules())
    for (T b : all) {
      const auto y = answer<T>(*op, type, all, std::vector<T>{b}, {});
      for (size_t i = 0; i < all.size(); ++i)
        ASSERT_EQ(y[i], T(rule(all[i], b))) << op->name << ' ' << int(all[i]) << ' ' << int(b);
    }
}

TEST(Integers, EveryPairOfBytes) {
  check_every_pair<int8_t>(ElementType::s8);
  check_every_pair<uint8_t>(ElementType::u8);
}

template <class T>
void check_ends(ElementType type) {
  const T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  const std::vector<T> x{low, high, 1, 0};
  const T minus_one = T(-1);
  EXPECT_EQ(answer<T>(add_op, type, x, std::vector<T>{1}, {1}),
            (std::vector<T>{T(low + 1), low, 2, 1}));
  EXPECT_EQ(answer<T>(div_op, type, x, std::vector<T>{0}, {1}), (std::vector<T>{0, 0, 0, 0}));
  EXPECT_EQ(answer<T>(floor_mod_op, type, x, std::vector<T>{0}, {1}), (std::vector<T>{0, 0, 0, 0}));
  if (low == 0) return;
  EXPECT_EQ(answer<T>(div_op, type, x, std::vector<T>{minus_one}, {1}),
            (std::vector<T>{low, T(-high), minus_one, 0}));
  EXPECT_EQ(answer<T>(remainder_op, type, x, std::vector<T>{minus_one}, {1}),
            (std::vector<T>{0, 0, 0, 0}));
}

TEST(Integers, TheEndsOfWideTypesWrapAndNeverTrap) {
  check_ends<int32_t>(ElementType::s32);
  check_ends<int64_t>(ElementType::s64);
  check_ends<uint32_t>(ElementType::u32);
}

TEST(Integers, Powers) {
  const std::vector<int32_t> x{2, -3, 1, -1, 0};
  EXPECT_EQ(answer<int32_t>(pow_op, ElementType::s32, x, std::vector<int32_t>{5}, {1}),
            (std::vector<int32_t>{32, -243, 1, -1, 0}));
  EXPECT_EQ(answer<int32_t>(pow_op, ElementType::s32, x, std::vector<int32_t>{-3}, {1}),
            (std::vector<int32_t>{0, 0, 1, -1, 0}));
  EXPECT_EQ(answer<int32_t>(pow_op, ElementType::s32, x, std::vector<int32_t>{0}, {1}),
            (std::vector<int32_t>{1, 1, 1, 1, 1}));
}

TEST(Integers, Shifts) {
  const std::vector<int8_t> x{-128, -1, 5, 127};
  const auto s8 = [&](const OpDef& op, int8_t by) {
    return answer<int8_t>(op, ElementType::s8, x, std::vector<int8_t>{by}, {1});
  };
  EXPECT_EQ(s8(shift_left_op, 1), (std::vector<int8_t>{0, -2, 10, -2}));
  EXPECT_EQ(s8(shift_left_op, 8), (std::vector<int8_t>{0, 0, 0, 0}));
  EXPECT_EQ(s8(shift_right_op, 2), (std::vector<int8_t>{-32, -1, 1, 31}));
  EXPECT_EQ(s8(shift_right_op, 100), (std::vector<int8_t>{-1, -1, 0, 0}));
  EXPECT_EQ(s8(shift_right_op, -1), x);
}

TEST(Pow, Int8TableEqualsTheKernelAndTheRealPower) {
  const Attributes output{{"output_scale", 0.5}, {"output_zero_point", int64_t{-100}}};
  std::vector<int8_t> all;
  for (int q = -128; q <= 127; ++q) all.push_back(int8_t(q));
  for (float exponent : {2.0f, 0.5f, 1.5f, -1.0f, 3.0f}) {
    const std::vector<int8_t> b{int8_t(exponent * 10)};
    OneNode table = OneNode::make<int8_t>({256}, per_tensor(0.1f, -20));
    table.add(pow_op, output, {table.constant("b", {1}, b, per_tensor(0.1f, 0))});
    OneNode kernel = OneNode::make<int8_t>({256}, per_tensor(0.1f, -20));
    kernel.add(pow_op, output,
               {kernel.constant("b", {256}, std::vector<int8_t>(256, b[0]), per_tensor(0.1f, 0))});
    const auto y = table.run<int8_t>(all);
    ASSERT_EQ(y, kernel.run<int8_t>(all));
    for (int q = -128; q <= 127; ++q) {
      const double real = std::pow(double(0.1f) * (q + 20), double(exponent));
      const double exact = std::isfinite(real) ? real / 0.5 - 100 : real > 0 ? 127 : -100;
      ASSERT_NEAR(y[size_t(q + 128)], std::clamp(exact, -128.0, 127.0), 0.5001)
          << q << ' ' << exponent;
    }
  }
}

TEST(Cast, RealNumbersTruncateAndSaturate) {
  const std::vector<float> x{1.9f, -1.9f, 300, -300, 3e9f, -3e9f, 1e19f, -1e19f, NAN, INFINITY};
  const auto cast = [&](const char* type, auto element) {
    OneNode one = OneNode::make<float>({10});
    one.add(cast_op, {{"type", std::string(type)}});
    return one.run<decltype(element)>(x);
  };
  EXPECT_EQ(cast("s8", int8_t()),
            (std::vector<int8_t>{1, -1, 127, -128, 127, -128, 127, -128, 0, 127}));
  EXPECT_EQ(cast("u8", uint8_t()), (std::vector<uint8_t>{1, 0, 255, 0, 255, 0, 255, 0, 0, 255}));
  EXPECT_EQ(cast("s32", int32_t()), (std::vector<int32_t>{1, -1, 300, -300, INT32_MAX, INT32_MIN,
                                                          INT32_MAX, INT32_MIN, 0, INT32_MAX}));
  EXPECT_EQ(cast("u32", uint32_t()),
            (std::vector<uint32_t>{1, 0, 300, 0, 3000000000u, 0, UINT32_MAX, 0, 0, UINT32_MAX}));
  EXPECT_EQ(cast("s64", int64_t()), (std::vector<int64_t>{1, -1, 300, -300, 3000000000, -3000000000,
                                                          INT64_MAX, INT64_MIN, 0, INT64_MAX}));
  EXPECT_EQ(cast("bool", uint8_t()), std::vector<uint8_t>(10, 1));
}

TEST(Cast, TruncationOfEveryExponent) {
  Numbers n;
  for (int i = 0; i < 200000; ++i) {
    const float x = std::ldexp(n.real(-2, 2), n.integer(-30, 61));
    ASSERT_EQ(truncate_saturating(x), int64_t(x)) << x;
  }
}

TEST(Cast, RefusesAnUnknownType) {
  EXPECT_EQ(code_of_failure([] {
              OneNode::make<float>({1}).add(cast_op, {{"type", std::string("f64")}});
            }),
            "unknown-type");
}

TEST(Comparison, Int16OfDifferentScalesComparesRealNumbers) {
  OneNode one = OneNode::make<int16_t>({4}, per_tensor(0.001f, 0));
  one.add(less_op, {}, {one.constant("b", {}, std::vector<int16_t>{100}, per_tensor(0.01f, 0))});
  EXPECT_EQ(one.run<uint8_t>(std::vector<int16_t>{999, 1000, 1001, -32768}),
            (std::vector<uint8_t>{1, 0, 0, 1}));
}

TEST(Where, ChoosesWithEveryOperandRepeating) {
  OneNode one;
  one.input = one.graph.add_tensor_stream("x", ElementType::boolean, {2, 1}, {});
  one.add(where_op, {},
          {one.constant("a", {3}, std::vector<int32_t>{1, 2, 3}),
           one.constant("b", {2, 3}, std::vector<int32_t>{4, 5, 6, 7, 8, 9})});
  EXPECT_EQ(one.run<int32_t>(std::vector<uint8_t>{1, 0}), (std::vector<int32_t>{1, 2, 3, 7, 8, 9}));
}

TEST(Dequantize, AScaleForEachChannel) {
  OneNode one = OneNode::make<int8_t>({2, 2, 2}, {{0.5f, 2.0f}, {1, -1}, 1});
  one.add(dequantize_op);
  EXPECT_EQ(one.run<float>(std::vector<int8_t>{1, 2, 3, 4, 5, 6, 7, 8}),
            (std::vector<float>{0, 0.5f, 8, 10, 2, 2.5f, 16, 18}));
}

TEST(Pairs, Refusals) {
  const auto refusal = [](const OpDef& op, ElementType type, const Quantization& a,
                          const Quantization& b, const Attributes& attributes = {}) {
    return code_of_failure([&] {
      OneNode one;
      one.input = one.graph.add_tensor_stream("x", type, {2}, a);
      one.add(
          op, attributes,
          {one.graph.add_constant("b", type, {2}, Bytes(size_t(2 * element_bytes(type)), 1), b)});
      Evaluator evaluator(one.graph);
    });
  };
  const Quantization scaled = per_tensor(0.1f, 0);
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, scaled), "");
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, {}), "wrong-quantization");
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, per_tensor(1e30f, 0)), "wrong-quantization");
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, {{0.1f, 0.2f}, {0, 0}, 0}),
            "wrong-quantization");
  EXPECT_EQ(refusal(mul_op, ElementType::s16, scaled, per_tensor(0.1f, 5)), "wrong-quantization");
  EXPECT_EQ(refusal(mul_op, ElementType::s32, scaled, scaled), "wrong-quantization");
  EXPECT_EQ(refusal(mul_op, ElementType::boolean, {}, {}), "wrong-type");
  EXPECT_EQ(refusal(div_op, ElementType::s16, scaled, scaled), "wrong-type");
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, scaled, {{"output_scale", 0.0}}),
            "wrong-attribute");
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, scaled, {{"output_scale", 1e-50}}),
            "wrong-attribute");
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, scaled, {{"output_zero_point", int64_t{300}}}),
            "wrong-attribute");
  EXPECT_EQ(refusal(mul_op, ElementType::s8, scaled, scaled, {{"output_scale", 1e-30}}),
            "wrong-quantization");
  EXPECT_EQ(refusal(mul_op, ElementType::s64, {}, {}, {{"activation", std::string("relu")}}),
            "wrong-activation");
  EXPECT_EQ(refusal(minimum_op, ElementType::s8, scaled, per_tensor(0.2f, 0)),
            "wrong-quantization");
  EXPECT_EQ(refusal(floor_div_op, ElementType::s8, scaled, scaled), "wrong-quantization");
  EXPECT_EQ(refusal(bitwise_and_op, ElementType::f32, {}, {}), "wrong-type");
  EXPECT_EQ(refusal(logical_and_op, ElementType::s8, {}, {}), "wrong-type");
}

}  // namespace
}  // namespace mote
