// SPDX-License-Identifier: Apache-2.0
// standardize against its formula in double precision, for every pair of types.
#include "ops/nn/standardize/standardize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

struct Statistics {
  std::vector<float> mean, inv_std;
};

template <class T>
OneNode make_node(const Shape& shape, float scale, const Statistics& s, const std::string& output) {
  OneNode one = OneNode::make<T>(shape, scale == 1 ? Quantization{} : per_tensor(scale, 0));
  const Shape table{int32_t(s.mean.size())};
  one.add(standardize_op, {{"output", output}},
          {one.constant("mean", table, s.mean), one.constant("inv_std", table, s.inv_std)});
  return one;
}

template <class T>
double exact(T x, float scale, const Statistics& s, size_t i) {
  const size_t j = i % s.mean.size();
  return (double(x) * scale - s.mean[j]) * s.inv_std[j];
}

// int8: within half a step of the exact value, and half of what `offset_unit` (the unit that the
// mean is rounded to, of the input's) is in steps, saturated.
template <class T>
void expect_s8(const std::vector<T>& x, float scale, const Statistics& s, double offset_unit) {
  const OneNode one = make_node<T>({int32_t(x.size())}, scale, s, "s8");
  EXPECT_EQ(one.output().quantization, per_tensor(4.0f / 128, 0));
  const auto q = one.run<int8_t>(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = std::clamp(exact(x[i], scale, s, i) * 32, -128.0, 127.0);
    const double step = scale * s.inv_std[i % s.mean.size()] * 32 * offset_unit;
    ASSERT_LE(std::fabs(q[i] - want), 0.5001 + step / 2)
        << "element " << i << " x " << double(x[i]);
  }
}

template <class T>
void expect_f32(const std::vector<T>& x, float scale, const Statistics& s) {
  const auto y = make_node<T>({2, int32_t(x.size()) / 2}, scale, s, "f32").template run<float>(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = std::clamp(exact(x[i], scale, s, i), -4.0, 3.96875);
    const double size = std::fabs(double(x[i]) * scale * s.inv_std[i % s.mean.size()]);
    ASSERT_NEAR(y[i], want, 3e-7 * (size + 4)) << "element " << i;
  }
}

Statistics random_statistics(Numbers& numbers, float magnitude) {
  Statistics s;
  for (int32_t j = 0; j < 7; ++j) {
    s.mean.push_back(numbers.real(-magnitude, magnitude));
    s.inv_std.push_back(numbers.real(1, 20) / magnitude);
  }
  return s;
}

TEST(Standardize, FixedPointFeatures) {
  Numbers numbers;
  for (const float magnitude : {0.1f, 1.0f, 300.0f, 30000.0f}) {
    const Statistics s = random_statistics(numbers, magnitude);
    const auto peak = int32_t(std::fmin(magnitude * 65536.0 * 2, 2147483520.0));
    const auto x = numbers.many<int32_t>(700, -peak, peak);
    expect_s8(x, 1.0f / 65536, s, 1.0);
    expect_f32(x, 1.0f / 65536, s);
  }
}

TEST(Standardize, Counts) {
  Numbers numbers;
  for (const float magnitude : {3.0f, 100.0f, 32000.0f}) {
    const Statistics s = random_statistics(numbers, magnitude);
    const auto peak = int32_t(std::fmin(magnitude * 2, 32767));
    const auto x = numbers.many<int16_t>(700, -peak - 1, peak);
    expect_s8(x, 1.0f, s, 1.0 / 32768);
    expect_f32(x, 1.0f, s);
  }
}

TEST(Standardize, FloatFeatures) {
  Numbers numbers;
  for (const float magnitude : {1e-3f, 1.0f, 1e6f}) {
    const Statistics s = random_statistics(numbers, magnitude);
    const auto x = numbers.reals(700, -2 * magnitude, 2 * magnitude);
    expect_s8(x, 1.0f, s, 0.0);
    expect_f32(x, 1.0f, s);
  }
}

