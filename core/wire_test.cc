// SPDX-License-Identifier: Apache-2.0
// CRC-32 against the published check value and a bitwise division; frames against every cut, every
// flipped bit and bytes that are no frame.
#include "core/wire.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace mote {
namespace {

using wire::Found;
using wire::Scan;

uint32_t crc32_bitwise(const std::vector<uint8_t>& bytes) {
  uint32_t crc = ~0u;
  for (uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = crc & 1 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
  }
  return ~crc;
}

std::vector<uint8_t> random_bytes(std::mt19937& random, size_t n) {
  std::vector<uint8_t> bytes(n);
  for (uint8_t& byte : bytes) byte = uint8_t(random());
  return bytes;
}

std::vector<uint8_t> frame_of(wire::Type type, const std::vector<uint8_t>& payload) {
  std::vector<uint8_t> bytes(wire::kHeaderBytes);
  const uint32_t crc = wire::put_header(bytes.data(), type, uint32_t(payload.size()));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  bytes.resize(bytes.size() + wire::kCrcBytes);
  wire::put_u32(bytes.data() + bytes.size() - 4, crc32(crc, payload.data(), payload.size()));
  return bytes;
}

Scan scan(const std::vector<uint8_t>& bytes) {
  return wire::scan(bytes.data(), uint32_t(bytes.size()));
}

TEST(Crc32, CheckValueOfTheCatalogue) { EXPECT_EQ(crc32(0, "123456789", 9), 0xCBF43926u); }

TEST(Crc32, EqualsBitwiseDivisionInAnyPieces) {
  const uint32_t seed = 20;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::vector<uint8_t> bytes = random_bytes(random, random() % 300);
    const size_t cut = bytes.empty() ? 0 : random() % bytes.size();
    const uint32_t first = crc32(0, bytes.data(), cut);
    EXPECT_EQ(crc32(first, bytes.data() + cut, bytes.size() - cut), crc32_bitwise(bytes));
  }
}

// The example of docs/formats/wire.md; its CRC was written by zlib.
TEST(Wire, FrameOfTheDocument) {
  const std::vector<uint8_t> expected = {0xB5, 0x6D, 0x06, 0x01, 0x00,
                                         0x01, 0x61, 0xDA, 0xEA, 0x72};
  EXPECT_EQ(frame_of(wire::Type::observe, {1}), expected);
}

TEST(Wire, EveryLengthIsFoundAndNoCutWaitsForMoreThanTheFrame) {
  std::mt19937 random(21);
  for (uint32_t length = 0; length <= wire::kMaxPayload; length += 1 + length / 7) {
    const std::vector<uint8_t> payload = random_bytes(random, length);
    const std::vector<uint8_t> bytes = frame_of(wire::Type::samples, payload);
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      const Scan part = wire::scan(bytes.data(), uint32_t(cut));
      ASSERT_EQ(part.found, Found::need_bytes) << length << " " << cut;
      ASSERT_GE(part.size, 1u);
      ASSERT_LE(part.size, bytes.size() - cut);
    }
    const Scan whole = scan(bytes);
    ASSERT_EQ(whole.found, Found::frame);
    EXPECT_EQ(whole.type, wire::Type::samples);
    EXPECT_EQ(whole.size, bytes.size());
    EXPECT_EQ(std::vector<uint8_t>(whole.payload, whole.payload + whole.length), payload);
  }
}

// CRC-32 finds every single flipped bit; in the length it may turn a whole frame into a beginning.
TEST(Wire, NoFlippedBitPassesAsAFrame) {
  std::mt19937 random(22);
  const std::vector<uint8_t> good = frame_of(wire::Type::decision, random_bytes(random, 40));
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::vector<uint8_t> bytes = good;
    bytes[bit / 8] ^= uint8_t(1 << bit % 8);
    EXPECT_NE(scan(bytes).found, Found::frame) << bit;
  }
}

TEST(Wire, FramesAreFoundBehindGarbageOfEveryKind) {
  const uint32_t seed = 23;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::vector<uint8_t> bytes = random_bytes(random, random() % 60);
    // Half of the garbage is full of sync bytes.
    if (round % 2)
      for (uint8_t& byte : bytes)
        byte = byte < 100 ? wire::kSync0 : byte < 200 ? wire::kSync1 : byte;
    const std::vector<uint8_t> payload = random_bytes(random, random() % 100);
    const std::vector<uint8_t> frame = frame_of(wire::Type::state, payload);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    // Enough behind it that no false header in the garbage waits beyond the end.
    bytes.resize(bytes.size() + wire::kMaxFrame, 0);
    size_t at = 0;
    Scan found = {};
    while (at < bytes.size()) {
      found = wire::scan(bytes.data() + at, uint32_t(bytes.size() - at));
      if (found.found != Found::garbage) break;
      ASSERT_GE(found.size, 1u);
      at += found.size;
    }
    ASSERT_EQ(found.found, Found::frame) << round;
    EXPECT_EQ(std::vector<uint8_t>(found.payload, found.payload + found.length), payload);
  }
}

}  // namespace
}  // namespace mote
