// SPDX-License-Identifier: Apache-2.0
// broadcast_to and tile: random shapes by places, and shapes that do not fit.
#include <gtest/gtest.h>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

template <class T>
void expect_broadcast(Numbers& numbers) {
  const Shape to = random_dims(numbers, numbers.integer(1, 6));
  Shape from(to.begin() + numbers.integer(0, int32_t(to.size())), to.end());
  for (int32_t& d : from)
    if (numbers.integer(0, 1)) d = 1;
  expect_moved<T>(broadcast_to_op, {{"shape", as_list(to)}}, from, to, [&](const Place& place) {
    Place at(place.end() - int64_t(from.size()), place.end());
    for (size_t d = 0; d < at.size(); ++d) at[d] %= from[d];
    return at;
  });
}

template <class T>
void expect_tiled(Numbers& numbers) {
  const Shape from = random_dims(numbers, numbers.integer(0, 4));
  std::vector<int64_t> repeats;
  Shape to;
  for (int32_t d : from) {
    repeats.push_back(numbers.integer(1, 3));
    to.push_back(int32_t(repeats.back()) * d);
  }
  expect_moved<T>(tile_op, {{"repeats", repeats}}, from, to, [&](Place place) {
    for (size_t d = 0; d < place.size(); ++d) place[d] %= from[d];
    return place;
  });
}

TEST(BroadcastTo, RepeatsDimensionsOfOne) {
  Numbers numbers;
  for (int n = 0; n < 200; ++n) {
    expect_broadcast<int8_t>(numbers);
    expect_broadcast<int16_t>(numbers);
    expect_broadcast<int32_t>(numbers);
    expect_broadcast<int64_t>(numbers);
  }
}

TEST(Tile, RepeatsTheWholeTensor) {
  Numbers numbers;
  for (int n = 0; n < 200; ++n) {
    expect_tiled<int8_t>(numbers);
    expect_tiled<int16_t>(numbers);
    expect_tiled<float>(numbers);
  }
}

TEST(BroadcastTo, RefusesWhatDoesNotFit) {
  for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{
           {3}, {2, 2}, {3, 3}, {0, 3}, {INT64_MAX, 2, 3}, {INT32_MAX, 2, 3}, {-1, 3}}) {
    OneNode one = OneNode::make<int8_t>({2, 3});
    EXPECT_EQ(code_of_failure([&] {
                one.add(broadcast_to_op, {{"shape", shape}});
              }),
              "wrong-shape");
  }
}

TEST(Tile, RefusesWhatNoTensorHolds) {
  for (const std::vector<int64_t>& repeats : std::vector<std::vector<int64_t>>{
           {0, 1}, {1}, {INT64_MAX, INT64_MAX}, {INT32_MAX, INT32_MAX}, {-1, 1}}) {
    OneNode one = OneNode::make<int8_t>({2, 3});
    EXPECT_NE(code_of_failure([&] { one.add(tile_op, {{"repeats", repeats}}); }), "");
  }
}

}  // namespace
}  // namespace mote
