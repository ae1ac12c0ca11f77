// SPDX-License-Identifier: Apache-2.0
// What stands behind a saved state (docs/formats/state.md): a CRC-32 that begins at the model's
// state id instead of 0, so that it tells damage and another model's state alike. In: the states'
// bytes and the id. Out: the check, written or compared. Every error in up to 32 bits in a row is
// found (so every damaged byte); of other damage, and of other models' states, all but 2^-32.
#pragma once
#include "core/crc32.h"

namespace mote {

constexpr uint32_t kStateCheckBytes = 4;

inline void seal_state(uint8_t* saved, size_t state_bytes, uint32_t state_id) {
  const uint32_t crc = crc32(state_id, saved, state_bytes);
  for (uint32_t i = 0; i < kStateCheckBytes; ++i) saved[state_bytes + i] = uint8_t(crc >> (8 * i));
}

inline bool is_sealed_state(const uint8_t* saved, size_t state_bytes, uint32_t state_id) {
  const uint32_t crc = crc32(state_id, saved, state_bytes);
  for (uint32_t i = 0; i < kStateCheckBytes; ++i)
    if (saved[state_bytes + i] != uint8_t(crc >> (8 * i))) return false;
  return true;
}

}  // namespace mote
