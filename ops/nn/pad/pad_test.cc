// SPDX-License-Identifier: Apache-2.0
// pad: every mode against the words that define it; values at a scale; borders that cut.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

using List = std::vector<int64_t>;

// The list with its borders, mode by mode, step by step: each new number from those that are there.
std::vector<int64_t> bordered(const std::string& mode, const std::vector<int64_t>& x, int before,
                              int after) {
  const int n = int(x.size());
  std::vector<int64_t> y;
  for (int i = -before; i < n + after; ++i) {
    int at = i;
    while (at < 0 || at >= n) {
      if (mode == "edge") at = at < 0 ? 0 : n - 1;
      if (mode == "wrap") at += at < 0 ? n : -n;
      if (mode == "symmetric") at = at < 0 ? -1 - at : 2 * n - 1 - at;
      if (mode == "reflect") at = n == 1 ? 0 : at < 0 ? -at : 2 * n - 2 - at;
    }
    y.push_back(x[size_t(at)]);
  }
  return y;
}

TEST(Pad, MirrorsAndRepeats) {
  for (const char* mode : {"edge", "wrap", "symmetric", "reflect"})
    for (int n = 1; n < 6; ++n)
      for (int before = 0; before < 9; ++before)
        for (int after = 0; after < 9; ++after) {
          OneNode one = OneNode::make<int64_t>({n});
          one.add(pad_op,
                  {{"before", List{before}}, {"after", List{after}}, {"mode", std::string(mode)}});
          const std::vector<int64_t> x = counted<int64_t>({n});
          ASSERT_EQ(one.run<int64_t>(x), bordered(mode, x, before, after))
              << mode << " " << n << " " << before << " " << after;
        }
}

template <class T>
void expect_padded(Numbers& numbers) {
  Shape shape = random_dims(numbers, numbers.integer(1, 5));
  List before, after;
  Shape wanted;
  for (int32_t extent : shape) {
    before.push_back(numbers.integer(-(extent - 1) / 2, 3));
    after.push_back(numbers.integer(-(extent - 1) / 2, 3));
    wanted.push_back(int32_t(extent + before.back() + after.back()));
  }
  OneNode one = OneNode::make<T>(shape);
  one.add(pad_op, {{"before", before}, {"after", after}, {"value", 7.0}});
  ASSERT_EQ(one.output().shape, wanted);
  const std::vector<T> x = counted<T>(shape);
  std::vector<T> expected;
  for (Place place : places_of(wanted)) {
    bool inside = true;
    for (size_t d = 0; d < place.size(); ++d) {
      place[d] -= int32_t(before[d]);
      inside = inside && place[d] >= 0 && place[d] < shape[d];
    }
    expected.push_back(inside ? x[index_of(shape, place)] : T(7));
  }
  ASSERT_EQ(one.run<T>(x), expected);
}

TEST(Pad, PutsTheInputInsideAndCutsNegativeBorders) {
  Numbers numbers;
  for (int n = 0; n < 200; ++n) {
    expect_padded<int8_t>(numbers);
    expect_padded<int16_t>(numbers);
    expect_padded<float>(numbers);
    expect_padded<int64_t>(numbers);
  }
}

int32_t border_of(const Quantization& q, double value) {
  OneNode one = OneNode::make<int8_t>({1}, q);
  one.add(pad_op, {{"before", List{1}}, {"after", List{0}}, {"value", value}});
  return one.run<int8_t>(std::vector<int8_t>{1})[0];
}

TEST(Pad, ValueIsRealAtTheScale) {
  EXPECT_EQ(border_of(per_tensor(0.5f, 3), 0), 3);
  EXPECT_EQ(border_of(per_tensor(0.5f, 3), 1), 5);
  EXPECT_EQ(border_of(per_tensor(0.5f, 3), 1000), 127);
  EXPECT_EQ(border_of(per_tensor(0.5f, 3), -1e30), -128);
  EXPECT_EQ(border_of({}, -9), -9);
}

TEST(Pad, FloatsPadWithInfinity) {
  OneNode one = OneNode::make<float>({1});
  const double low = -std::numeric_limits<double>::infinity();
  one.add(pad_op, {{"before", List{1}}, {"after", List{0}}, {"value", low}});
  EXPECT_TRUE(std::isinf(one.run<float>(std::vector<float>{1})[0]));
}

TEST(Pad, Refusals) {
  const auto code = [](const Attributes& attributes) {
    OneNode one = OneNode::make<int8_t>({3});
    return code_of_failure([&] { one.add(pad_op, attributes); });
  };
  const auto borders = [](int64_t before, int64_t after) {
    return Attributes{{"before", List{before}}, {"after", List{after}}};
  };
  EXPECT_EQ(code(borders(-1, -1)), "");
  EXPECT_EQ(code(borders(-2, -1)), "wrong-attribute");
  EXPECT_EQ(code(borders(-3, 0)), "wrong-attribute");
  EXPECT_EQ(code(borders(INT64_MIN, 0)), "wrong-attribute");
  EXPECT_EQ(code(borders(INT64_MAX, INT64_MAX)), "wrong-attribute");
  EXPECT_EQ(code(borders(INT32_MAX, INT32_MAX)), "wrong-shape");
  Attributes unknown = borders(1, 1);
  unknown["mode"] = std::string("mirror");
  EXPECT_EQ(code(unknown), "wrong-attribute");
  Attributes infinite = borders(1, 1);
  infinite["value"] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(code(infinite), "wrong-attribute");
}

}  // namespace
}  // namespace mote
