// SPDX-License-Identifier: Apache-2.0
// stream_over_time: every answer is the whole window's, byte for byte, of random networks; what is
// kept of a small one; what is refused, by name.
#include "compiler/passes/stream_over_time.h"

#include <gtest/gtest.h>

#include "compiler/passes/layout_oracle.h"
#include "compiler/passes/random_series.h"
#include "compiler/passes/window_oracle.h"

namespace mote {
namespace {

using layout_oracle::findings_of;
using random_series::Series;
using testing_graphs::pick;
using testing_graphs::Random;
using window_oracle::answers_are_the_windows;

// Seconds on a laptop: MOTE_SEED and MOTE_CASES choose others.
uint32_t chosen(const char* variable, uint32_t otherwise) {
  const char* given = std::getenv(variable);
  return given ? uint32_t(std::strtoul(given, nullptr, 10)) : otherwise;
}

TEST(StreamOverTime, RandomNetworksAnswerAsOnTheWholeWindow) {
  const uint32_t seed = chosen("MOTE_SEED", 1), cases = chosen("MOTE_CASES", 2000);
  std::cout << "seed " << seed << ", " << cases << " networks\n";
  std::map<std::string, int> refused;
  int streamed = 0;
  for (uint32_t n = 0; n < cases; ++n) {
    Series series(seed * 100000 + n);
    Random random(n);
    const int64_t hop =
        pick(random, 0, 4) ? series.stride * pick(random, 1, 3) : pick(random, 1, 3);
    Graph by_hop;
    const std::string code = code_of_failure([&] { by_hop = stream_over_time(series.graph, hop); });
    ++(code.empty() ? streamed : refused[code]);
    if (!code.empty()) continue;
    ASSERT_EQ(findings_of(by_hop), std::vector<std::string>{}) << "network " << n;
    const int64_t first = by_hop.value(by_hop.outputs[0]).clock.phase.num;
    ASSERT_TRUE(answers_are_the_windows(series.graph, by_hop, first + 6, n))
        << "network " << n << " by " << hop << " of seed " << seed << "\n";
  }
  std::cout << streamed << " streamed";
  for (const auto& [code, count] : refused) std::cout << ", " << count << " " << code;
  std::cout << "\n";
  EXPECT_GT(streamed, int(cases / 2));
}

class Network : public testing::Test {
 protected:
  explicit Network(Shape shape = {1, 12, 1, 2}) {
    graph_.name = "network";
    at_ = graph_.add_tensor_stream("x", ElementType::f32, std::move(shape), {});
  }
  void conv(int32_t taps, Attributes attributes = {}) {
    const Shape kernel{2, taps, 1, 2};
    const ValueId w =
        graph_.add_constant("w" + std::to_string(graph_.values.size()), ElementType::f32, kernel,
                            testing_graphs::reals(random_, 4 * taps, 1));
    at_ = graph_.add_node(conv_2d_op, "conv" + std::to_string(graph_.nodes.size()), {at_, w, -1},
                          std::move(attributes));
  }
  void dense() {
    const auto numbers = int32_t(graph_.value(at_).elements());
    at_ = graph_.add_node(reshape_op, "flat", {at_}, {{"shape", std::vector<int64_t>{1, numbers}}});
    at_ = testing_graphs::add_dense(graph_, random_, at_, 3, "none");
  }
  Graph by(int64_t hop) {
    graph_.outputs = {at_};
    return stream_over_time(graph_, hop);
  }
  std::string refusal(int64_t hop) {
    try {
      by(hop);
    } catch (const UserError& error) {
      const Diagnostic& d = error.diagnostics().at(0);
      return d.code + ": " + d.place + ": " + d.message;
    }
    return "";
  }

