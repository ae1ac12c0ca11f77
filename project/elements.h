// SPDX-License-Identifier: Apache-2.0
// The elements of a value as numbers. In: a Value and its bytes, aligned or not. Out: what `use`
// makes of them as a std::vector of their C++ type.
#pragma once
#include <cstring>
#include <vector>

#include "graph/graph.h"

namespace mote {

template <class T, class Use>
auto with_elements_as(const Value& value, const uint8_t* bytes, Use use) {
  std::vector<T> elements(static_cast<size_t>(value.elements()));
  std::memcpy(elements.data(), bytes, elements.size() * sizeof(T));
  return use(elements);
}

template <class Use>
auto with_elements(const Value& value, const uint8_t* bytes, Use use) {
  return with_element_type(value.type, [&](auto element) {
    return with_elements_as<decltype(element)>(value, bytes, use);
  });
}

}  // namespace mote
