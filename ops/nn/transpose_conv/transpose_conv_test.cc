// SPDX-License-Identifier: Apache-2.0
// transpose_conv over random shapes against its definition, scattered in double precision;
// refusals.
#include "ops/nn/transpose_conv/transpose_conv.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

// Sizes; `pad` is in front of the output.
struct Layer {
  Shape x, weights, y;
  int32_t stride_h, stride_w, pad_top, pad_left;
  bool same;

  Attributes attributes() const {
    return {{"output_h", int64_t(y[1])},
            {"output_w", int64_t(y[2])},
            {"stride_h", int64_t(stride_h)},
            {"stride_w", int64_t(stride_w)},
            {"padding", std::string(same ? "same" : "valid")}};
  }
};

// The convolution from y to x, chosen so that its windows fit y exactly as TensorFlow places them.
Layer random_layer(Numbers& n) {
  Layer l{};
  const int32_t kh = n.integer(1, 4), kw = n.integer(1, 4), channels = n.integer(1, 4);
  l.same = n.integer(0, 1) == 1;
  l.stride_h = n.integer(1, 3), l.stride_w = n.integer(1, 3);
  const int32_t h = n.integer(1, 5), w = n.integer(1, 5);
  l.x = {n.integer(1, 2), h, w, channels};
  l.weights = {n.integer(1, 4), kh, kw, channels};
  const auto full = [&](int32_t size, int32_t stride, int32_t kernel) {
    return l.same ? size * stride : (size - 1) * stride + kernel;
  };
  l.y = {l.x[0], full(h, l.stride_h, kh), full(w, l.stride_w, kw), l.weights[0]};
  l.pad_top = l.same ? std::max(kh - l.stride_h, 0) / 2 : 0;
  l.pad_left = l.same ? std::max(kw - l.stride_w, 0) / 2 : 0;
  return l;
}

std::vector<double> exact(const Layer& l, const std::vector<double>& x,
                          const std::vector<double>& w) {
  std::vector<double> y(size_t(element_count(l.y)), 0.0);
  const auto at = [](const Shape& s, int32_t a, int32_t b, int32_t c, int32_t d) {
    return size_t(((a * s[1] + b) * s[2] + c) * s[3] + d);
  };
  for (int32_t b = 0; b < l.x[0]; ++b)
    for (int32_t iy = 0; iy < l.x[1]; ++iy)
      for (int32_t ix = 0; ix < l.x[2]; ++ix)
        for (int32_t ky = 0; ky < l.weights[1]; ++ky)
          for (int32_t kx = 0; kx < l.weights[2]; ++kx) {
            const int32_t oy = iy * l.stride_h - l.pad_top + ky;
            const int32_t ox = ix * l.stride_w - l.pad_left + kx;
            if (oy < 0 || oy >= l.y[1] || ox < 0 || ox >= l.y[2]) continue;
            for (int32_t o = 0; o < l.y[3]; ++o)
              for (int32_t c = 0; c < l.x[3]; ++c)
                y[at(l.y, b, oy, ox, o)] +=
                    x[at(l.x, b, iy, ix, c)] * w[at(l.weights, o, ky, kx, c)];
          }
  return y;
}

TEST(TransposeConv, FloatOverRandomShapes) {
  Numbers n;
  for (int i = 0; i < 200; ++i) {
    const Layer l = random_layer(n);
    OneNode one = OneNode::make<float>(l.x);
    const auto x = n.reals(element_count(l.x), -2, 2), w = n.reals(element_count(l.weights), -1, 1);
    one.add(transpose_conv_op, l.attributes(), {one.constant("w", l.weights, w), -1});
    const auto want = exact(l, {x.begin(), x.end()}, {w.begin(), w.end()});
    const auto y = one.run<float>(x);
    ASSERT_EQ(y.size(), want.size());
    for (size_t k = 0; k < y.size(); ++k) ASSERT_NEAR(y[k], want[k], 3e-5);
  }
}

// Scales of 1: the integer sums themselves, within the output's type.
template <class T>
void check_integer(Numbers& n, int32_t zero_point) {
  const Layer l = random_layer(n);
  OneNode one = OneNode::make<T>(l.x, per_tensor(1, zero_point));
  const auto x = n.many<T>(element_count(l.x), -9, 9);
  const auto w = n.many<int8_t>(element_count(l.weights), -2, 2);
  Attributes attributes = l.attributes();
  attributes["output_zero_point"] = int64_t(zero_point);
  one.add(transpose_conv_op, attributes, {one.constant("w", l.weights, w, per_tensor(1, 0)), -1});
  std::vector<double> real;
  for (T q : x) real.push_back(q - zero_point);
  const auto want = exact(l, real, {w.begin(), w.end()});
  const auto y = one.run<T>(x);
  const double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  for (size_t k = 0; k < y.size(); ++k)
    ASSERT_EQ(y[k], std::clamp(want[k] + zero_point, low, high)) << k;
}

TEST(TransposeConv, IntegersOverRandomShapes) {
  Numbers n;
  for (int i = 0; i < 200; ++i) check_integer<int8_t>(n, 3), check_integer<int16_t>(n, 0);
}

TEST(TransposeConv, BiasOfInt16IsWidened) {
  OneNode one = OneNode::make<int16_t>({1, 1, 1, 1}, per_tensor(1, 0));
  const ValueId w = one.constant("w", {2, 1, 1, 1}, std::vector<int8_t>{3, -2}, per_tensor(1, 0));
  const ValueId b = one.constant("b", {2}, std::vector<int16_t>{-30000, 100});
  one.add(transpose_conv_op, {{"output_h", int64_t{1}}, {"output_w", int64_t{1}}}, {w, b});
  EXPECT_EQ(one.run<int16_t>(std::vector<int16_t>{1000}), (std::vector<int16_t>{-27000, -1900}));
}

std::string refusal(const Shape& x, const Shape& weights, Attributes attributes) {
  return code_of_failure([&] {
    OneNode one = OneNode::make<int8_t>(x, per_tensor(1, 0));
    one.add(transpose_conv_op, std::move(attributes),
            {one.constant("w", weights, std::vector<int8_t>(size_t(element_count(weights)), 1),
                          per_tensor(1, 0)),
             -1});
  });
}

TEST(TransposeConv, Refusals) {
  const auto sizes = [](int64_t h, int64_t stride) {
    return Attributes{{"output_h", h}, {"output_w", int64_t{4}}, {"stride_h", stride}};
  };
  EXPECT_EQ(refusal({1, 2, 2, 3}, {4, 2, 2, 3}, sizes(4, 2)), "");
  EXPECT_EQ(refusal({1, 2, 2, 3}, {4, 2, 2, 2}, sizes(4, 2)), "wrong-shape");
  EXPECT_EQ(refusal({2, 2, 3}, {4, 2, 2, 3}, sizes(4, 2)), "wrong-shape");
  EXPECT_EQ(refusal({1, 2, 2, 3}, {4, 2, 2, 3}, sizes(0, 2)), "wrong-attribute");
  EXPECT_EQ(refusal({1, 2, 2, 3}, {4, 2, 2, 3}, sizes(70000, 2)), "wrong-attribute");
  EXPECT_EQ(refusal({1, 2, 2, 3}, {4, 2, 2, 3}, sizes(4, 0)), "wrong-attribute");
}

}  // namespace
}  // namespace mote
