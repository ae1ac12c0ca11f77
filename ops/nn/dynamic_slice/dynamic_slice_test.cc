// SPDX-License-Identifier: Apache-2.0
// dynamic_slice and dynamic_update_slice: random starts, also outside, by places. The start is the
// stream.
#include <gtest/gtest.h>

#include <algorithm>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

struct Moving {
  Shape whole, part;
  Place start;      // as given
  Place effective;  // such that the part fits
};

Moving random_part(Numbers& numbers) {
  Moving m;
  m.whole = random_dims(numbers, numbers.integer(1, 5), 5);
  for (int32_t extent : m.whole) {
    m.part.push_back(numbers.integer(1, extent));
    m.start.push_back(numbers.integer(-3, 7));
    m.effective.push_back(std::clamp(m.start.back(), 0, extent - m.part.back()));
  }
  return m;
}

Place moved(Place place, const Place& by) {
  for (size_t d = 0; d < place.size(); ++d) place[d] += by[d];
  return place;
}

template <class T>
void expect_part(Numbers& numbers) {
  const Moving m = random_part(numbers);
  OneNode one = OneNode::make<int32_t>({int32_t(m.whole.size())});
  const std::vector<T> x = counted<T>(m.whole);
  const ValueId table = one.constant("x", m.whole, x);
  one.graph.outputs = {one.graph.add_node(dynamic_slice_op, "node", {table, one.input},
                                          {{"size", as_list(m.part)}})};
  std::vector<T> expected;
  for (const Place& place : places_of(m.part))
    expected.push_back(x[index_of(m.whole, moved(place, m.effective))]);
  ASSERT_EQ(one.run<T>(m.start), expected);
}

template <class T>
void expect_update(Numbers& numbers) {
  const Moving m = random_part(numbers);
  OneNode one = OneNode::make<int32_t>({int32_t(m.whole.size())});
  const std::vector<T> x = counted<T>(m.whole);
  const std::vector<T> update(size_t(element_count(m.part)), T(-1));
  const std::vector<ValueId> inputs{one.constant("x", m.whole, x),
                                    one.constant("update", m.part, update), one.input};
  one.graph.outputs = {one.graph.add_node(dynamic_update_slice_op, "node", inputs)};
  std::vector<T> expected = x;
  for (const Place& place : places_of(m.part))
    expected[index_of(m.whole, moved(place, m.effective))] = T(-1);
  ASSERT_EQ(one.run<T>(m.start), expected);
}

TEST(DynamicSlice, BeginsAtComputedIndices) {
  Numbers numbers;
  for (int n = 0; n < 200; ++n) {
    expect_part<int8_t>(numbers);
    expect_part<float>(numbers);
  }
}

TEST(DynamicUpdateSlice, ReplacesAtComputedIndices) {
  Numbers numbers;
  for (int n = 0; n < 200; ++n) {
    expect_update<int8_t>(numbers);
    expect_update<int16_t>(numbers);
    expect_update<float>(numbers);
  }
}

TEST(DynamicSlice, Refusals) {
  const auto code = [](const Shape& start, const std::vector<int64_t>& size) {
    OneNode one = OneNode::make<int32_t>(start);
    const ValueId x = one.constant("x", {2, 3}, counted<int8_t>({2, 3}));
    return code_of_failure([&] {
      one.graph.add_node(dynamic_slice_op, "node", {x, one.input}, {{"size", size}});
    });
  };
  EXPECT_EQ(code({2}, {1, 2}), "");
  EXPECT_EQ(code({3}, {1, 2}), "wrong-shape");
  EXPECT_EQ(code({2, 1}, {1, 2}), "wrong-shape");
  EXPECT_EQ(code({2}, {3, 2}), "wrong-shape");
  EXPECT_EQ(code({2}, {0, 2}), "wrong-shape");
  EXPECT_EQ(code({2}, {1}), "wrong-attribute");
}

TEST(DynamicUpdateSlice, RefusesALargerUpdate) {
  OneNode one = OneNode::make<int8_t>({2, 3});
  const ValueId update = one.constant("update", {2, 4}, counted<int8_t>({2, 4}));
  const ValueId start = one.constant("start", {2}, std::vector<int32_t>{0, 0});
  EXPECT_EQ(code_of_failure([&] {
              one.add(dynamic_update_slice_op, {}, {update, start});
            }),
            "wrong-shape");
}

}  // namespace
}  // namespace mote
