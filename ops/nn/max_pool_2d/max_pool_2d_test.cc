// SPDX-License-Identifier: Apache-2.0
// max_pool_2d, average_pool_2d and l2_pool_2d over random shapes against their definitions;
// rounding of halves; refusals.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/nn/window_oracle.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

struct Pool {
  Shape x;
  OracleWindow window;
  enum Rule { max, mean, l2 } rule;

  Attributes attributes() const {
    Attributes a = window.attributes();
    a["filter_h"] = int64_t(window.kernel_h);
    a["filter_w"] = int64_t(window.kernel_w);
    return a;
  }
  const OpDef& op() const {
    return rule == mean ? average_pool_2d_op : rule == l2 ? l2_pool_2d_op : max_pool_2d_op;
  }
};

Pool random_pool(Numbers& n, Pool::Rule rule) {
  const bool same = n.integer(0, 1) == 1;
  const int32_t least = same ? 1 : 5;
  return {{n.integer(1, 2), n.integer(least, 9), n.integer(least, 9), n.integer(1, 4)},
          {n.integer(1, 5), n.integer(1, 5), n.integer(1, 3), n.integer(1, 3), 0, 0, same},
          rule};
}

// In the units of x.
template <class T>
std::vector<double> exact(const Pool& pool, const std::vector<T>& x) {
  std::vector<double> y;
  for_each_window(pool.x, pool.window, [&](const std::vector<Tap>& taps) {
    for (int32_t c = 0; c < pool.x[3]; ++c) {
      double sum = 0, squares = 0, largest = -1e300, count = 0;
      for (const Tap& t : taps) {
        if (!t.inside) continue;
        const auto value = double(x[t.pixel + size_t(c)]);
        sum += value, squares += value * value, ++count, largest = std::max(largest, value);
      }
      y.push_back(pool.rule == Pool::mean ? sum / count
                  : pool.rule == Pool::l2 ? std::sqrt(squares / count)
                                          : largest);
    }
  });
  return y;
}

template <class T>
void check_integer(Numbers& n, const Pool& pool) {
  OneNode one = OneNode::make<T>(pool.x, per_tensor(0.1f, 7));
  Attributes attributes = pool.attributes();
  attributes["activation"] = std::string("relu6");  // 0..6 is 7..67
  one.add(pool.op(), attributes);
  EXPECT_EQ(one.output().quantization, per_tensor(0.1f, 7));
  const auto x = n.many<T>(element_count(pool.x), -128, 127);
  const auto want = exact(pool, x);
  const auto y = one.template run<T>(x);
  ASSERT_EQ(y.size(), want.size());
  // std::round: halves away from zero, of the quotient of two small integers, so exact in double.
  for (size_t i = 0; i < y.size(); ++i) ASSERT_EQ(y[i], std::clamp(std::round(want[i]), 7.0, 67.0));
}

void check_f32(Numbers& n, const Pool& pool) {
  OneNode one = OneNode::make<float>(pool.x);
  one.add(pool.op(), pool.attributes());
  const auto x = n.reals(element_count(pool.x), -5, 5);
  const auto want = exact(pool, x);
  const auto y = one.run<float>(x);
  ASSERT_EQ(y.size(), want.size());
  for (size_t i = 0; i < y.size(); ++i)
    ASSERT_NEAR(y[i], want[i], pool.rule == Pool::max ? 0 : 4e-6);
}

void check_random_shapes(Pool::Rule rule) {
  Numbers n;
  for (int i = 0; i < 200; ++i) {
    check_f32(n, random_pool(n, rule));
    if (rule == Pool::l2) continue;
    check_integer<int8_t>(n, random_pool(n, rule));
    check_integer<int16_t>(n, random_pool(n, rule));
  }
}
TEST(MaxPool2d, RandomShapes) { check_random_shapes(Pool::max); }
TEST(AveragePool2d, RandomShapes) { check_random_shapes(Pool::mean); }
TEST(L2Pool2d, RandomShapes) { check_random_shapes(Pool::l2); }

std::vector<int8_t> mean_of_two(int8_t a, int8_t b) {
  OneNode one = OneNode::make<int8_t>({1, 1, 2, 1}, per_tensor(1, 0));
  one.add(average_pool_2d_op, {{"filter_h", int64_t{1}}, {"filter_w", int64_t{2}}});
  return one.run<int8_t>(std::vector<int8_t>{a, b});
}

TEST(AveragePool2d, HalvesGoAwayFromZero) {
  EXPECT_EQ(mean_of_two(0, 1)[0], 1);
  EXPECT_EQ(mean_of_two(0, -1)[0], -1);
  EXPECT_EQ(mean_of_two(127, 127)[0], 127);
  EXPECT_EQ(mean_of_two(-128, -128)[0], -128);
}

TEST(Pool2d, Refusals) {
  const auto refusal = [](const Shape& x, int64_t filter_h, int64_t stride_h) {
    return code_of_failure([&] {
      OneNode one = OneNode::make<int8_t>(x, per_tensor(1, 0));
      one.add(max_pool_2d_op,
              {{"filter_h", filter_h}, {"filter_w", int64_t{1}}, {"stride_h", stride_h}});
    });
  };
  EXPECT_EQ(refusal({1, 4, 4, 1}, 2, 2), "");
  EXPECT_EQ(refusal({1, 4, 4, 1}, 5, 2), "wrong-shape");
  EXPECT_EQ(refusal({4, 4, 1}, 2, 2), "wrong-shape");
  EXPECT_EQ(refusal({1, 4, 4, 1}, 0, 2), "wrong-attribute");
  EXPECT_EQ(refusal({1, 4, 4, 1}, 2, 65536), "wrong-attribute");
}

}  // namespace
}  // namespace mote
