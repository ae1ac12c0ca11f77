// SPDX-License-Identifier: Apache-2.0
// filter_bank_log: against the logarithm in double precision.
#include <cmath>

#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

// TFLM's rule holds a chord's defect nearly constant over its segment: up to 224 / 2^16 of log2.
TEST(FilterBankLog, IsTheScaledLogarithm) {
  Numbers numbers;
  OneNode one = OneNode::make<uint32_t>({1});
  one.add(filter_bank_log_op, {{"output_scale", int64_t(1000)}, {"correction_bits", int64_t(2)}});
  std::vector<uint32_t> x{0, 1, 2, 3, (1u << 30) - 1};
  for (int i = 0; i < 30000; ++i)
    x.push_back(uint32_t(numbers.integer(1, INT32_MAX)) >> numbers.integer(1, 30));
  const auto y = outputs_of<int16_t>(one, x);
  for (size_t i = 0; i < x.size(); ++i)
    ASSERT_NEAR(y[i], x[i] == 0 ? 0 : 1000 * std::log(4.0 * x[i]), 2.9) << x[i];
}

TEST(FilterBankLog, StopsAtTheLargestInt16) {
  OneNode one = OneNode::make<uint32_t>({1});
  one.add(filter_bank_log_op, {{"output_scale", int64_t(6000)}, {"correction_bits", int64_t(0)}});
  EXPECT_EQ(outputs_of<int16_t>(one, std::vector<uint32_t>{10, 20000}).at(1), 32767);
}

}  // namespace
}  // namespace mote
