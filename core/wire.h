// SPDX-License-Identifier: Apache-2.0
// Frames between a host and a device, for any link that carries bytes. In: bytes as they arrive.
// Out: the next whole frame in them, or how many bytes are still wanted. docs/formats/wire.md is
// the description to the bit.
//   frame = 0xB5 0x6D | type u8 | length u16 | payload[length] | CRC-32 of type, length and payload
// All numbers are little-endian; a payload has at most 1024 bytes.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "core/crc32.h"

namespace mote {
namespace wire {

constexpr uint8_t kSync0 = 0xB5;
constexpr uint8_t kSync1 = 0x6D;
constexpr uint32_t kHeaderBytes = 5;
constexpr uint32_t kCrcBytes = 4;
constexpr uint32_t kMaxPayload = 1024;
constexpr uint32_t kMaxFrame = kHeaderBytes + kMaxPayload + kCrcBytes;
constexpr uint16_t kVersion = 1;

// Commands have the top bit clear, reports have it set.
enum class Type : uint8_t {
  hello = 0x01,
  reset = 0x02,
  samples = 0x03,
  missing = 0x04,
  end = 0x05,
  observe = 0x06,
  self_test = 0x07,
  save = 0x08,
  load = 0x09,
  finish = 0x0A,
  info = 0x81,
  layer = 0x82,
  decision = 0x83,
  hashes = 0x84,
  recording = 0x85,
  self_test_result = 0x86,
  state = 0x87,
  summary = 0x88,
  ack = 0x89,
  error = 0x8A,
  stream = 0x8B,
};

enum class ErrorCode : uint8_t {
  damaged_frame = 1,  // bytes that are no frame, or a wrong CRC
  unknown_command = 2,
  bad_payload = 3,        // a length or a number that the command does not allow
  too_little_memory = 4,  // the image reserves less than the model needs
  fault = 5,              // the core took a fault; the numbers are pc and lr
  stack_overflow = 6,     // the stack grew past its reserved size
  wrong_state = 7,        // the state to load is damaged or another model's; the model is as it was
};

inline void put_u16(uint8_t* to, uint32_t value) {
  to[0] = uint8_t(value);
  to[1] = uint8_t(value >> 8);
}

inline void put_u32(uint8_t* to, uint32_t value) {
  put_u16(to, value);
  put_u16(to + 2, value >> 16);
}

inline uint32_t get_u16(const uint8_t* from) { return from[0] | uint32_t(from[1]) << 8; }
inline uint32_t get_u32(const uint8_t* from) { return get_u16(from) | get_u16(from + 2) << 16; }

// Writes the five bytes before a payload; returns the CRC so far, to be continued over the payload.
inline uint32_t put_header(uint8_t* to, Type type, uint32_t length) {
  to[0] = kSync0;
  to[1] = kSync1;
  to[2] = uint8_t(type);
  put_u16(to + 3, length);
  return crc32(0, to + 2, 3);
}

enum class Found : uint8_t { frame, need_bytes, garbage };

// What stands at the start of a buffer.
//   frame:      a whole good frame of `size` bytes; type, payload and length are set
//   need_bytes: a beginning; no verdict before `size` more bytes (never more than the frame has
//   left,
//               so a blocking read of `size` bytes cannot wait for a byte that nobody sends)
//   garbage:    the first `size` bytes (>= 1) are part of no frame: drop them and look again
struct Scan {
  Found found;
  Type type;
  uint32_t size;
  const uint8_t* payload;
  uint32_t length;
};

// Bytes before the first one that may start a frame.
inline uint32_t garbage_bytes(const uint8_t* bytes, uint32_t n) {
  uint32_t i = 0;
  while (i < n && !(bytes[i] == kSync0 && (i + 1 == n || bytes[i + 1] == kSync1))) ++i;
  return i;
}

inline Scan scan(const uint8_t* bytes, uint32_t n) {
  Scan result = {Found::need_bytes, Type::error, 0, nullptr, 0};
  const uint32_t garbage = garbage_bytes(bytes, n);
  if (garbage > 0) {
    result.found = Found::garbage;
    result.size = garbage;
    return result;
  }
  const uint32_t least = kHeaderBytes + kCrcBytes;
  if (n < least) {
    result.size = n < kHeaderBytes ? kHeaderBytes - n : least - n;
    return result;
  }
  result.length = get_u16(bytes + 3);
  const uint32_t total = least + result.length;
  const bool possible = result.length <= kMaxPayload;
  if (possible && n < total) {
    result.size = total - n;
    return result;
  }
  const uint32_t crc_at = kHeaderBytes + result.length;
  if (!possible || crc32(0, bytes + 2, 3 + result.length) != get_u32(bytes + crc_at)) {
    result.found = Found::garbage;
    result.size = 1;
    return result;
  }
  result.found = Found::frame;
  result.type = Type(bytes[2]);
  result.size = total;
  result.payload = bytes + kHeaderBytes;
  return result;
}

}  // namespace wire
}  // namespace mote
