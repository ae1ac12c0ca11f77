// SPDX-License-Identifier: Apache-2.0
// conv_2d and depthwise_conv_2d over random shapes against convolution in double precision;
// refusals; rules.
#include "ops/nn/conv_2d/conv_2d.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/nn/window_oracle.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

// A layer with real weights; index gives the position of (o, ky, kx, c) in them.
struct Layer {
  bool depthwise;
  Shape x, weights;
  int32_t channels;
  OracleWindow window;

  size_t index(int32_t o, const Tap& t, int32_t c) const {
    return depthwise ? size_t((t.ky * weights[2] + t.kx) * channels + o)
                     : size_t(((o * weights[1] + t.ky) * weights[2] + t.kx) * weights[3] + c);
  }
  const OpDef& op() const { return depthwise ? depthwise_conv_2d_op : conv_2d_op; }
};

Layer random_layer(Numbers& n, bool depthwise) {
  Layer layer{};
  layer.depthwise = depthwise;
  const bool same = n.integer(0, 1) == 1;
  const int32_t dilation = n.integer(0, 2) == 0 ? 2 : 1;
  const int32_t kh = n.integer(1, 4), kw = n.integer(1, 4);
  layer.window = {kh, kw, n.integer(1, 3), n.integer(1, 3), dilation, n.integer(1, 2), same};
  const int32_t least = same ? 1 : 7;
  layer.x = {n.integer(1, 2), n.integer(least, 9), n.integer(least, 9), n.integer(1, 5)};
  layer.channels = depthwise ? layer.x[3] * n.integer(1, 3) : n.integer(1, 6);
  layer.weights =
      depthwise ? Shape{1, kh, kw, layer.channels} : Shape{layer.channels, kh, kw, layer.x[3]};
  return layer;
}

// Before the activation.
std::vector<double> exact(const Layer& layer, const std::vector<double>& x,
                          const std::vector<double>& w, const std::vector<double>& bias) {
  std::vector<double> y;
  const int32_t per_channel = layer.channels / layer.x[3];
  for_each_window(layer.x, layer.window, [&](const std::vector<Tap>& taps) {
    for (int32_t o = 0; o < layer.channels; ++o) {
      double sum = bias[size_t(o)];
      for (const Tap& t : taps) {
        const int32_t first = layer.depthwise ? o / per_channel : 0;
        const int32_t last = layer.depthwise ? first + 1 : layer.x[3];
        for (int32_t c = first; c < last && t.inside; ++c)
          sum += x[t.pixel + size_t(c)] * w[layer.index(o, t, c)];
      }
      y.push_back(sum);
    }
  });
  return y;
}

void check_f32(Numbers& n, const Layer& layer) {
  OneNode one = OneNode::make<float>(layer.x);
  const auto x = n.reals(element_count(layer.x), -2, 2);
  const auto w = n.reals(element_count(layer.weights), -1, 1);
  const auto bias = n.reals(layer.channels, -3, 3);
  Attributes attributes = layer.window.attributes();
  attributes["activation"] = std::string("relu6");
  one.add(layer.op(), attributes,
          {one.constant("w", layer.weights, w), one.constant("b", {layer.channels}, bias)});
  const auto want =
      exact(layer, {x.begin(), x.end()}, {w.begin(), w.end()}, {bias.begin(), bias.end()});
  const auto y = one.run<float>(x);
  ASSERT_EQ(y.size(), want.size());
  for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], std::clamp(want[i], 0.0, 6.0), 3e-5);
}

// The integer sums are exact; one requantisation moves the result by at most half a step, and a
// quarter of a step for the rounding in the middle (shifts of 1 and more).
void check_s8(Numbers& n, const Layer& layer) {
  const float x_scale = n.real(0.01f, 0.1f);
  const int32_t zero_point = n.integer(-128, 127);
  OneNode one = OneNode::make<int8_t>(layer.x, per_tensor(x_scale, zero_point));
  const auto x = n.many<int8_t>(element_count(layer.x), -128, 127);
  const auto w = n.many<int8_t>(element_count(layer.weights), -127, 127);
  const auto bias = n.many<int32_t>(layer.channels, -20000, 20000);
  const auto scales = n.reals(layer.channels, 0.005f, 0.02f);
  const std::vector<int32_t> zeros(scales.size(), 0);
  Attributes attributes = layer.window.attributes();
  attributes["output_scale"] = 0.4;
  attributes["output_zero_point"] = int64_t(-20);
  one.add(layer.op(), attributes,
          {one.constant("w", layer.weights, w, {scales, zeros, layer.depthwise ? 3 : 0}),
           one.constant("b", {layer.channels}, bias)});
  // Real numbers in units of x_scale, so that the weights' scales can be applied channel by channel
  // afterwards.
  std::vector<double> x_real, w_real;
  for (int8_t q : x) x_real.push_back(q - zero_point);
  for (int8_t q : w) w_real.push_back(q);
  const auto sums = exact(layer, x_real, w_real, {bias.begin(), bias.end()});
  const auto y = one.run<int8_t>(x);
  ASSERT_EQ(y.size(), sums.size());
  for (size_t i = 0; i < y.size(); ++i) {
    const double real = sums[i] * double(x_scale) * scales[i % scales.size()] / double(0.4f) - 20;
    ASSERT_NEAR(y[i], std::clamp(real, -128.0, 127.0), 0.7501) << "element " << i;
  }
}

