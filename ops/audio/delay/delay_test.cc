// SPDX-License-Identifier: Apache-2.0
// delay: against a shifted recording.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(Delay, IsTheRecordingLater) {
  Numbers numbers;
  for (int length : {1, 3, 4, 9, 20}) {
    OneNode one = OneNode::make<int16_t>({4});
    one.add(delay_op, {{"length", int64_t(length)}});
    const auto x = numbers.many<int16_t>(40, -32768, 32767);
    std::vector<int16_t> expected(size_t(length), 0);
    expected.insert(expected.end(), x.begin(), x.end() - length);
    EXPECT_EQ(outputs_of<int16_t>(one, x), expected) << length;
    expect_resumes(one, x);
  }
}

TEST(Delay, RefusesNoDelayAndOtherTypes) {
  OneNode one = OneNode::make<int16_t>({4});
  EXPECT_EQ(code_of_failure([&] {
              one.add(delay_op, {{"length", int64_t(0)}});
            }),
            "wrong-attribute");
  OneNode real = OneNode::make<float>({4});
  EXPECT_EQ(code_of_failure([&] { real.add(delay_op, {{"length", int64_t(1)}}); }), "wrong-type");
}

}  // namespace
}  // namespace mote
