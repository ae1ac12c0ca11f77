// SPDX-License-Identifier: Apache-2.0
// scatter_nd and scatter_elements: random updates with repeated places, every reduction, by places.
#include <gtest/gtest.h>

#include <algorithm>

#include "ops/nn/movement_oracle.h"

namespace mote {
namespace {

constexpr const char* kReductions[] = {"none", "add", "mul", "max", "min"};

template <class T>
T met(const std::string& reduction, T a, T b) {
  if (reduction == "add") return T(a + b);
  if (reduction == "mul") return T(a * b);
  if (reduction == "max") return std::max(a, b);
  if (reduction == "min") return std::min(a, b);
  return b;
}

struct Scattered {
  Shape data, indices, updates;
};

// The data are the stream; indices and updates are constant.
template <class T>
std::vector<T> scatter(const OpDef& op, const Scattered& shapes, const Attributes& attributes,
                       const std::vector<T>& data, const std::vector<int32_t>& indices,
                       const std::vector<T>& updates) {
  OneNode one = OneNode::make<T>(shapes.data);
  one.add(op, attributes,
          {one.constant("indices", shapes.indices, indices),
           one.constant("updates", shapes.updates, updates)});
  return one.template run<T>(data);
}

template <class T>
void expect_tuples_scattered(Numbers& numbers, const std::string& reduction) {
  const Shape data = random_dims(numbers, numbers.integer(1, 4));
  const int32_t depth = numbers.integer(1, int32_t(data.size()));
  const int32_t tuples = numbers.integer(1, 6);
  Shape updates{tuples};
  updates.insert(updates.end(), data.begin() + depth, data.end());
  std::vector<int32_t> indices;
  for (int32_t t = 0; t < tuples; ++t)
    for (int32_t d = 0; d < depth; ++d)
      indices.push_back(numbers.integer(0, data[size_t(d)] - 1) - data[size_t(d)] * (t % 2));
  const auto x = numbers.many<T>(element_count(data), -3, 3);
  const auto u = numbers.many<T>(element_count(updates), -3, 3);
  std::vector<T> expected = x;
  for (const Place& place : places_of(updates)) {
    Place at;
    for (int32_t d = 0; d < depth; ++d) {
      const int32_t index = indices[size_t(place[0] * depth + d)];
      at.push_back(index < 0 ? index + data[size_t(d)] : index);
    }
    at.insert(at.end(), place.begin() + 1, place.end());
    T& y = expected[index_of(data, at)];
    y = met(reduction, y, u[index_of(updates, place)]);
  }
  const Attributes attributes = {{"from_last", int64_t(1)}, {"reduction", reduction}};
  ASSERT_EQ(scatter(scatter_nd_op, {data, {tuples, depth}, updates}, attributes, x, indices, u),
            expected);
}

template <class T>
void expect_elements_scattered(Numbers& numbers, const std::string& reduction) {
  const Shape data = random_dims(numbers, numbers.integer(1, 4));
  const auto axis = size_t(numbers.integer(0, int32_t(data.size()) - 1));
  Shape shape;
  for (int32_t d : data) shape.push_back(numbers.integer(1, d));
  shape[axis] = numbers.integer(1, 6);
  const auto indices = numbers.many<int32_t>(element_count(shape), 0, data[axis] - 1);
  const auto x = numbers.many<T>(element_count(data), -3, 3);
  const auto u = numbers.many<T>(element_count(shape), -3, 3);
  std::vector<T> expected = x;
  for (const Place& place : places_of(shape)) {
    Place at = place;
    at[axis] = indices[index_of(shape, place)];
    T& y = expected[index_of(data, at)];
    y = met(reduction, y, u[index_of(shape, place)]);
  }
  const Attributes attributes = {{"axis", int64_t(axis)}, {"reduction", reduction}};
  ASSERT_EQ(scatter(scatter_elements_op, {data, shape, shape}, attributes, x, indices, u),
            expected);
}

TEST(Scatter, UpdatesMeetWhatIsThereInTheirOrder) {
  Numbers numbers;
  for (const char* reduction : kReductions)
    for (int n = 0; n < 100; ++n) {
      expect_tuples_scattered<float>(numbers, reduction);
      expect_tuples_scattered<int8_t>(numbers, reduction);
      expect_tuples_scattered<int32_t>(numbers, reduction);
      expect_tuples_scattered<int64_t>(numbers, reduction);
      expect_elements_scattered<float>(numbers, reduction);
      expect_elements_scattered<int8_t>(numbers, reduction);
      expect_elements_scattered<int32_t>(numbers, reduction);
      expect_elements_scattered<int64_t>(numbers, reduction);
    }
}

TEST(Scatter, SumsWrapAround) {
  const std::vector<int32_t> y =
      scatter<int32_t>(scatter_nd_op, {{1}, {1, 1}, {1}}, {{"reduction", std::string("add")}},
                       {INT32_MAX}, {0}, {1});
  EXPECT_EQ(y[0], INT32_MIN);
}

TEST(Scatter, Refusals) {
  const auto code = [](const OpDef& op, const Scattered& shapes, const char* reduction) {
    return code_of_failure([&] {
      OneNode one = OneNode::make<int16_t>(shapes.data);
      const std::vector<int32_t> indices(size_t(element_count(shapes.indices)));
      const std::vector<int16_t> updates(size_t(element_count(shapes.updates)));
      one.add(op, {{"reduction", std::string(reduction)}},
              {one.constant("indices", shapes.indices, indices),
               one.constant("updates", shapes.updates, updates)});
    });
  };
  EXPECT_EQ(code(scatter_nd_op, {{2, 3}, {4, 1}, {4, 3}}, "none"), "");
  EXPECT_EQ(code(scatter_nd_op, {{2, 3}, {4, 1}, {4, 2}}, "none"), "wrong-shape");
  EXPECT_EQ(code(scatter_nd_op, {{2, 3}, {4, 3}, {4}}, "none"), "wrong-shape");
  EXPECT_EQ(code(scatter_nd_op, {{2, 3}, {4, 1}, {4, 3}}, "sum"), "wrong-attribute");
  EXPECT_EQ(code(scatter_nd_op, {{2, 3}, {4, 1}, {4, 3}}, "add"), "wrong-type");
  EXPECT_EQ(code(scatter_elements_op, {{2, 3}, {2, 2}, {2, 2}}, "none"), "");
  EXPECT_EQ(code(scatter_elements_op, {{2, 3}, {2, 2}, {2, 1}}, "none"), "wrong-shape");
  EXPECT_EQ(code(scatter_elements_op, {{2, 3}, {2, 4}, {2, 4}}, "none"), "wrong-shape");
}

TEST(Scatter, QuantisedNumbersAreNotAdded) {
  OneNode one = OneNode::make<int8_t>({2}, per_tensor(0.5f, 3));
  const ValueId indices = one.constant("indices", {1, 1}, std::vector<int32_t>{0});
  const ValueId updates = one.constant("updates", {1}, std::vector<int8_t>{1}, per_tensor(0.5f, 3));
  EXPECT_EQ(code_of_failure([&] {
              one.add(scatter_nd_op, {{"reduction", std::string("add")}}, {indices, updates});
            }),
            "wrong-type");
}

}  // namespace
}  // namespace mote
