// SPDX-License-Identifier: Apache-2.0
// See float16.h.
#include "compiler/import/float16.h"

#include <cstring>

namespace mote {

float float16_to_float(uint16_t bits) {
  const uint32_t sign = uint32_t(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 31;
  const uint32_t fraction = bits & 1023;
  if (exponent == 0) {  // zero and subnormal: fraction * 2^-24
    const float magnitude = float(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const uint32_t wide = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

Bytes floats_of_float16(std::span<const uint8_t> data) {
  Bytes out(data.size() * 2);
  for (size_t i = 0; i + 1 < data.size(); i += 2) {
    const float value = float16_to_float(uint16_t(data[i] | data[i + 1] << 8));
    std::memcpy(out.data() + 2 * i, &value, sizeof value);
  }
  return out;
}

// A bfloat16 is the upper half of a float32.
Bytes floats_of_bfloat16(std::span<const uint8_t> data) {
  Bytes out;
  for (size_t i = 0; i + 1 < data.size(); i += 2)
    out.insert(out.end(), {0, 0, data[i], data[i + 1]});
  return out;
}

}  // namespace mote
