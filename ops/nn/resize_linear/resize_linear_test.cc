// SPDX-License-Identifier: Apache-2.0
// resize_nearest, resize_linear, resize_cubic: coordinates and weights against the formulas of ONNX
// Resize in double precision. The rules of TFLM are held to TFLM itself (tests/conformance).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

using List = std::vector<int64_t>;

double place_of(const std::string& coordinates, double x, double in, double out, double scale) {
  if (coordinates == "asymmetric") return x / scale;
  if (coordinates == "align_corners") return out == 1 ? 0 : x * (in - 1) / (out - 1);
  if (coordinates == "pytorch_half_pixel" && out == 1) return 0;
  if (coordinates == "half_pixel_symmetric")
    return in / 2 * (1 - out / (scale * in)) + (x + 0.5) / scale - 0.5;
  return (x + 0.5) / scale - 0.5;
}

constexpr const char* kCoordinates[] = {"asymmetric", "align_corners", "half_pixel",
                                        "pytorch_half_pixel", "half_pixel_symmetric"};

// A list of `in` numbers resized to `out`, by what `at` says of each place.
template <class At>
void expect_resized(const OpDef& op, Attributes more, At at) {
  Numbers numbers;
  for (const char* coordinates : kCoordinates)
    for (int in = 1; in < 9; ++in)
      for (int out = 1; out < 20; ++out) {
        // Not the ratio of the sizes, as where a file gives the scale.
        const double scale = (out + 0.5) / in;
        OneNode one = OneNode::make<float>({1, in, 2});
        Attributes attributes = {{"size", List{1, out, 2}},
                                 {"coordinates", std::string(coordinates)},
                                 {"scales", std::vector<double>{1, scale, 1}}};
        attributes.insert(more.begin(), more.end());
        one.add(op, attributes);
        const std::vector<float> x = numbers.reals(2 * in, -1, 1);
        const std::vector<float> y = one.run<float>(x);
        for (int i = 0; i < 2 * out; ++i) {
          const double place = place_of(coordinates, i / 2, in, out, double(float(scale)));
          const auto number = [&](int n) { return double(x[size_t(2 * n + i % 2)]); };
          ASSERT_NEAR(y[size_t(i)], at(place, in, number), 2e-5)
              << coordinates << " " << in << " " << out << " " << i;
        }
      }
}

TEST(ResizeLinear, IsLinearBetweenNeighbours) {
  expect_resized(resize_linear_op, {}, [](double place, int in, auto number) {
    const double inside = std::clamp(place, 0.0, double(in - 1));
    const int lower = int(inside), upper = std::min(lower + 1, in - 1);
    return number(lower) * (1 - (inside - lower)) + number(upper) * (inside - lower);
  });
}

double cubic(double a, double t) {
  t = std::abs(t);
  if (t <= 1) return (a + 2) * t * t * t - (a + 3) * t * t + 1;
  return t < 2 ? a * t * t * t - 5 * a * t * t + 8 * a * t - 4 * a : 0;
}

TEST(ResizeCubic, IsKeysKernel) {
  for (const auto& [a, excludes] : {std::pair(-0.75, 0), {-0.5, 0}, {-0.5, 1}})
    expect_resized(resize_cubic_op, {{"a", a}, {"exclude_outside", int64_t(excludes)}},
                   [a = a, excludes = excludes](double place, int in, auto number) {
                     double sum = 0, weights = 0;
                     for (int k = int(std::floor(place)) - 1; k <= int(std::floor(place)) + 2;
                          ++k) {
                       const bool outside = k < 0 || k >= in;
                       const double w = outside && excludes ? 0 : cubic(a, place - k);
                       sum += w * number(std::clamp(k, 0, in - 1));
                       weights += w;
                     }
                     return excludes ? sum / weights : sum;
                   });
}

double nearest(const std::string& mode, double place) {
  if (mode == "floor") return std::floor(place);
  if (mode == "ceil") return std::ceil(place);
  return mode == "round_prefer_floor" ? std::ceil(place - 0.5) : std::floor(place + 0.5);
}