  Graph graph_;
  ValueId at_ = -1;
  Random random_{3};
};

std::vector<std::string> layers_of(const Graph& graph) {
  std::vector<std::string> all;
  for (const Node& node : graph.nodes) {
    std::string text = node.op->name;
    for (int32_t d : graph.value(node.outputs[0]).shape) text += " " + std::to_string(d);
    all.push_back(text);
  }
  return all;
}

TEST_F(Network, KeepsWhatEachLayerReaches) {
  conv(3);
  conv(4);
  dense();
  EXPECT_EQ(layers_of(by(1)), (std::vector<std::string>{"sliding_window 1 3 1 2", "conv_2d 1 1 1 2",
                                                        "sliding_window 1 4 1 2", "conv_2d 1 1 1 2",
                                                        "sliding_window 1 7 1 2", "reshape 1 14",
                                                        "fully_connected 1 3"}));
  EXPECT_EQ(layers_of(by(2))[0], "sliding_window 1 4 1 2");
  EXPECT_EQ(layers_of(by(12)).size(), 4u);  // windows that do not overlap: as it was
}

TEST_F(Network, StridesTakeAHopThatIsAMultiple) {
  conv(2, {{"stride_h", 2}});
  conv(2, {{"stride_h", 2}});
  EXPECT_EQ(refusal(1),
            "wrong-hop: layer 0 conv_2d \"conv0\": it steps over 2 frames of the input at a time, "
            "which --hop 1 is no multiple of");
  EXPECT_EQ(refusal(2),
            "wrong-hop: layer 1 conv_2d \"conv1\": it steps over 4 frames of the input at a time, "
            "which --hop 2 is no multiple of");
  EXPECT_EQ(refusal(4), "");
  EXPECT_TRUE(answers_are_the_windows(graph_, by(4), 9, 1));
}

TEST_F(Network, PaddingOverTimeIsRefused) {
  conv(3);
  conv(3, {{"padding", "same"}});
  dense();
  EXPECT_EQ(refusal(1),
            "pads-time: layer 1 conv_2d \"conv1\": it pads the time axis, so the rows at both ends "
            "of a window are no others' rows");
}

TEST_F(Network, PaddingBehindALayerThatNeedsAllRowsIsNot) {
  conv(3);
  const ValueId mean =
      graph_.add_node(mean_op, "mean", {at_}, {{"axes", std::vector<int64_t>{1, 2}}});
  at_ = graph_.add_node(
      pad_op, "pad", {mean},
      {{"before", std::vector<int64_t>{0, 1}}, {"after", std::vector<int64_t>{0, 0}}});
  EXPECT_EQ(refusal(1), "");
  EXPECT_TRUE(answers_are_the_windows(graph_, by(1), 20, 1));
}

TEST_F(Network, AFirstLayerThatNeedsAllRowsIsRefused) {
  dense();
  EXPECT_EQ(refusal(1),
            "nothing-to-keep: layer 0 reshape \"flat\": it makes all its rows anew every hop, and "
            "no layer before it has results that could be kept");
}

TEST_F(Network, HopsThatDoNotFitAreRefused) {
  conv(3);
  EXPECT_EQ(refusal(0), "wrong-hop: --hop: a hop of 0 frames is none");
  EXPECT_EQ(refusal(13), "wrong-hop: --hop: a hop of 13 frames is more than the window's 12");
}

TEST_F(Network, VariablesAreRefused) {
  conv(3);
  graph_.add_variable("past", ElementType::f32, {1}, {});
  EXPECT_EQ(
      refusal(1),
      "wrong-hop: --hop: the model keeps variables of its own from push to push: its input is "
      "a hop already");
}

TEST(StreamOverTime, InputsWithoutTimeAreRefused) {
  const auto code_of = [](const Shape& shape) {
    Graph graph;
    const ValueId x = graph.add_tensor_stream("x", ElementType::f32, shape, {});
    graph.outputs = {
        graph.add_node(activation_op, "relu", {x}, {{"activation", std::string("relu")}})};
    return code_of_failure([&] { stream_over_time(graph, 1); });
  };
  EXPECT_EQ(code_of({1, 1}), "wrong-hop");
  EXPECT_EQ(code_of({1, 32, 32, 3}), "wrong-hop");
  EXPECT_EQ(code_of({1, 32, 8, 3}), "");
}

}  // namespace
}  // namespace mote
