// SPDX-License-Identifier: Apache-2.0
// window: the formula in 64 bits, saturation included.
#include <algorithm>

#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(Window, WeighsEveryRow) {
  Numbers numbers;
  for (int shift : {0, 7, 12, 31}) {
    OneNode one = OneNode::make<int16_t>({3, 5});
    const auto weights = numbers.many<int16_t>(5, -32768, 32767);
    const ValueId w = one.constant("w", {5}, weights);
    one.add(window_op, {{"shift", int64_t(shift)}}, {w});
    const auto x = numbers.many<int16_t>(15, -32768, 32767);
    const auto y = outputs_of<int16_t>(one, x);
    for (size_t i = 0; i < 15; ++i) {
      const int64_t product = (int64_t(x[i]) * weights[i % 5]) >> shift;
      EXPECT_EQ(y[i], std::clamp<int64_t>(product, -32768, 32767));
    }
  }
}

TEST(Window, RefusesWeightsOfAnotherLength) {
  OneNode one = OneNode::make<int16_t>({4});
  const ValueId w = one.constant("w", {3}, std::vector<int16_t>(3));
  EXPECT_EQ(code_of_failure([&] {
              one.add(window_op, {{"shift", int64_t(12)}}, {w});
            }),
            "wrong-shape");
}

}  // namespace
}  // namespace mote
