// SPDX-License-Identifier: Apache-2.0
// remove_dead_channels: each way in which a channel dies, and each in which it only seems to.
#include "compiler/passes/dead_channels_nets.h"

namespace mote::dead_channels {
namespace {

class DeadChannels : public testing::Test {
 protected:
  DeadChannels() {
    net.clamps = false;
    net.s8_zero_point = -10;
  }

  // Channels of each layer's output after the pass, which changes no answer.
  std::vector<int32_t> channels_after(ValueId output) {
    net.graph.outputs.push_back(output);
    after = without_dead_channels(net.graph);
    expect_same_answers(net.graph, after, n, 20);
    std::vector<int32_t> channels;
    for (const Node& node : after.nodes)
      channels.push_back(after.value(node.outputs[0]).shape.back());
    return channels;
  }
  using Channels = std::vector<int32_t>;

  // A convolution of 4 channels of which number 1 is a constant that is not the zero point.
  ValueId conv_with_constant(ValueId x) {
    return net.conv(x, 4, {}, [](Weights& w) { w.silence(1, 4000); });
  }
  // A mean of each channel, without the padding.
  static void even(Weights& w) {
    std::fill(w.numbers.begin(), w.numbers.end(), int8_t(20));
    std::fill(w.bias.begin(), w.bias.end(), 0);
  }
  ValueId lookup_table() {
    return net.graph.add_constant("table", ElementType::s8, {256}, n.many<int8_t>(256, -128, 127));
  }
  // Only the tap in the middle meets channel 1.
  static void look_straight(Weights& w) {
    for (int32_t o = 0; o < w.outputs; ++o)
      for (int32_t t = 0; t < w.taps; ++t)
        if (t != w.taps / 2) w.at(o, t, 1) = 0;
  }

