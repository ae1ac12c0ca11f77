// SPDX-License-Identifier: Apache-2.0
// overlap_frames: frames of a recording, with and without zeros before it; not whole steps too.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

// What TFLM's ring of `room` samples hands on after step s: the oldest `size` samples in it.
std::vector<int16_t> expected_frames(const std::vector<int16_t>& x, int size, int step,
                                     bool prefill) {
  const int room = prefill ? size : (size + step - 1) / step * step;
  std::vector<int16_t> frames;
  for (int end = step; end <= int(x.size()); end += step)
    for (int i = end - room; i < end - room + size; ++i)
      frames.push_back(i < 0 || (!prefill && end < room) ? int16_t(0) : x[size_t(i)]);
  return frames;
}

TEST(OverlapFrames, CutsARecording) {
  Numbers numbers;
  for (bool prefill : {false, true})
    for (int size : {3, 5, 6, 11}) {
      OneNode one = OneNode::make<int16_t>({6});
      one.add(overlap_frames_op, {{"frame_size", int64_t(size)},
                                  {"frame_step", int64_t(3)},
                                  {"prefill", int64_t(prefill)}});
      const auto x = numbers.many<int16_t>(60, -32768, 32767);
      EXPECT_EQ(outputs_of<int16_t>(one, x), expected_frames(x, size, 3, prefill)) << size;
      const auto complete = outputs_of<uint8_t>(one, x, 1);
      EXPECT_EQ(complete.at(0), prefill || size == 3);
      EXPECT_EQ(complete.at(2), 1);
      expect_resumes(one, x);
    }
}

TEST(OverlapFrames, RefusesStepsThatDoNotFit) {
  OneNode one = OneNode::make<int16_t>({6});
  for (const auto& [size, step] : {std::pair{8, 4}, std::pair{2, 3}, std::pair{8, 0}})
    EXPECT_NE(code_of_failure([&, size = size, step = step] {
                one.add(overlap_frames_op,
                        {{"frame_size", int64_t(size)}, {"frame_step", int64_t(step)}});
              }),
              "");
}

}  // namespace
}  // namespace mote
