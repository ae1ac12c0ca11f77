// SPDX-License-Identifier: Apache-2.0
// Orders against the numbers themselves: what an order says about a tensor's memory is what
// transposing its indices gives.
#include "compiler/passes/order.h"

#include <gtest/gtest.h>

#include <numeric>

#include "ops/run_one_node.h"

namespace mote {
namespace {

// The row-major index of each number in memory.
std::vector<int64_t> places(const Order& order) {
  std::vector<int64_t> all{0};
  for (const Digit& digit : order) {
    std::vector<int64_t> more;
    for (int64_t at : all)
      for (int64_t i = 0; i < digit.size; ++i) more.push_back(at + i * digit.stride);
    all = more;
  }
  return all;
}

// transpose() of a row-major tensor, index by index.
std::vector<int64_t> transposed(const std::vector<int64_t>& x, const Shape& shape,
                                const Dimensions& perm) {
  std::vector<int64_t> result(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    std::vector<int64_t> at(shape.size());
    auto rest = int64_t(i);
    for (size_t d = shape.size(); d-- > 0; rest /= shape[d]) at[d] = rest % shape[d];
    int64_t to = 0;
    for (int64_t d : perm) to = to * shape[size_t(d)] + at[size_t(d)];
    result[size_t(to)] = x[i];
  }
  return result;
}

std::vector<int64_t> counted(int64_t n) {
  std::vector<int64_t> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST(Order, NeighboursAreOneLoop) {
  EXPECT_EQ(permuted({2, 3, 4, 5}, {0, 1, 2, 3}), row_major(120));
  EXPECT_EQ(permuted({2, 3, 4, 5}, {0, 2, 3, 1}), (Order{{2, 60}, {20, 1}, {3, 20}}));
  EXPECT_EQ(permuted({1, 3, 1, 1}, {2, 1, 3, 0}), row_major(3));
  EXPECT_EQ(row_major(1), Order{});
}

TEST(Order, DimensionsOfOneAreFree) {
  EXPECT_EQ(permutation_in(permuted({1, 20, 1, 5}, {0, 2, 3, 1}), {1, 20, 1, 5}),
            (Dimensions{0, 2, 3, 1}));
  EXPECT_EQ(dimensions_in(permuted({2, 3, 4}, {2, 0, 1}), {2, 3, 4}), (Dimensions{2, 0, 1}));
  EXPECT_EQ(dimensions_in(permuted({6, 4}, {1, 0}), {2, 12}), std::nullopt);
}

// Reshapes and transposes in a row: the composed order is what they do to the numbers, its inverse
// is the way back, and an exchange is one transpose between any two of them.
TEST(Order, ChainsAreOneOrder) {
  Numbers numbers(11);
  int32_t composed_chains = 0;
  for (int32_t round = 0; round < 2000; ++round) {
    const int64_t n = numbers.integer(0, 1) ? 360 : 64;
    std::vector<int64_t> memory = counted(n);
    Order order = row_major(n);
    bool known = true;
    for (int32_t step = numbers.integer(1, 4); step > 0 && known; --step) {
      Shape shape;
      for (int64_t rest = n; rest > 1;) {
        int32_t size = numbers.integer(1, 6);
        if (rest % size != 0) continue;
        shape.push_back(size), rest /= size;
      }
      Dimensions perm = counted(int64_t(shape.size()));
      for (size_t d = perm.size(); d-- > 1;)
        std::swap(perm[d], perm[size_t(numbers.integer(0, int32_t(d)))]);
      const auto next = composed(permuted(shape, perm), order);
      known = next.has_value();
      if (!known) break;
      memory = transposed(memory, shape, perm);
      order = *next;
      ASSERT_EQ(places(order), memory);
      const auto back = composed(inverse(order), order);
      ASSERT_EQ(back, row_major(n));
      const auto way = exchange(row_major(n), order);
      if (!way) continue;
      ASSERT_EQ(transposed(counted(n), way->shape, way->perm), memory);
    }
    composed_chains += known;
  }
  EXPECT_GT(composed_chains, 500);
}

TEST(Order, LoopsThatDoNotMeetAreTold) {
  const Order first = permuted({2, 3}, {1, 0});
  EXPECT_TRUE(composed(permuted({3, 2}, {1, 0}), first));
  EXPECT_FALSE(composed(permuted({2, 3}, {1, 0}), first));
}

}  // namespace
}  // namespace mote
