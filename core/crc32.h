// SPDX-License-Identifier: Apache-2.0
// CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320), the checksum of frames and of layer
// outputs. In: the CRC so far (0 at the start) and n bytes. Out: the CRC after them. crc32(0,
// "123456789") is 0xCBF43926. A table of 16 words, one nibble a step: 64 bytes of flash instead of
// 1 kB.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace mote {

constexpr uint32_t kCrc32Nibble[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

inline uint32_t crc32(uint32_t crc, const void* data, size_t n) {
  const uint8_t* bytes = static_cast<const uint8_t*>(data);
  crc = ~crc;
  for (size_t i = 0; i < n; ++i) {
    crc = (crc >> 4) ^ kCrc32Nibble[(crc ^ bytes[i]) & 15];
    crc = (crc >> 4) ^ kCrc32Nibble[(crc ^ (bytes[i] >> 4)) & 15];
  }
  return ~crc;
}

}  // namespace mote
