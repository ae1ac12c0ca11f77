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
  switch (value.type) {
    case ElementType::f32:
      return with_elements_as<float>(value, bytes, use);
    case ElementType::s8:
      return with_elements_as<int8_t>(value, bytes, use);
    case ElementType::u8:
      return with_elements_as<uint8_t>(value, bytes, use);
    case ElementType::s16:
      return with_elements_as<int16_t>(value, bytes, use);
    case ElementType::s32:
      return with_elements_as<int32_t>(value, bytes, use);
    case ElementType::s64:
      return with_elements_as<int64_t>(value, bytes, use);
  }
  MOTE_ASSERT(false);
  return use(std::vector<int64_t>());
}

}  // namespace mote
