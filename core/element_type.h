// SPDX-License-Identifier: Apache-2.0
// The element types of tensors, their sizes and their names. Device-clean: both worlds speak these
// words.
#pragma once
#include <stdint.h>

namespace mote {

// boolean: one byte, 0 or 1.
enum class ElementType : uint8_t { f32, s8, u8, s16, s32, s64, u16, u32, boolean, u64 };

constexpr int32_t kElementTypeCount = 10;

// use(T()) with the C++ type that an element is stored as; a boolean as uint8_t.
template <class Use>
constexpr auto with_element_type(ElementType type, Use use) {
  switch (type) {
    case ElementType::s8:
      return use(int8_t());
    case ElementType::u8:
    case ElementType::boolean:
      return use(uint8_t());
    case ElementType::s16:
      return use(int16_t());
    case ElementType::u16:
      return use(uint16_t());
    case ElementType::s32:
      return use(int32_t());
    case ElementType::u32:
      return use(uint32_t());
    case ElementType::s64:
      return use(int64_t());
    case ElementType::u64:
      return use(uint64_t());
    case ElementType::f32:
      break;
  }
  return use(float());
}

// Bytes of one element.
constexpr int32_t element_bytes(ElementType type) {
  return with_element_type(type, [](auto element) { return int32_t(sizeof element); });
}

}  // namespace mote