// The mean of coarse counts lies between two of them; rounding it to a count would move every
// feature.
TEST(Standardize, MeanBetweenTwoCountsIsKept) {
  const Statistics s{{0.5f}, {1.0f}};
  EXPECT_EQ(make_node<int16_t>({2}, 1, s, "s8").run<int8_t>(std::vector<int16_t>{0, 1}),
            (std::vector<int8_t>{-16, 16}));
}

TEST(Standardize, HalvesGoUp) {
  const Statistics s{{0.0f}, {1.0f}};  // one step is 1/32 = 2048 units of 2^-16
  const std::vector<int32_t> x{1023, 1024, 3 * 1024, -1024, -1025, -3 * 1024};
  EXPECT_EQ(make_node<int32_t>({6}, 1.0f / 65536, s, "s8").run<int8_t>(x),
            (std::vector<int8_t>{0, 1, 2, 0, -1, -1}));
}

TEST(Standardize, ExtremesSaturate) {
  const Statistics s{{-30000.0f, 30000.0f, 0.0f, 0.0f}, {1e30f, 1e30f, 1e-30f, 0.0f}};
  const std::vector<int32_t> x{INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN};
  EXPECT_EQ(make_node<int32_t>({4}, 1.0f / 65536, s, "s8").run<int8_t>(x),
            (std::vector<int8_t>{127, -128, 0, 0}));
  EXPECT_EQ(standardize_to_s8(INT32_MAX, INT32_MIN, 1 << 30, 62), 1);
  EXPECT_EQ(standardize_to_s8(INT32_MIN, INT32_MAX, 1 << 30, 62), -1);
  EXPECT_EQ(standardize_to_s8(INT32_MAX, INT32_MIN, 1 << 30, 0), 127);
}

template <class T>
std::vector<T> ramp() {
  std::vector<T> x;
  for (int i = 0; i < 60; ++i) x.push_back(T(37 * i - 1000));
  return x;
}

// standardize_s16_f32 goes backward: its wider output may begin where its input does.
TEST(Standardize, InPlaceGivesTheSame) {
  const std::vector<float> mean{100, -30, 5}, inv_std{0.01f, 0.02f, 0.005f};
  const StandardizeF32Params p{60, 3, 1, -4, 3.96875f};
  std::vector<float> apart(60), shared(60);
  const auto x = ramp<int16_t>();
  standardize_s16_f32(p, x.data(), mean.data(), inv_std.data(), apart.data());
  std::memcpy(shared.data(), x.data(), x.size() * sizeof x[0]);
  standardize_s16_f32(p, reinterpret_cast<int16_t*>(shared.data()), mean.data(), inv_std.data(),
                      shared.data());
  EXPECT_EQ(apart, shared);

  const std::vector<int32_t> offsets{100, -30, 5}, multipliers{1 << 29, 1 << 29, 1 << 28},
      shifts{33, 34, 30};
  const StandardizeParams q{60, 3, 0};
  auto y = ramp<int32_t>();
  std::vector<int8_t> bytes(60);
  standardize_s32_s8(q, y.data(), offsets.data(), multipliers.data(), shifts.data(), bytes.data());
  auto* over = reinterpret_cast<int8_t*>(y.data());
  standardize_s32_s8(q, y.data(), offsets.data(), multipliers.data(), shifts.data(), over);
  EXPECT_EQ(std::memcmp(bytes.data(), over, 60), 0);
}

TEST(Standardize, Refusals) {
  const Statistics s{{0, 0, 0}, {1, 1, 1}};
  EXPECT_EQ(code_of_failure([&] { make_node<int32_t>({4}, 1, s, "s8"); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([&] { make_node<int32_t>({3}, 1, s, "s16"); }), "wrong-attribute");
  EXPECT_EQ(code_of_failure([&] { make_node<int8_t>({3}, 1, s, "s8"); }), "wrong-type");
  EXPECT_EQ(code_of_failure([&] {
              make_node<int32_t>({3}, 1, {{0, 0, 0}, {1, -1, 1}}, "s8");
            }),
            "wrong-statistics");
  EXPECT_EQ(code_of_failure([&] {
              make_node<int32_t>({3}, 1, {{0, 0, 0}, {1, INFINITY, 1}}, "s8");
            }),
            "wrong-statistics");
}

}  // namespace
}  // namespace mote