TEST(Conv2d, RandomShapesFloat) {
  Numbers n;
  for (int i = 0; i < 200; ++i) check_f32(n, random_layer(n, false));
}
TEST(Conv2d, RandomShapesInt8) {
  Numbers n;
  for (int i = 0; i < 200; ++i) check_s8(n, random_layer(n, false));
}
TEST(DepthwiseConv2d, RandomShapesFloat) {
  Numbers n;
  for (int i = 0; i < 200; ++i) check_f32(n, random_layer(n, true));
}
TEST(DepthwiseConv2d, RandomShapesInt8) {
  Numbers n;
  for (int i = 0; i < 200; ++i) check_s8(n, random_layer(n, true));
}

ValueId add_layer(OneNode& one, const OpDef& op, const Shape& weights,
                  const Attributes& attributes = {}, ValueId bias = -1) {
  return one.add(op, attributes,
                 {one.constant("w", weights, std::vector<int8_t>(size_t(element_count(weights)), 1),
                               per_tensor(1, 0)),
                  bias});
}

std::string refusal(const OpDef& op, const Shape& x, const Shape& weights,
                    const Attributes& attributes = {}) {
  return code_of_failure([&] {
    OneNode one = OneNode::make<int8_t>(x, per_tensor(1, 0));
    add_layer(one, op, weights, attributes);
  });
}

TEST(Conv2d, Refusals) {
  EXPECT_EQ(refusal(conv_2d_op, {1, 5, 5, 2}, {3, 3, 3, 2}), "");
  EXPECT_EQ(refusal(conv_2d_op, {1, 5, 5, 2}, {3, 3, 3, 1}), "wrong-shape");
  EXPECT_EQ(refusal(conv_2d_op, {5, 5, 2}, {3, 3, 3, 2}), "wrong-shape");
  EXPECT_EQ(refusal(conv_2d_op, {1, 2, 5, 2}, {3, 3, 3, 2}), "wrong-shape");
  EXPECT_EQ(refusal(conv_2d_op, {1, 5, 5, 2}, {3, 3, 3, 2}, {{"dilation_h", int64_t{3}}}),
            "wrong-shape");
  EXPECT_EQ(refusal(conv_2d_op, {1, 5, 5, 2}, {3, 3, 3, 2}, {{"stride_h", int64_t{0}}}),
            "wrong-attribute");
  EXPECT_EQ(refusal(conv_2d_op, {1, 5, 5, 2}, {3, 3, 3, 2}, {{"padding", std::string("full")}}),
            "wrong-attribute");
  EXPECT_EQ(refusal(conv_2d_op, {1, 300, 300, 1}, {1, 300, 300, 1}), "too-large");
  EXPECT_EQ(refusal(depthwise_conv_2d_op, {1, 5, 5, 2}, {1, 3, 3, 4}), "");
  EXPECT_EQ(refusal(depthwise_conv_2d_op, {1, 5, 5, 2}, {1, 3, 3, 3}), "wrong-shape");
  EXPECT_EQ(refusal(depthwise_conv_2d_op, {1, 5, 5, 2}, {2, 3, 3, 2}), "wrong-shape");
}

TEST(Conv2d, RefusesFloatBiasOnInt8) {
  OneNode one = OneNode::make<int8_t>({1, 5, 5, 1}, per_tensor(1, 0));
  const ValueId bias = one.constant("b", {2}, std::vector<float>{1, 2});
  EXPECT_EQ(code_of_failure([&] {
              add_layer(one, conv_2d_op, {2, 1, 1, 1}, {}, bias);
            }),
            "wrong-shape");
}

TEST(Conv2d, CountsMultiplyAccumulates) {
  OneNode one = OneNode::make<int8_t>({1, 8, 8, 4}, per_tensor(1, 0));
  add_layer(one, conv_2d_op, {6, 3, 3, 4},
            {{"padding", std::string("same")}, {"stride_h", int64_t{2}}});
  EXPECT_EQ(conv_2d_op.macs(NodeView(one.graph, one.graph.nodes[0])), 4 * 8 * 6 * 3 * 3 * 4);
  OneNode two = OneNode::make<int8_t>({1, 8, 8, 4}, per_tensor(1, 0));
  add_layer(two, depthwise_conv_2d_op, {1, 3, 3, 8}, {{"padding", std::string("same")}});
  EXPECT_EQ(depthwise_conv_2d_op.macs(NodeView(two.graph, two.graph.nodes[0])), 8 * 8 * 8 * 3 * 3);
}

}  // namespace
}  // namespace mote
