// SPDX-License-Identifier: Apache-2.0
// Models by hops: frames from a file and made up, the comparison with windows, and the wake word
// model of MLPerf Tiny over 120 hops.
#include "project/hop.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "compiler/passes/stream_over_time.h"
#include "compiler/passes/window_oracle.h"
#include "data/npy.h"
#include "graph/scratch_folder.h"
#include "ops/run_one_node.h"
#include "project/store.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// x [1, 7, 1, 2] -> convolution over three frames -> [1, 5, 1, 1] -> their mean.
Graph small() {
  testing_graphs::Random random(5);
  Graph graph;
  graph.name = "small";
  const ValueId x = graph.add_tensor_stream("x", ElementType::f32, {1, 7, 1, 2}, {});
  const ValueId w =
      graph.add_constant("w", ElementType::f32, {1, 3, 1, 2}, testing_graphs::reals(random, 6, 1));
  const ValueId y = graph.add_node(conv_2d_op, "conv", {x, w, -1});
  graph.outputs = {graph.add_node(mean_op, "mean", {y}, {{"axes", std::vector<int64_t>{1, 2}}})};
  return graph;
}

class Hop : public testing::Test {
 protected:
  ModelSamples frames(int64_t hop, const std::string& word) {
    by_hop_ = stream_over_time(window_, hop);
    return read_frames(window_, by_hop_, {word}, diagnostics_);
  }
  HopComparison compared(const ModelSamples& samples) {
    return compare_with_windows(window_, by_hop_, samples, answer(by_hop_, samples));
  }
  std::string file_of(int32_t frames) {
    const fs::path path = folder_.path() / "x.npy";
    Bytes numbers(size_t(frames) * 8);
    for (size_t i = 0; i < numbers.size(); i += 4) {
      const float number = float(i) / 16;
      std::memcpy(numbers.data() + i, &number, 4);
    }
    write_file(path, npy_bytes(ElementType::f32, {1, frames, 1, 2}, numbers));
    return path.string();
  }

  const Graph window_ = small();
  Graph by_hop_;
  ScratchFolder folder_;
  Diagnostics diagnostics_;
};

TEST_F(Hop, MadeUpFramesContinueFromWindowToWindow) {
  const ModelSamples by_one = frames(1, "prng:7");
  EXPECT_EQ(by_one.count, 14);
  const HopComparison one = compared(by_one);
  EXPECT_EQ(one.hop_frames, 1);
  EXPECT_EQ(one.window_frames, 7);
  EXPECT_EQ(one.windows, 8);
  EXPECT_EQ(one.differing, 0);
  const ModelSamples by_four = frames(4, "prng:7");  // no part of a window
  EXPECT_EQ(by_four.count, 4);
  EXPECT_TRUE(std::equal(by_one.bytes.begin(), by_one.bytes.end(), by_four.bytes.begin()));
  EXPECT_EQ(compared(by_four).windows, 3);
  EXPECT_EQ(compared(by_four).differing, 0);
  EXPECT_EQ(frames(3, "zero").bytes, Bytes(size_t(6 * 3 * 8), 0));
}

TEST_F(Hop, AFileHoldsFrames) {
  const ModelSamples samples = frames(2, file_of(10));
  EXPECT_EQ(samples.count, 5);
  const ModelAnswers answers = answer(by_hop_, samples);
  EXPECT_EQ(answers.outputs.size(), 2u);
  EXPECT_EQ(compared(samples).differing, 0);
  EXPECT_EQ(code_of_failure([&] { frames(2, file_of(9)); }), "wrong-input");
  EXPECT_EQ(code_of_failure([&] { frames(2, file_of(4)); }), "wrong-input");
}

TEST_F(Hop, AWrongAnswerIsCounted) {
  const ModelSamples samples = frames(1, "prng:7");
  ModelAnswers answers = answer(by_hop_, samples);
  answers.outputs[2][0] ^= 1;
  answers.outputs.pop_back();
  EXPECT_EQ(compare_with_windows(window_, by_hop_, samples, answers).differing, 2);
}

TEST_F(Hop, RunsAsEmittedCodeUnderSanitizers) {
  const ModelSamples samples = frames(2, "prng:7");
  const Compiled compiled = compile(by_hop_, {}, diagnostics_);
  const ModelRun run =
      run_model(compiled, "host", samples, folder_.path() / "work", {}, diagnostics_);
  EXPECT_TRUE(run.firmware.bit_exact) << run.firmware.difference;
  EXPECT_TRUE(run.firmware.self_test_passed);
  EXPECT_EQ(run.firmware.windows_verified, 5);
}

TEST(HopOfWakeWord, AnswersAsOnTheWholeWindowOver120Hops) {
  const char* data = std::getenv("MOTE_DATA");
  if (!data) GTEST_SKIP() << "MOTE_DATA is not set; it names the folder that holds models/tflite";
  Diagnostics diagnostics;
  const Graph window =
      load_model(fs::path(data) / "models/tflite/tiny__str_ww_ref_model.tflite", {}, diagnostics);
  for (int64_t hop : {1, 2, 7}) {
    const Graph by_hop = stream_over_time(window, hop);
    EXPECT_TRUE(window_oracle::answers_are_the_windows(window, by_hop, 30 / hop + 120 / hop, 11))
        << "by " << hop;
  }
}

}  // namespace
}  // namespace mote
