// SPDX-License-Identifier: Apache-2.0
// transpose: random permutations of random tensors of every element size, by places.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

template <class T>
void expect_transposed(Numbers& numbers, int32_t rank) {
  const Shape shape = random_dims(numbers, rank, rank > 5 ? 3 : 4);
  std::vector<int64_t> perm(shape.size());
  std::iota(perm.begin(), perm.end(), 0);
  for (size_t d = perm.size(); d-- > 1;)
    std::swap(perm[d], perm[size_t(numbers.integer(0, int32_t(d)))]);
  Shape wanted;
  for (int64_t d : perm) wanted.push_back(shape[size_t(d)]);
  expect_moved<T>(transpose_op, {{"perm", perm}}, shape, wanted, [&](const Place& place) {
    Place from(place.size());
    for (size_t d = 0; d < place.size(); ++d) from[size_t(perm[d])] = place[d];
    return from;
  });
}

TEST(Transpose, MovesEveryNumberToItsPlace) {
  Numbers numbers;
  for (int n = 0; n < 60; ++n)
    for (int32_t rank = 0; rank <= 6; ++rank) {
      expect_transposed<int8_t>(numbers, rank);
      expect_transposed<int16_t>(numbers, rank);
      expect_transposed<float>(numbers, rank);
      expect_transposed<int64_t>(numbers, rank);
    }
}

TEST(Transpose, ScalesFollowTheirDimension) {
  OneNode one = OneNode::make<int8_t>({2, 3}, {{0.5f, 0.25f}, {0, 0}, 0});
  one.add(transpose_op, {{"perm", std::vector<int64_t>{1, 0}}});
  EXPECT_EQ(one.output().quantization, (Quantization{{0.5f, 0.25f}, {0, 0}, 1}));
}

TEST(Transpose, RefusesWhatIsNoPermutation) {
  for (const std::vector<int64_t>& perm : std::vector<std::vector<int64_t>>{
           {0}, {0, 0}, {0, 2}, {-3, 0}, {0, 1, 2}, {INT64_MIN, INT64_MAX}}) {
    OneNode one = OneNode::make<int8_t>({2, 3});
    EXPECT_EQ(code_of_failure([&] { one.add(transpose_op, {{"perm", perm}}); }), "wrong-attribute");
  }
}

}  // namespace
}  // namespace mote
