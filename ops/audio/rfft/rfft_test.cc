// SPDX-License-Identifier: Apache-2.0
// rfft and irfft: against the transform in double precision, for every kind of length; there and
// back.
#include <cmath>

#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

constexpr int kLengths[] = {4, 6, 8, 10, 16, 18, 24, 30, 50, 60, 64, 90, 128, 240, 250, 512};

std::vector<double> spectrum(const std::vector<double>& x, int n) {
  std::vector<double> bins;
  for (int k = 0; k <= n / 2; ++k) {
    double re = 0, im = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      re += x[i] * std::cos(2 * M_PI * k * double(i) / n);
      im -= x[i] * std::sin(2 * M_PI * k * double(i) / n);
    }
    bins.insert(bins.end(), {re, im});
  }
  return bins;
}

// `unit`: the weight of an output; `error` in output units.
template <class T>
void expect_spectrum(double largest, double error, bool divided) {
  Numbers numbers;
  for (int n : kLengths) {
    const int given = n - n / 4;  // zeros follow
    OneNode one = OneNode::make<T>({given});
    one.add(rfft_op, {{"length", int64_t(n)}});
    std::vector<T> x;
    for (int i = 0; i < given; ++i) x.push_back(T(double(numbers.real(-1, 1)) * largest));
    const auto y = outputs_of<T>(one, x);
    const auto expected = spectrum({x.begin(), x.end()}, n);
    for (size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(double(y[i]), expected[i] / (divided ? n : 1), error) << n << " number " << i;
  }
}

TEST(Rfft, IsTheSpectrumDividedByItsLength) {
  expect_spectrum<int16_t>(32767, 8, true);
  expect_spectrum<int32_t>(2147483647, 12, true);
  expect_spectrum<float>(1, 2e-4, false);
}

TEST(Rfft, RefusesLengthsOfOtherFactors) {
  for (int64_t length : {2, 7, 14, 22, 15, 65538}) {
    OneNode one = OneNode::make<int16_t>({2});
    EXPECT_EQ(code_of_failure([&] {
                one.add(rfft_op, {{"length", length}});
              }),
              "wrong-attribute")
        << length;
  }
  OneNode one = OneNode::make<int16_t>({9});
  EXPECT_EQ(code_of_failure([&] {
              one.add(rfft_op, {{"length", int64_t(8)}});
            }),
            "wrong-attribute");
}

TEST(Irfft, BringsFloatsBack) {
  Numbers numbers;
  for (int n : kLengths) {
    OneNode there = OneNode::make<float>({n}), back = OneNode::make<float>({n + 2});
    there.add(rfft_op, {{"length", int64_t(n)}});
    back.add(irfft_op);
    const auto x = numbers.reals(n, -1, 1);
    const auto y = outputs_of<float>(back, outputs_of<float>(there, x));
    for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(y[i], x[i], 1e-5) << n;
  }
}

TEST(Irfft, DividesFixedPointByItsLength) {
  OneNode one = OneNode::make<int16_t>({18});
  one.add(irfft_op);
  std::vector<int16_t> bins(18, 0);
  bins[0] = 16384;  // a constant of 16384 / 16
  for (int16_t sample : outputs_of<int16_t>(one, bins)) EXPECT_NEAR(sample, 1024, 2);
}

}  // namespace
}  // namespace mote
