// SPDX-License-Identifier: Apache-2.0
// convolve_single_channels: random layers of all types, and the one that it leaves alone.
#include <gtest/gtest.h>

#include "compiler/passes/passes.h"
#include "graph/verify.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

template <class X, class W, class B>
Graph random_layer(Numbers& n, int32_t channels, int32_t layers) {
  const bool real = std::is_same_v<X, float>;
  const Quantization q = real ? Quantization{} : per_tensor(0.05f, sizeof(X) == 1 ? 7 : 0);
  OneNode one = OneNode::make<X>({n.integer(1, 2), n.integer(4, 9), n.integer(4, 9), channels}, q);
  const int32_t outputs = channels * n.integer(1, 6);
  const Shape shape{1, n.integer(1, 4), n.integer(1, 4), outputs};
  Quantization of_weights;
  of_weights.axis = 3;
  for (int32_t o = 0; o < outputs && !real; ++o) {
    of_weights.scales.push_back(n.real(0.01f, 0.02f));
    of_weights.zero_points.push_back(0);
  }
  const ValueId w =
      one.constant<W>("w", shape, n.many<W>(element_count(shape), -127, 127), of_weights);
  const ValueId b =
      n.integer(0, 3) ? one.constant<B>("b", {outputs}, n.many<B>(outputs, -999, 999)) : -1;
  for (int32_t i = 0; i < layers; ++i)
    one.graph.outputs.push_back(
        one.graph.add_node(depthwise_conv_2d_op, "layer" + std::to_string(i), {0, w, b},
                           {{"stride_h", int64_t(n.integer(1, 2))},
                            {"padding", std::string(n.integer(0, 1) ? "same" : "valid")},
                            {"output_scale", real ? 1.0 : 0.3},
                            {"output_zero_point", int64_t(sizeof(X) == 1 ? -9 : 0)}}));
  return std::move(one.graph);
}

template <class X, class W, class B>
void expect_same(Numbers& n, int32_t channels, int32_t layers) {
  const Graph before = random_layer<X, W, B>(n, channels, layers);
  const Graph after = remove_unused(convolve_single_channels(before));
  Diagnostics findings;
  verify(after, findings);
  ASSERT_TRUE(findings.errors().empty()) << findings.errors()[0].message;
  for (const Node& node : after.nodes)
    ASSERT_EQ(node.op, channels == 1 ? &conv_2d_op : &depthwise_conv_2d_op);
  const auto x = n.many<X>(before.value(0).elements(), -128, 127);
  Evaluator one(before), other(after);
  one.push(0, x.data());
  other.push(0, x.data());
  ASSERT_EQ(one.outputs(), other.outputs());
}

TEST(ConvolveSingleChannels, RandomLayersAnswerAsBefore) {
  Numbers n(808);
  for (int32_t i = 0; i < 500 && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t layers = n.integer(0, 4) ? 1 : 2;  // that share their constants
    expect_same<int8_t, int8_t, int32_t>(n, 1, layers);
    expect_same<int16_t, int8_t, int64_t>(n, 1, layers);
    expect_same<float, float, float>(n, 1, layers);
  }
}

TEST(ConvolveSingleChannels, SeveralChannelsStay) {
  Numbers n(9);
  expect_same<int8_t, int8_t, int32_t>(n, 2, 1);
}

}  // namespace
}  // namespace mote
