// SPDX-License-Identifier: Apache-2.0
// fixed_point.h against gemmlowp's formulas as they are written.
#include "core/fixed_point.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace mote {
namespace {

constexpr uint32_t kSeed = 31;

// gemmlowp/fixedpoint/fixedpoint.h: SaturatingRoundingDoublingHighMul.
int32_t as_gemmlowp(int32_t a, int32_t b) {
  if (a == b && a == INT32_MIN) return INT32_MAX;
  const int64_t product = int64_t(a) * int64_t(b);
  const int64_t nudge = product >= 0 ? (int64_t(1) << 30) : 1 - (int64_t(1) << 30);
  return int32_t((product + nudge) / (int64_t(1) << 31));
}

TEST(FixedPoint, HighMulOfEdges) {
  std::vector<int32_t> edges;
  for (int shift = 0; shift < 32; ++shift)
    for (int64_t near = -2; near <= 2; ++near)
      for (const int64_t sign : {-1, 1}) {
        const int64_t number = sign * ((int64_t(1) << shift) + near);
        if (number >= INT32_MIN && number <= INT32_MAX) edges.push_back(int32_t(number));
      }
  for (int32_t a : edges)
    for (int32_t b : edges)
      ASSERT_EQ(saturating_rounding_doubling_high_mul(a, b), as_gemmlowp(a, b)) << a << " " << b;
}

// Half of the products are odd multiples of 2^30: ties.
TEST(FixedPoint, HighMulOfRandomNumbersAndTies) {
  std::mt19937 random(kSeed);
  for (int i = 0; i < 2000000; ++i) {
    auto a = int32_t(random()), b = int32_t(random());
    if (i % 2 == 0) a = int32_t(random() | 1u) << 15, b = int32_t((random() & 0xFFFF) | 1u) << 15;
    ASSERT_EQ(saturating_rounding_doubling_high_mul(a, b), as_gemmlowp(a, b))
        << a << " " << b << ", seed " << kSeed;
  }
}

}  // namespace
}  // namespace mote
