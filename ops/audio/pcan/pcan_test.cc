// SPDX-License-Identifier: Apache-2.0
// pcan: every octave of the table is reached and none beyond it; the compression's formula.
#include "ops/audio/pcan/pcan.h"

#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(Pcan, LooksUpEveryOctave) {
  std::vector<int16_t> table(kPcanTableSize, 0);
  for (int i = 0; i < kPcanTableSize; ++i) table[size_t(i)] = int16_t(i + 1);
  EXPECT_EQ(pcan_gain(0, table.data()), 1);
  EXPECT_EQ(pcan_gain(2, table.data()), 3);
  for (int bits = 3; bits <= 32; ++bits)  // exact powers of two have fraction 0: c0
    EXPECT_EQ(pcan_gain(1u << (bits - 1), table.data()), 4 * bits - 6 + 1);
  EXPECT_NE(pcan_gain(UINT32_MAX, table.data()), 0);
}

TEST(Pcan, ShrinksAsItsFormula) {
  for (uint32_t x = 0; x < (1u << 16); ++x) {
    const double real = x / 4096.0, shrunk = real < 2 ? real * real / 4 : real - 1;
    ASSERT_NEAR(pcan_shrink(x) / 64.0, shrunk, 1.01 / 64) << x;
  }
}

TEST(Pcan, RefusesAShortTable) {
  OneNode one = OneNode::make<uint32_t>({1});
  const ValueId noise = one.constant("noise", {1}, std::vector<uint32_t>{1});
  const ValueId table = one.constant("table", {124}, std::vector<int16_t>(124));
  EXPECT_EQ(code_of_failure([&] {
              one.add(pcan_op, {{"snr_shift", int64_t(6)}}, {noise, table});
            }),
            "wrong-table");
}

}  // namespace
}  // namespace mote
