// SPDX-License-Identifier: Apache-2.0
// slice: random parts with random steps, also backwards, by places; and parts that leave the
// tensor.
#include <gtest/gtest.h>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

template <class T>
void expect_sliced(Numbers& numbers) {
  const Shape shape = random_dims(numbers, numbers.integer(1, 5), 5);
  std::vector<int64_t> begin, size, step;
  for (int32_t extent : shape) {
    step.push_back(numbers.integer(1, 3) * (numbers.integer(0, 1) ? 1 : -1));
    begin.push_back(numbers.integer(0, extent - 1));
    const int64_t behind = step.back() > 0 ? extent - 1 - begin.back() : begin.back();
    size.push_back(numbers.integer(1, int32_t(behind / std::abs(step.back())) + 1));
  }
  const Shape wanted(size.begin(), size.end());
  expect_moved<T>(slice_op, {{"begin", begin}, {"size", size}, {"step", step}}, shape, wanted,
                  [&](Place place) {
                    for (size_t d = 0; d < place.size(); ++d)
                      place[d] = int32_t(begin[d] + place[d] * step[d]);
                    return place;
                  });
}

TEST(Slice, TakesEveryNumberFromItsPlace) {
  Numbers numbers;
  for (int n = 0; n < 200; ++n) {
    expect_sliced<int8_t>(numbers);
    expect_sliced<uint8_t>(numbers);
    expect_sliced<int16_t>(numbers);
    expect_sliced<int32_t>(numbers);
    expect_sliced<int64_t>(numbers);
  }
}

TEST(Slice, RefusesPartsThatLeaveTheTensor) {
  struct Case {
    int64_t begin, size, step;
    const char* code;
  };
  for (const Case& c : {Case{0, 6, 1, "wrong-attribute"},
                        {5, 1, 1, "wrong-attribute"},
                        {-1, 1, 1, "wrong-attribute"},
                        {0, 1, 0, "wrong-attribute"},
                        {1, 3, -1, "wrong-attribute"},
                        {2, 2, 3, "wrong-attribute"},
                        {0, 0, 1, "wrong-shape"},
                        {0, -1, 1, "wrong-shape"},
                        {0, 2, INT64_MAX, "wrong-attribute"},
                        {0, 2, INT64_MIN, "wrong-attribute"},
                        {0, INT64_MAX, 1, "wrong-shape"},
                        {INT64_MIN, 1, 1, "wrong-attribute"}}) {
    OneNode one = OneNode::make<int8_t>({5});
    const Attributes attributes = {{"begin", std::vector<int64_t>{c.begin}},
                                   {"size", std::vector<int64_t>{c.size}},
                                   {"step", std::vector<int64_t>{c.step}}};
    EXPECT_EQ(code_of_failure([&] { one.add(slice_op, attributes); }), c.code)
        << c.begin << " " << c.size << " " << c.step;
  }
}

TEST(Slice, RefusesListsOfAnotherRank) {
  OneNode one = OneNode::make<int8_t>({5, 2});
  const Attributes attributes = {{"begin", std::vector<int64_t>{0}},
                                 {"size", std::vector<int64_t>{1, 1}}};
  EXPECT_EQ(code_of_failure([&] { one.add(slice_op, attributes); }), "wrong-attribute");
}

}  // namespace
}  // namespace mote
