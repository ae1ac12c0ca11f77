// SPDX-License-Identifier: Apache-2.0
// Zip archives as input: no fuzzer guesses a CRC-32, so those of stored entries are made to fit
// before a reader sees them. In: any bytes. Out: the same, with other checksums. See fuzz.h.
#pragma once
#include "core/crc32.h"
#include "core/wire.h"
#include "graph/graph.h"

namespace mote::fuzz {

inline Bytes with_checksums(Bytes bytes) {
  constexpr size_t kCentral = 46, kLocal = 30;
  for (size_t at = 0; at + kCentral <= bytes.size(); ++at) {
    if (wire::get_u32(&bytes[at]) != 0x02014b50) continue;  // an entry of the directory
    const uint64_t size = wire::get_u32(&bytes[at + 20]);
    const uint64_t local = wire::get_u32(&bytes[at + 42]);
    if (local + kLocal > bytes.size()) continue;
    const uint64_t data =
        local + kLocal + wire::get_u16(&bytes[local + 26]) + wire::get_u16(&bytes[local + 28]);
    if (data + size > bytes.size()) continue;
    const uint32_t crc = crc32(0, bytes.data() + data, size_t(size));
    wire::put_u32(&bytes[at + 16], crc);
    wire::put_u32(&bytes[local + 14], crc);
  }
  return bytes;
}

}  // namespace mote::fuzz
