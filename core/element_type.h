// SPDX-License-Identifier: Apache-2.0
// The element types of tensors, their sizes and their names. Device-clean: both worlds speak these
// words.
#pragma once
#include <stdint.h>

namespace mote {

enum class ElementType : uint8_t { f32, s8, u8, s16, s32, s64 };

constexpr int32_t kElementTypeCount = 6;

// Bytes of one element.
constexpr int32_t element_bytes(ElementType type) {
  return type == ElementType::s64                               ? 8
         : type == ElementType::f32 || type == ElementType::s32 ? 4
         : type == ElementType::s16                             ? 2
                                                                : 1;
}

}  // namespace mote
