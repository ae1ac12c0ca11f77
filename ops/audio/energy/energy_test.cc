// SPDX-License-Identifier: Apache-2.0
// energy: the formula in 64 bits, the range of bins, and the loudest bin.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(Energy, SquaresTheBinsOfItsRange) {
  Numbers numbers;
  OneNode one = OneNode::make<int16_t>({2 * 9});
  one.add(energy_op, {{"start", int64_t(2)}, {"end", int64_t(7)}});
  std::vector<int16_t> x = numbers.many<int16_t>(18, -32768, 32767);
  x[6] = x[7] = -32768;
  const auto y = outputs_of<uint32_t>(one, x);
  for (int64_t i = 0; i < 9; ++i) {
    const int64_t re = x[size_t(2 * i)], im = x[size_t(2 * i + 1)];
    EXPECT_EQ(y[size_t(i)], i < 2 || i >= 7 ? 0 : re * re + im * im);
  }
}

TEST(Energy, RefusesBinsThatAreNotThere) {
  OneNode one = OneNode::make<int16_t>({8});
  for (int64_t end : {-1, 5})
    EXPECT_EQ(code_of_failure([&] {
                one.add(energy_op, {{"start", int64_t(0)}, {"end", end}});
              }),
              "wrong-attribute");
  OneNode odd = OneNode::make<int16_t>({7});
  EXPECT_EQ(code_of_failure([&] {
              odd.add(energy_op, {{"start", int64_t(0)}, {"end", int64_t(1)}});
            }),
            "wrong-shape");
}

}  // namespace
}  // namespace mote
