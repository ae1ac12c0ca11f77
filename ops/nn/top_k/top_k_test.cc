// SPDX-License-Identifier: Apache-2.0
// top_k against a stable sort, with many ties; one_hot, reverse_sequence and trilu by places.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

template <class T>
void expect_best(Numbers& numbers) {
  const int32_t length = numbers.integer(1, 30), k = numbers.integer(1, length);
  const bool smallest = numbers.integer(0, 1) == 1;
  OneNode one = OneNode::make<T>({2, length});
  one.add(top_k_op, {{"k", int64_t(k)}, {"smallest", int64_t(smallest)}});
  const std::vector<T> x = numbers.many<T>(2 * length, -4, 4);
  Evaluator evaluator(one.graph);
  evaluator.push(0, x.data());
  const std::vector<T> values = one.template numbers<T>(evaluator);
  const auto bytes = evaluator.bytes(one.graph.nodes[0].outputs[1]);
  std::vector<int32_t> indices(bytes.size() / 4);
  std::memcpy(indices.data(), bytes.data(), bytes.size());
  for (int32_t row = 0; row < 2; ++row) {
    std::vector<int32_t> order(size_t(length), 0);
    std::iota(order.begin(), order.end(), 0);
    const auto at = [&](int32_t i) { return x[size_t(row * length + i)]; };
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return smallest ? at(a) < at(b) : at(a) > at(b);
    });
    for (int32_t i = 0; i < k; ++i) {
      ASSERT_EQ(indices[size_t(row * k + i)], order[size_t(i)]);
      ASSERT_EQ(values[size_t(row * k + i)], at(order[size_t(i)]));
    }
  }
}

TEST(TopK, IsAStableSort) {
  Numbers numbers;
  for (int n = 0; n < 300; ++n) {
    expect_best<float>(numbers);
    expect_best<int8_t>(numbers);
    expect_best<int16_t>(numbers);
    expect_best<int32_t>(numbers);
    expect_best<int64_t>(numbers);
  }
}

TEST(TopK, Refusals) {
  for (int64_t k : {int64_t(0), int64_t(4), int64_t(-1), INT64_MAX}) {
    OneNode one = OneNode::make<float>({2, 3});
    EXPECT_EQ(code_of_failure([&] { one.add(top_k_op, {{"k", k}}); }), "wrong-attribute");
  }
  OneNode scalar = OneNode::make<float>({});
  EXPECT_EQ(code_of_failure([&] { scalar.add(top_k_op, {{"k", int64_t(1)}}); }), "wrong-shape");
  OneNode bytes = OneNode::make<uint8_t>({3});
  EXPECT_EQ(code_of_failure([&] { bytes.add(top_k_op, {{"k", int64_t(1)}}); }), "wrong-type");
}

TEST(OneHot, IsOnAtTheIndex) {
  Numbers numbers;
  for (int n = 0; n < 200; ++n) {
    const Shape shape = random_dims(numbers, numbers.integer(0, 3));
    const auto axis = size_t(numbers.integer(0, int32_t(shape.size())));
    const int32_t depth = numbers.integer(1, 5);
    const bool from_last = numbers.integer(0, 1) == 1;
    OneNode one = OneNode::make<int32_t>(shape);
    const ValueId values = one.constant("values", {2}, std::vector<int16_t>{-7, 300});
    one.add(one_hot_op,
            {{"depth", int64_t(depth)}, {"axis", int64_t(axis)}, {"from_last", int64_t(from_last)}},
            {values});
    const auto x = numbers.many<int32_t>(element_count(shape), -6, 6);
    std::vector<int16_t> expected;
    for (Place place : places_of(one.output().shape)) {
      const int32_t d = place[axis];
      place.erase(place.begin() + int64_t(axis));
      int32_t index = x[index_of(shape, place)];
      if (from_last && index < 0) index += depth;
      expected.push_back(index == d ? 300 : -7);
    }
    ASSERT_EQ(one.run<int16_t>(x), expected);
  }
}

TEST(OneHot, Refusals) {
  const auto code = [](int64_t depth, int64_t axis) {
    OneNode one = OneNode::make<int32_t>({2});
    const ValueId values = one.constant("values", {2}, std::vector<int16_t>{0, 1});
    return code_of_failure([&] {
      one.add(one_hot_op, {{"depth", depth}, {"axis", axis}}, {values});
    });
  };
  EXPECT_EQ(code(3, 1), "");
  EXPECT_EQ(code(3, 2), "wrong-attribute");
  EXPECT_EQ(code(0, 1), "wrong-shape");
  EXPECT_EQ(code(INT64_MAX, 1), "wrong-shape");
}

TEST(ReverseSequence, ReversesUpToTheLength) {
  Numbers numbers;
  for (int n = 0; n < 300; ++n) {
    const Shape shape = random_dims(numbers, numbers.integer(2, 4));
    const auto rank = int32_t(shape.size());
    const auto sequence = size_t(numbers.integer(0, rank - 1));
    const auto batch = size_t((int32_t(sequence) + numbers.integer(1, rank - 1)) % rank);
    OneNode one = OneNode::make<int16_t>(shape);
    const auto lengths = numbers.many<int32_t>(shape[batch], -1, 6);
    one.add(reverse_sequence_op,
            {{"sequence_axis", int64_t(sequence)}, {"batch_axis", int64_t(batch)}},
            {one.constant("lengths", {shape[batch]}, lengths)});
    const auto x = counted<int16_t>(shape);
    std::vector<int16_t> expected;
    for (Place place : places_of(shape)) {
      const int32_t length = std::clamp(lengths[size_t(place[batch])], 0, shape[sequence]);
      if (place[sequence] < length) place[sequence] = length - 1 - place[sequence];
      expected.push_back(x[index_of(shape, place)]);
    }
    ASSERT_EQ(one.run<int16_t>(x), expected);
  }
}

TEST(ReverseSequence, RefusesOneAxisForBoth) {
  OneNode one = OneNode::make<int16_t>({2, 3});
  const ValueId lengths = one.constant("lengths", {2}, std::vector<int32_t>{1, 1});
  const Attributes attributes = {{"sequence_axis", int64_t(-2)}, {"batch_axis", int64_t(0)}};
  EXPECT_EQ(code_of_failure([&] { one.add(reverse_sequence_op, attributes, {lengths}); }),
            "wrong-attribute");
}

TEST(Trilu, KeepsTheTriangle) {
  for (int64_t upper : {0, 1})
    for (int64_t diagonal : {INT64_MIN, int64_t(-2), int64_t(0), int64_t(1), INT64_MAX}) {
      const Shape shape{2, 3, 4};
      OneNode one = OneNode::make<int8_t>(shape, per_tensor(0.5f, -9));
      one.add(trilu_op, {{"upper", upper}, {"diagonal", diagonal}});
      const auto x = counted<int8_t>(shape);
      std::vector<int8_t> expected;
      for (const Place& place : places_of(shape)) {
        const int64_t across = place[2] - place[1];
        const bool stays = upper ? across >= diagonal : across <= diagonal;
        expected.push_back(stays ? x[index_of(shape, place)] : int8_t(-9));
      }
      EXPECT_EQ(one.run<int8_t>(x), expected) << upper << " " << diagonal;
    }
}

}  // namespace
}  // namespace mote
