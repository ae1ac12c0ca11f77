// SPDX-License-Identifier: Apache-2.0
// batch_matmul over random shapes against NumPy's rule in double precision; refusals.
#include "ops/nn/batch_matmul/batch_matmul.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

struct Product {
  Shape x, y, z;  // five dimensions each
  bool adj_x, adj_y;
  int32_t depth;

  Attributes attributes() const { return {{"adj_x", int64_t(adj_x)}, {"adj_y", int64_t(adj_y)}}; }
};

Product random_product(Numbers& n) {
  Product p{{}, {}, {}, n.integer(0, 1) == 1, n.integer(0, 1) == 1, n.integer(1, 9)};
  for (int d = 0; d < 3; ++d) {
    const int32_t size = n.integer(1, 3), repeated = n.integer(0, 3);
    p.x.push_back(repeated == 1 ? 1 : size);
    p.y.push_back(repeated == 2 ? 1 : size);
    p.z.push_back(std::max(p.x.back(), p.y.back()));
  }
  const int32_t rows = n.integer(1, 5), columns = n.integer(1, 5);
  p.x.insert(p.x.end(), {p.adj_x ? p.depth : rows, p.adj_x ? rows : p.depth});
  p.y.insert(p.y.end(), {p.adj_y ? columns : p.depth, p.adj_y ? p.depth : columns});
  p.z.insert(p.z.end(), {rows, columns});
  return p;
}

// Element (a, b, c, i, j), where dimensions of size 1 stand for all.
size_t index_of(const Shape& shape, std::array<int32_t, 5> at) {
  size_t index = 0;
  for (size_t d = 0; d < 5; ++d)
    index = index * size_t(shape[d]) + size_t(shape[d] == 1 ? 0 : at[d]);
  return index;
}

std::vector<double> exact(const Product& p, const std::vector<double>& x,
                          const std::vector<double>& y) {
  std::vector<double> z;
  for (int64_t e = 0; e < element_count(p.z); ++e) {
    std::array<int32_t, 5> at{};
    int64_t rest = e;
    for (size_t d = 5; d-- > 0; rest /= p.z[d]) at[d] = int32_t(rest % p.z[d]);
    double sum = 0;
    for (int32_t k = 0; k < p.depth; ++k) {
      std::array<int32_t, 5> left = at, right = at;
      left[3] = p.adj_x ? k : at[3], left[4] = p.adj_x ? at[3] : k;
      right[3] = p.adj_y ? at[4] : k, right[4] = p.adj_y ? k : at[4];
      sum += x[index_of(p.x, left)] * y[index_of(p.y, right)];
    }
    z.push_back(sum);
  }
  return z;
}

TEST(BatchMatmul, FloatOverRandomShapes) {
  Numbers n;
  for (int i = 0; i < 200; ++i) {
    const Product p = random_product(n);
    OneNode one = OneNode::make<float>(p.x);
    const auto x = n.reals(element_count(p.x), -2, 2), y = n.reals(element_count(p.y), -2, 2);
    one.add(batch_matmul_op, p.attributes(), {one.constant("y", p.y, y)});
    EXPECT_EQ(one.output().shape, p.z);
    const auto want = exact(p, {x.begin(), x.end()}, {y.begin(), y.end()});
    const auto z = one.run<float>(x);
    for (size_t k = 0; k < z.size(); ++k) ASSERT_NEAR(z[k], want[k], 3e-5);
  }
}

// Scales of 1: the integer sums themselves.
template <class T>
void check_integer(Numbers& n, int32_t zero_point) {
  const Product p = random_product(n);
  OneNode one = OneNode::make<T>(p.x, per_tensor(1, zero_point));
  const auto x = n.many<T>(element_count(p.x), -6, 6), y = n.many<T>(element_count(p.y), -6, 6);
  Attributes attributes = p.attributes();
  attributes["output_zero_point"] = int64_t(zero_point);
  one.add(batch_matmul_op, attributes, {one.constant("y", p.y, y, per_tensor(1, -zero_point))});
  std::vector<double> x_real, y_real;
  for (T q : x) x_real.push_back(q - zero_point);
  for (T q : y) y_real.push_back(q + zero_point);
  const auto want = exact(p, x_real, y_real);
  const auto z = one.run<T>(x);
  const double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  for (size_t k = 0; k < z.size(); ++k)
    ASSERT_EQ(z[k], std::clamp(want[k] + zero_point, low, high)) << k;
}

TEST(BatchMatmul, IntegersOverRandomShapes) {
  Numbers n;
  for (int i = 0; i < 200; ++i) check_integer<int8_t>(n, 2), check_integer<int16_t>(n, 0);
}

std::string refusal(const Shape& x, const Shape& y, Attributes attributes = {}) {
  return code_of_failure([&] {
    OneNode one = OneNode::make<float>(x);
    const std::vector<float> numbers(size_t(element_count(y)), 1.0f);
    one.add(batch_matmul_op, std::move(attributes), {one.constant("y", y, numbers)});
  });
}

TEST(BatchMatmul, Refusals) {
  EXPECT_EQ(refusal({2, 3}, {3, 4}), "");
  EXPECT_EQ(refusal({2, 3}, {4, 3}), "wrong-shape");
  EXPECT_EQ(refusal({2, 3}, {3}), "wrong-shape");
  EXPECT_EQ(refusal({2, 2, 3}, {3, 3, 4}), "wrong-shape");
  EXPECT_EQ(refusal({2, 3}, {3, 4}, {{"adj_x", int64_t{2}}}), "wrong-attribute");
  OneNode one = OneNode::make<int16_t>({2, 2}, per_tensor(1, 0));
  const std::vector<int16_t> ones(4, 1);
  EXPECT_EQ(code_of_failure([&] {
              one.add(batch_matmul_op, {}, {one.constant("y", {2, 2}, ones, per_tensor(1, 5))});
            }),
            "wrong-quantization");
}

}  // namespace
}  // namespace mote