  Numbers n{11};
  Net net{n};
  Graph after;
  const Window three{3, 1, "same"};
};

TEST_F(DeadChannels, WithoutWeightsItsConstantGoesIntoTheNextBias) {
  const ValueId a = conv_with_constant(net.input({1, 4, 4, 3}));
  EXPECT_EQ(channels_after(net.conv(a, 5, {})), (Channels{3, 5}));
  EXPECT_NE(after.value(after.nodes[1].inputs[2]).as<int32_t>()[0],
            net.value(net.graph.nodes[1].inputs[2]).as<int32_t>()[0]);
}

TEST_F(DeadChannels, BeyondTheClampIsAConstant) {
  const ValueId a = net.conv(net.input({1, 4, 4, 3}), 4, three, [](Weights& w) {
    w.drown(0, 1);
    w.drown(3, -1);
  });
  EXPECT_EQ(channels_after(net.conv(a, 5, {})), (Channels{2, 5}));
}

// A relu ends at the zero point; sums that stay below 0 never leave it.
TEST_F(DeadChannels, BelowAReluIsAConstant) {
  const ValueId x = net.input({1, 4, 4, 1});
  const ValueId a = net.conv(x, 3, {}, [](Weights& w) {
    w.numbers = {100, 100, 100};
    w.bias = {0, -100 * 255, 0};
  });
  net.graph.nodes[0].attributes["activation"] = std::string("relu");
  EXPECT_EQ(channels_after(net.conv(a, 2, three)), (Channels{2, 2}));
}

TEST_F(DeadChannels, ThatNobodyReadsGoesBackThroughLayers) {
  const ValueId a = net.conv(net.input({1, 4, 4, 3}), 4, three);
  // Channel 2 of b alone reads channel 0 of a, and c does not read it.
  const ValueId b = net.conv(a, 3, three, [](Weights& w) {
    for (int32_t o = 0; o < 2; ++o)
      for (int32_t t = 0; t < w.taps; ++t) w.at(o, t, 0) = 0;
  });
  const ValueId c = net.conv(b, 2, three, [](Weights& w) { w.ignore(2); });
  EXPECT_EQ(channels_after(c), (Channels{3, 2, 2}));
}

TEST_F(DeadChannels, MetByPaddingStays) {
  const ValueId a = conv_with_constant(net.input({1, 5, 5, 3}));
  EXPECT_EQ(channels_after(net.conv(a, 5, three)), (Channels{4, 5}));
}

TEST_F(DeadChannels, MetByPaddingAtItsZeroPointGoes) {
  const ValueId a = net.conv(net.input({1, 5, 5, 3}), 4, {}, [](Weights& w) { w.silence(1, 0); });
  EXPECT_EQ(channels_after(net.conv(a, 5, three)), (Channels{3, 5}));
}

TEST_F(DeadChannels, SeenByTapsThatNeverLieInThePaddingGoes) {
  const ValueId a = conv_with_constant(net.input({1, 5, 5, 3}));
  EXPECT_EQ(channels_after(net.conv(a, 5, three, look_straight)), (Channels{3, 5}));
}

TEST_F(DeadChannels, WithoutPaddingGoes) {
  const ValueId a = conv_with_constant(net.input({1, 5, 5, 3}));
  EXPECT_EQ(channels_after(net.conv(a, 5, {3, 2, "valid"})), (Channels{3, 5}));
}

// An image of one row: of three taps high the first and the last only ever see padding.
TEST_F(DeadChannels, InAnImageOfOnePlaceTheTapsOutsideNeverCount) {
  const ValueId a = conv_with_constant(net.input({1, 1, 1, 3}));
  EXPECT_EQ(channels_after(net.conv(a, 5, three, look_straight)), (Channels{3, 5}));
}

TEST_F(DeadChannels, DepthwiseLayersLoseThemWithTheirMultiplier) {
  const ValueId a = net.conv(net.input({1, 5, 5, 3}), 4, {}, [](Weights& w) { w.silence(2, 0); });
  const ValueId b = net.depthwise(a, 2, three);
  EXPECT_EQ(channels_after(net.conv(b, 3, {})), (Channels{3, 6, 3}));
}

// The input varies, the output of the depthwise layer does not.
TEST_F(DeadChannels, ThatADepthwiseLayerEndsTakeTheirMakersAlong) {
  const ValueId a = net.conv(net.input({1, 5, 5, 3}), 4, three);
  const ValueId b = net.depthwise(a, 1, three, [](Weights& w) {
    w.silence(0, 5000);
    w.drown(3, 1);
  });
  EXPECT_EQ(channels_after(net.conv(b, 3, {})), (Channels{2, 2, 3}));
}

// Behind padding the constant is another at the border than inside.
TEST_F(DeadChannels, ThatVaryWithThePlaceStay) {
  const ValueId b = net.depthwise(conv_with_constant(net.input({1, 5, 5, 3})), 1, three, even);
  EXPECT_EQ(channels_after(net.conv(b, 3, {})), (Channels{4, 4, 3}));
}

// Each place has a column of its own there.
TEST_F(DeadChannels, ThatVaryWithThePlaceGoBehindAFlatten) {
  const ValueId b = net.depthwise(conv_with_constant(net.input({1, 5, 5, 3})), 1, three, even);
  EXPECT_EQ(channels_after(net.dense(net.flat(b), 3)), (Channels{3, 3, 75, 3}));
}

TEST_F(DeadChannels, OfASumGoWhereBothAreDead) {
  const ValueId x = net.input({1, 4, 4, 3});
  const Plant one = [](Weights& w) { w.silence(0, 9000), w.silence(1, 9000); };
  const Plant other = [](Weights& w) { w.silence(1, -9000), w.silence(2, 9000); };
  const ValueId sum = net.scaled(add_op, {net.conv(x, 4, {}, one), net.conv(x, 4, three, other)});
  EXPECT_EQ(channels_after(net.conv(sum, 2, {})), (Channels{3, 3, 3, 2}));
}

TEST_F(DeadChannels, PassOperatorsThatWorkChannelByChannel) {
  ValueId a = conv_with_constant(net.input({1, 6, 6, 3}));
  a = net.pool(max_pool_2d_op, a, {2, 2, "same"});
  a = net.scaled(mul_op, {a, net.constant({4}, ElementType::s8)});
  a = net.pool(average_pool_2d_op, a, three);
  a = net.add(logistic_op, {a}, {});
  a = net.scaled(mean_op, {a}, {{"axes", std::vector<int64_t>{1, 2}}});
  EXPECT_EQ(channels_after(net.dense(a, 2)), (Channels{3, 3, 3, 3, 3, 3, 2}));
}

TEST_F(DeadChannels, OfOneTensorOfAConcatenationGo) {
  const ValueId x = net.input({1, 4, 4, 3});
  const ValueId a = conv_with_constant(x);
  const Quantization q = net.value(a).quantization;
  const ValueId b = net.add(
      quantize_op, {net.conv(x, 2, {})},
      {{"output_scale", double(q.scale())}, {"output_zero_point", int64_t(q.zero_point())}});
  const ValueId both = net.add(concatenate_op, {a, b}, {});
  EXPECT_EQ(channels_after(net.conv(both, 2, {})), (Channels{3, 2, 2, 5, 2}));
}

TEST_F(DeadChannels, OfAnOutputStay) {
  const ValueId a = conv_with_constant(net.input({1, 4, 4, 3}));
  net.graph.outputs = {a};
  EXPECT_EQ(channels_after(net.conv(a, 5, {})), (Channels{4, 5}));
}

TEST_F(DeadChannels, ThatAnotherReaderNeedsStay) {
  const ValueId a = conv_with_constant(net.input({1, 5, 5, 3}));
  net.graph.outputs = {net.conv(a, 2, three)};
  EXPECT_EQ(channels_after(net.conv(a, 5, {})), (Channels{4, 2, 5}));
}

TEST_F(DeadChannels, WhoseConstantLeavesTheBiasNoRoomStay) {
  const ValueId a = conv_with_constant(net.input({1, 4, 4, 3}));
  const auto full = [](int32_t sign) {
    return [sign](Weights& w) {
      w.at(0, 0, 1) = int8_t(sign * 127);
      w.bias[0] = INT32_MAX;
    };
  };
  net.graph.outputs = {net.conv(a, 2, {}, full(1))};
  EXPECT_EQ(channels_after(net.conv(a, 2, {}, full(-1))), (Channels{4, 2, 2}));
}

TEST_F(DeadChannels, OfConstantsThatTwoLayersShareAreCutForEach) {
  net.shares = true;
  const ValueId x = net.input({1, 4, 4, 4});
  const ValueId a = conv_with_constant(x);  // the second convolution has the same weights
  const ValueId b = net.conv(a, 4, {});
  EXPECT_EQ(net.graph.nodes[0].inputs[1], net.graph.nodes[1].inputs[1]);
  EXPECT_EQ(channels_after(net.conv(b, 4, {})), (Channels{3, 3, 4}));
}

TEST_F(DeadChannels, OfS16LayersGo) {
  const ValueId a = net.conv(net.input({1, 4, 4, 3}, ElementType::s16), 4, {},
                             [](Weights& w) { w.silence(1, 70000); });
  const ValueId b = net.depthwise(a, 1, {3, 1, "valid"});
  EXPECT_EQ(channels_after(net.conv(b, 5, {})), (Channels{3, 3, 5}));
}

TEST_F(DeadChannels, MakeABiasWhereThereIsNone) {
  net.has_bias = false;
  net.input({1, 4, 4, 3});
  ValueId a = net.conv(0, 4, {}, [](Weights& w) { w.silence(1); });
  a = net.add(lookup_op, {a, lookup_table()},
              {{"output_scale", 0.05}, {"output_zero_point", int64_t(3)}});
  EXPECT_EQ(channels_after(net.conv(a, 5, {})), (Channels{3, 3, 5}));
  EXPECT_GE(after.nodes[2].inputs.at(2), 0);
}

TEST_F(DeadChannels, RatiosThatAFormatGivesAreCutAlong) {
  const ValueId a = conv_with_constant(net.input({1, 4, 4, 3}));
  net.graph.nodes[0].attributes["multipliers"] =
      std::vector<int64_t>{1 << 30, 1 << 30, 3 << 29, 5 << 28};
  net.graph.nodes[0].attributes["shifts"] = std::vector<int64_t>{-7, -8, -6, -7};
  EXPECT_EQ(channels_after(net.conv(a, 5, {})), (Channels{3, 5}));
  EXPECT_EQ(std::get<std::vector<int64_t>>(after.nodes[0].attributes.at("shifts")),
            (std::vector<int64_t>{-7, -6, -7}));
}

TEST_F(DeadChannels, OneStaysWhereAllAreDead) {
  const ValueId a = net.conv(net.input({1, 4, 4, 3}), 4, {}, [](Weights& w) {
    for (int32_t o = 0; o < w.outputs; ++o) w.silence(o, 1000 * o);
  });
  EXPECT_EQ(channels_after(net.conv(a, 5, {})), (Channels{1, 5}));
}

// A number times zero that is added to a float sum may be minus zero, or not a number.
TEST_F(DeadChannels, OfFloatLayersStay) {
  OneNode one = OneNode::make<float>({1, 2, 2, 2});
  const ValueId zeros = one.constant<float>("w", {3, 1, 1, 2}, std::vector<float>(6));
  const ValueId a = one.add(conv_2d_op, {}, {zeros, -1});
  const ValueId more = one.constant<float>("v", {2, 1, 1, 3}, std::vector<float>(6, 1));
  one.graph.outputs = {one.graph.add_node(conv_2d_op, "second", {a, more, -1})};
  EXPECT_EQ(macs(without_dead_channels(one.graph)), macs(one.graph));
}

}  // namespace
}  // namespace mote::dead_channels
