// SPDX-License-Identifier: Apache-2.0
// gather, gather_nd, gather_elements: random tensors and indices by places, indices outside, and
// shapes that do not belong together. The indices are the stream, the table is constant.
#include <gtest/gtest.h>

#include <algorithm>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

// What the kernels do with an index: counted from the end or not, then limited.
int32_t limited(int32_t index, int32_t extent, bool from_last) {
  if (from_last && index < 0) index += extent;
  return std::clamp(index, 0, extent - 1);
}

struct Indexed {
  OneNode one;
  std::vector<int32_t> indices;
  std::vector<int16_t> table;
};

// The operator reading a constant table at random indices, some of them outside.
Indexed indexed(Numbers& numbers, const OpDef& op, const Shape& x, const Shape& shape,
                const Attributes& attributes) {
  Indexed made{OneNode::make<int32_t>(shape), {}, counted<int16_t>(x)};
  made.indices = numbers.many<int32_t>(element_count(shape), -5, 5);
  const ValueId table = made.one.constant("table", x, made.table);
  made.one.graph.outputs = {
      made.one.graph.add_node(op, "node", {table, made.one.input}, attributes)};
  return made;
}

TEST(Gather, ChoosesSlices) {
  Numbers numbers;
  for (int n = 0; n < 400; ++n) {
    const Shape x = random_dims(numbers, numbers.integer(1, 4));
    const auto axis = size_t(numbers.integer(0, int32_t(x.size()) - 1));
    const auto batch = size_t(numbers.integer(0, int32_t(axis)));
    Shape shape(x.begin(), x.begin() + int64_t(batch));
    for (int32_t d : random_dims(numbers, numbers.integer(0, 2))) shape.push_back(d);
    const bool from_last = numbers.integer(0, 1) == 1;
    Indexed made = indexed(numbers, gather_op, x, shape,
                           {{"axis", int64_t(axis)},
                            {"batch_dims", int64_t(batch)},
                            {"from_last", int64_t(from_last)}});
    const size_t inserted = shape.size() - batch;
    std::vector<int16_t> expected;
    for (const Place& place : places_of(made.one.output().shape)) {
      Place at(place.begin(), place.begin() + int64_t(batch));
      at.insert(at.end(), place.begin() + int64_t(axis), place.begin() + int64_t(axis + inserted));
      const int32_t index = limited(made.indices[index_of(shape, at)], x[axis], from_last);
      Place from(place.begin(), place.begin() + int64_t(axis));
      from.push_back(index);
      from.insert(from.end(), place.begin() + int64_t(axis + inserted), place.end());
      expected.push_back(made.table[index_of(x, from)]);
    }
    ASSERT_EQ(made.one.run<int16_t>(made.indices), expected);
  }
}

TEST(GatherNd, ChoosesByTuples) {
  Numbers numbers;
  for (int n = 0; n < 400; ++n) {
    const Shape x = random_dims(numbers, numbers.integer(1, 4));
    const auto rank = int32_t(x.size());
    const auto batch = size_t(numbers.integer(0, rank - 1));
    Shape shape(x.begin(), x.begin() + int64_t(batch));
    for (int32_t d : random_dims(numbers, numbers.integer(0, 2))) shape.push_back(d);
    const Shape leading = shape;
    const auto depth = size_t(numbers.integer(1, rank - int32_t(batch)));
    shape.push_back(int32_t(depth));
    Indexed made = indexed(numbers, gather_nd_op, x, shape, {{"batch_dims", int64_t(batch)}});
    std::vector<int16_t> expected;
    for (const Place& place : places_of(made.one.output().shape)) {
      Place tuple(place.begin(), place.begin() + int64_t(leading.size()));
      Place from(place.begin(), place.begin() + int64_t(batch));
      tuple.push_back(0);
      for (size_t d = 0; d < depth; ++d) {
        tuple.back() = int32_t(d);
        from.push_back(limited(made.indices[index_of(shape, tuple)], x[batch + d], false));
      }
      from.insert(from.end(), place.begin() + int64_t(leading.size()), place.end());
      expected.push_back(made.table[index_of(x, from)]);
    }
    ASSERT_EQ(made.one.run<int16_t>(made.indices), expected);
  }
}

TEST(GatherElements, ReplacesThePlaceAlongTheAxis) {
  Numbers numbers;
  for (int n = 0; n < 400; ++n) {
    const Shape x = random_dims(numbers, numbers.integer(1, 4));
    const auto axis = size_t(numbers.integer(0, int32_t(x.size()) - 1));
    Shape shape;
    for (int32_t d : x) shape.push_back(numbers.integer(1, d));
    shape[axis] = numbers.integer(1, 6);
    Indexed made = indexed(numbers, gather_elements_op, x, shape,
                           {{"axis", int64_t(axis)}, {"from_last", int64_t(1)}});
    std::vector<int16_t> expected;
    for (Place place : places_of(shape)) {
      place[axis] = limited(made.indices[index_of(shape, place)], x[axis], true);
      expected.push_back(made.table[index_of(x, place)]);
    }
    ASSERT_EQ(made.one.run<int16_t>(made.indices), expected);
  }
}

std::string code_of(const OpDef& op, const Shape& x, const Shape& indices,
                    const Attributes& attributes) {
  Numbers numbers;
  return code_of_failure([&] { indexed(numbers, op, x, indices, attributes); });
}

TEST(Gather, Refusals) {
  EXPECT_EQ(code_of(gather_op, {2, 3}, {2}, {{"axis", int64_t(2)}}), "wrong-attribute");
  EXPECT_EQ(code_of(gather_op, {2, 3}, {2}, {{"axis", INT64_MIN}}), "wrong-attribute");
  EXPECT_EQ(code_of(gather_op, {}, {2}, {}), "wrong-attribute");
  EXPECT_EQ(code_of(gather_op, {2, 3}, {3}, {{"axis", int64_t(1)}, {"batch_dims", int64_t(1)}}),
            "wrong-shape");
  EXPECT_EQ(code_of(gather_op, {2, 3}, {2}, {{"batch_dims", int64_t(1)}}), "wrong-attribute");
  EXPECT_EQ(code_of(gather_op, {2, 3}, {2}, {{"from_last", int64_t(2)}}), "wrong-attribute");
  EXPECT_EQ(code_of(gather_nd_op, {2, 3}, {2, 3}, {}), "wrong-shape");
  EXPECT_EQ(code_of(gather_nd_op, {2, 3}, {}, {}), "wrong-shape");
  EXPECT_EQ(code_of(gather_elements_op, {2, 3}, {3, 3}, {{"axis", int64_t(1)}}), "wrong-shape");
  EXPECT_EQ(code_of(gather_elements_op, {2, 3}, {2}, {}), "wrong-shape");
}

TEST(Gather, RefusesIndicesThatAreNotS32) {
  OneNode one = OneNode::make<int8_t>({2});
  const ValueId table = one.constant("table", {3}, std::vector<int8_t>{1, 2, 3});
  EXPECT_EQ(code_of_failure([&] {
              one.graph.add_node(gather_op, "node", {table, one.input});
            }),
            "wrong-type");
}

}  // namespace
}  // namespace mote