// Doubling and halving: every place is a multiple of 1/4, so ties are exact.
TEST(ResizeNearest, TiesAreTheModes) {
  for (const char* mode : {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"})
    for (const char* coordinates : {"asymmetric", "half_pixel", "align_corners"})
      for (const auto& [in, out] : {std::pair(5, 10), {8, 4}, {3, 5}, {5, 3}, {4, 4}}) {
        OneNode one = OneNode::make<int16_t>({in, 1});
        one.add(resize_nearest_op, {{"size", List{out, 1}},
                                    {"coordinates", std::string(coordinates)},
                                    {"nearest", std::string(mode)}});
        if ((in == 3 || in == 5) && (out == 5 || out == 3) && coordinates[1] != 'l') continue;
        const std::vector<int16_t> y = one.run<int16_t>(counted<int16_t>({in}));
        for (int i = 0; i < out; ++i) {
          const double place = place_of(coordinates, i, in, out, double(out) / in);
          const double expected = in == out ? i : std::clamp(nearest(mode, place), 0.0, in - 1.0);
          EXPECT_EQ(y[size_t(i)], int(expected))
              << mode << " " << coordinates << " " << in << " " << out << " " << i;
        }
      }
}

TEST(ResizeNearest, ResizesAnyDimensions) {
  const Shape from{2, 3, 2, 2}, to{4, 3, 6, 4};
  expect_moved<int8_t>(resize_nearest_op, {{"size", as_list(to)}}, from, to, [&](Place place) {
    for (size_t d = 0; d < place.size(); ++d) place[d] = place[d] * from[d] / to[d];
    return place;
  });
}

TEST(ResizeLinear, TwoDimensionsAreOneAfterTheOther) {
  Numbers numbers;
  for (const OpDef* op : {&resize_linear_op, &resize_cubic_op}) {
    const std::vector<float> x = numbers.reals(2 * 3 * 4 * 2, -1, 1);
    const Attribute half = std::string("half_pixel");
    OneNode both = OneNode::make<float>({2, 3, 4, 2});
    both.add(*op, {{"size", List{2, 7, 5, 2}}, {"coordinates", half}});
    OneNode rows = OneNode::make<float>({2, 3, 4, 2});
    rows.add(*op, {{"size", List{2, 7, 4, 2}}, {"coordinates", half}});
    OneNode columns = OneNode::make<float>({2, 7, 4, 2});
    columns.add(*op, {{"size", List{2, 7, 5, 2}}, {"coordinates", half}});
    const std::vector<float> y = both.run<float>(x);
    const std::vector<float> z = columns.run<float>(rows.run<float>(x));
    ASSERT_EQ(y.size(), z.size());
    for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], z[i], 1e-5);
  }
}

TEST(ResizeLinear, OtherCoordinatesInInt8AreRoundedOnce) {
  OneNode one = OneNode::make<int8_t>({1, 4, 1}, per_tensor(1, 0));
  one.add(resize_linear_op,
          {{"size", List{1, 7, 1}}, {"coordinates", std::string("half_pixel_symmetric")}});
  const std::vector<int8_t> x{-128, 127, 0, 64};
  const std::vector<int8_t> y = one.run<int8_t>(x);
  for (int i = 0; i < 7; ++i) {
    const double place = std::clamp(place_of("half_pixel", i, 4, 7, 7.0 / 4), 0.0, 3.0);
    const int lower = int(place), upper = std::min(lower + 1, 3);
    const double real =
        x[size_t(lower)] * (1 - (place - lower)) + x[size_t(upper)] * (place - lower);
    EXPECT_NEAR(y[size_t(i)], real, 0.5 + 255.0 / 2048);
  }
}

TEST(ResizeLinear, Refusals) {
  const auto code = [](const OpDef& op, const Attributes& attributes) {
    OneNode one = OneNode::make<float>({1, 4, 4, 1});
    return code_of_failure([&] { one.add(op, attributes); });
  };
  const Attribute size = List{1, 8, 8, 1};
  EXPECT_EQ(code(resize_linear_op, {{"size", size}}), "");
  EXPECT_EQ(code(resize_linear_op, {{"size", List{2, 8, 8, 1}}}), "wrong-shape");
  EXPECT_EQ(code(resize_linear_op, {{"size", List{1, 8, 0, 1}}}), "wrong-shape");
  EXPECT_EQ(code(resize_linear_op, {{"size", List{1, INT64_MAX, 8, 1}}}), "wrong-shape");
  EXPECT_EQ(code(resize_linear_op, {{"size", List{8, 8}}}), "wrong-attribute");
  EXPECT_EQ(code(resize_linear_op, {{"size", size}, {"coordinates", std::string("x")}}),
            "wrong-attribute");
  for (double scale : {0.0, -1.0, std::nan(""), 1e300})
    EXPECT_EQ(
        code(resize_linear_op, {{"size", size}, {"scales", std::vector<double>{1, scale, 2, 1}}}),
        "wrong-attribute");
  EXPECT_EQ(code(resize_nearest_op, {{"size", size}, {"nearest", std::string("round")}}),
            "wrong-attribute");
  EXPECT_EQ(code(resize_cubic_op, {{"size", size}, {"a", std::nan("")}}), "wrong-attribute");
}

}  // namespace
}  // namespace mote
