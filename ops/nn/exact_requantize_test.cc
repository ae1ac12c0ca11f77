// SPDX-License-Identifier: Apache-2.0
// find_exact_requantize: at every sum of random channels the same output as TFLM's two roundings,
// and how often it finds numbers.
#include "ops/nn/exact_requantize.h"

#include <gtest/gtest.h>

#include "core/simd_dsp.h"
#include "graph/quantizer.h"
#include "ops/nn/folded_output.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

int32_t expected(int64_t sum, const QuantizedMultiplier& m, int32_t zero_point) {
  const int64_t y = multiply_by_quantized_multiplier(int32_t(sum), m.multiplier, m.shift);
  return int32_t(std::clamp<int64_t>(y + zero_point, -128, 127));
}

// A channel whose sums reach `times` the range of outputs.
struct RandomChannel {
  QuantizedMultiplier m;
  SumRange sums;

  RandomChannel(Numbers& numbers, int32_t bits) {
    m.multiplier = numbers.integer(1 << 30, INT32_MAX);
    m.shift = -numbers.integer(4, 12);
    const int64_t reach = std::min<int64_t>(int64_t(1) << bits, (int64_t(1) << 23) - 9);
    sums = {-numbers.integer(1, int32_t(reach)), numbers.integer(1, int32_t(reach))};
  }
};

class ExactRequantizeSearch : public testing::Test {
 protected:
  // Whether it was found.
  bool expect_equal_everywhere(const RandomChannel& channel, int32_t zero_point) {
    const auto found = find_exact_requantize({{channel.m.multiplier}, {channel.m.shift}},
                                             {&channel.sums, 1}, zero_point);
    if (!found) return false;
    const bool signs = !found->negatives.empty();
    const int32_t numbers[] = {found->multipliers[0], signs ? found->negatives[0] : 0};
    const Packed<int> p{0, found->shift, found->offsets[0], 0, 0};
    const auto output = [&](int64_t sum) {
      const int32_t* at = numbers;
      const int32_t a = int32_t(256 * sum) + found->biases[0];
      return signs ? ExactOutput<true, 0>(p).output(a, at)
                   : ExactOutput<false, 0>(p).output(a, at);
    };
    for (int64_t sum = channel.sums.least; sum <= channel.sums.most; ++sum)
      if (output(sum) != expected(sum, channel.m, zero_point)) {
        ADD_FAILURE() << "sum " << sum << ", multiplier " << channel.m.multiplier << ", shift "
                      << channel.m.shift << ", zero point " << zero_point;
        break;
      }
    return true;
  }

  Numbers numbers_{4711};
};

TEST_F(ExactRequantizeSearch, BehindRelu) {
  int found = 0;
  for (int i = 0; i < 200; ++i)
    found += expect_equal_everywhere(RandomChannel(numbers_, numbers_.integer(8, 18)), -128);
  EXPECT_GE(found, 198);
}

TEST_F(ExactRequantizeSearch, AtAnyZeroPoint) {
  int found = 0;
  for (int i = 0; i < 200; ++i)
    found += expect_equal_everywhere(RandomChannel(numbers_, numbers_.integer(8, 18)),
                                     numbers_.integer(-128, 127));
  EXPECT_GE(found, 190);
}

TEST_F(ExactRequantizeSearch, AtTheLargestSums) {
  for (int i = 0; i < 4; ++i)
    expect_equal_everywhere(RandomChannel(numbers_, 23), numbers_.integer(-128, 127));
}

TEST_F(ExactRequantizeSearch, LeavesLeftShiftsAlone) {
  const SumRange sums{-100, 100};
  EXPECT_FALSE(find_exact_requantize({{1 << 30}, {1}}, {&sums, 1}, 0));
}

}  // namespace
}  // namespace mote
