// SPDX-License-Identifier: Apache-2.0
// Bytes for a link. No fuzzer guesses a CRC-32, so an input is one of two things by its first byte:
// 0: the bytes behind it as they are; else pieces (type, length as two bytes, payload), each made a
// good frame. See fuzz.h.
#pragma once
#include "runner/protocol.h"
#include "tests/fuzz/fuzz.h"

namespace mote::fuzz {

inline std::string link_bytes(const Bytes& bytes) {
  if (bytes.empty() || bytes[0] == 0) return text_of(bytes);
  std::string frames;
  for (size_t at = 1; at + 3 <= bytes.size();) {
    const size_t left = std::min<size_t>(bytes.size() - at - 3, wire::kMaxPayload);
    const size_t length = std::min<size_t>(wire::get_u16(&bytes[at + 1]), left);
    const auto* payload = reinterpret_cast<const char*>(bytes.data() + at + 3);
    frames += command_bytes(wire::Type(bytes[at]), {payload, length});
    at += 3 + length;
  }
  return frames;
}

}  // namespace mote::fuzz
