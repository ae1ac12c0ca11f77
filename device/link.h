// SPDX-License-Identifier: Apache-2.0
// A link carries bytes between the player and its host. A port fills in the two functions.
#pragma once
#include <stdint.h>

namespace mote {

struct Link {
  // Reads exactly n bytes, waiting for them. Returns how many came: fewer than n only when the link
  // has ended and nothing more will come.
  uint32_t (*read)(uint8_t* to, uint32_t n);
  // Writes n bytes, waiting until they are taken.
  void (*write)(const uint8_t* from, uint32_t n);
};

}  // namespace mote
