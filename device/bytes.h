// SPDX-License-Identifier: Apache-2.0
// The player's own copies of three functions of a C library: an image would count the library's as
// the model's, which lies in the same memory. `volatile` keeps a compiler from calling the library
// again. In and out: as of memcpy, memmove to a lower address, strlen.
#pragma once
#include <stdint.h>

namespace mote {

// From the lowest address up; `to` may overlap what lies above it.
inline void copy_down(void* to, const void* from, uint32_t bytes) {
  volatile uint8_t* out = static_cast<volatile uint8_t*>(to);
  const uint8_t* in = static_cast<const uint8_t*>(from);
  for (uint32_t i = 0; i < bytes; ++i) out[i] = in[i];
}

inline uint32_t length_of(const char* text) {
  const volatile char* c = text;
  uint32_t n = 0;
  while (c[n] != 0) ++n;
  return n;
}

}  // namespace mote
