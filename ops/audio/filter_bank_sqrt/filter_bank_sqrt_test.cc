// SPDX-License-Identifier: Apache-2.0
// filter_bank_sqrt: s with s^2 - s < x <= s^2 + s for 64-bit numbers of all sizes, and its limits.
#include "ops/audio/filter_bank_sqrt/filter_bank_sqrt.h"

#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

__extension__ typedef unsigned __int128 Wide;

void expect_nearest(uint64_t x) {
  const uint64_t root = rounded_sqrt_u64(x);
  const uint64_t limit = x >> 32 ? 0xFFFFFFFFu : 0xFFFFu;
  ASSERT_LE(root, limit);
  ASSERT_TRUE(root == 0 || Wide(root) * root - root < x) << x;
  ASSERT_TRUE(root == limit || Wide(root) * root + root >= x) << x;
}

TEST(FilterBankSqrt, RoundsToTheNearestOfAllSizes) {
  Numbers numbers;
  for (int bits = 0; bits < 64; ++bits)
    for (int i = 0; i < 20000; ++i) {
      const uint64_t random = uint64_t(uint32_t(numbers.integer(INT32_MIN, INT32_MAX))) << 32 |
                              uint32_t(numbers.integer(INT32_MIN, INT32_MAX));
      expect_nearest(random >> bits);
    }
  for (uint64_t root : {1ull, 65534ull, 65535ull, 65536ull, 4294967294ull, 4294967295ull})
    for (uint64_t x = root * root - 3; x != root * root + 4; ++x) expect_nearest(x);
  expect_nearest(UINT64_MAX);
}

TEST(FilterBankSqrt, ShiftsDownByItsSecondInput) {
  OneNode one = OneNode::make<uint64_t>({2});
  const ValueId bits = one.constant("bits", {}, std::vector<int32_t>{3});
  one.add(filter_bank_sqrt_op, {}, {bits});
  EXPECT_EQ(outputs_of<uint32_t>(one, std::vector<uint64_t>{10000, uint64_t(1) << 62}),
            (std::vector<uint32_t>{12, 1u << 28}));
}

}  // namespace
}  // namespace mote
