// SPDX-License-Identifier: Apache-2.0
// For tests of operators that move numbers: every place of a tensor in order, and a tensor that is
// read by place. The oracle of their loop nests, without strides.
#pragma once
#include "ops/run_one_node.h"

namespace mote {

using Place = std::vector<int32_t>;

// The places of a tensor, the last dimension running fastest.
inline std::vector<Place> places_of(const Shape& shape) {
  std::vector<Place> places{{}};
  for (int32_t extent : shape) {
    std::vector<Place> longer;
    for (const Place& place : places)
      for (int32_t i = 0; i < extent; ++i) {
        longer.push_back(place);
        longer.back().push_back(i);
      }
    places = longer;
  }
  return places;
}

inline size_t index_of(const Shape& shape, const Place& place) {
  size_t index = 0;
  for (size_t d = 0; d < shape.size(); ++d) index = index * size_t(shape[d]) + size_t(place.at(d));
  return index;
}

// 0, 1, 2, ...: every number says where it came from.
template <class T>
std::vector<T> counted(const Shape& shape) {
  std::vector<T> numbers;
  for (int64_t i = 0; i < element_count(shape); ++i) numbers.push_back(T(i));
  return numbers;
}

inline Shape random_dims(Numbers& numbers, int32_t rank, int32_t most = 4) {
  Shape shape;
  for (int32_t d = 0; d < rank; ++d) shape.push_back(numbers.integer(1, most));
  return shape;
}

inline std::vector<int64_t> as_list(const std::vector<int32_t>& list) {
  return {list.begin(), list.end()};
}

// The operator on x = 0, 1, 2, ...; source(place) is the place of x that y has there.
template <class T, class Source>
void expect_moved(const OpDef& op, const Attributes& attributes, const Shape& shape,
                  const Shape& wanted, Source source) {
  OneNode one = OneNode::make<T>(shape);
  one.add(op, attributes);
  ASSERT_EQ(one.output().shape, wanted);
  const std::vector<T> x = counted<T>(shape);
  const std::vector<T> y = one.template run<T>(x);
  std::vector<T> expected;
  for (const Place& place : places_of(wanted))
    expected.push_back(x[index_of(shape, source(place))]);
  ASSERT_EQ(y, expected);
}

}  // namespace mote
