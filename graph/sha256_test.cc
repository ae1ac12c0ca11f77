// SPDX-License-Identifier: Apache-2.0
// SHA-256 against the vectors of FIPS 180-4, against sha256sum at the lengths where padding
// changes, and against itself in pieces.
#include "graph/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace mote {
namespace {

TEST(Sha256, MatchesPublishedVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                       "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Written by sha256sum: n times 'x', around the lengths at which padding takes one more block.
TEST(Sha256, MatchesCoreutilsAroundBlockBorders) {
  const std::pair<size_t, const char*> expected[] = {
      {55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072"},
      {63, "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2"},
      {64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"},
      {65, "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9"},
      {119, "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c"},
      {120, "13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98"},
      {128, "24da1b81d0b16df6428eee73c69fcb2a93c76bc6df706f0c6670fe6bfe800464"},
  };
  for (const auto& [n, hex] : expected) EXPECT_EQ(sha256_hex(std::string(n, 'x')), hex) << n;
}

TEST(Sha256, SameHashForEveryDivisionIntoPieces) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += char(i * 7);
  for (size_t n = 0; n <= text.size(); ++n) {
    const std::string whole = sha256_hex(std::string_view(text).substr(0, n));
    Sha256 pieces;
    for (size_t at = 0, step = 1; at < n; at += step, step = step % 13 + 1)
      pieces.update(std::string_view(text).substr(at, std::min(step, n - at)));
    EXPECT_EQ(pieces.hex(), whole) << n << " bytes";
  }
}

TEST(Sha256, FileIsHashedAndMissingFileIsNothing) {
  const std::string path = ::testing::TempDir() + "sha256_test.bin";
  std::ofstream(path, std::ios::binary) << "abc";
  EXPECT_EQ(sha256_file(path), sha256_hex("abc"));
  std::remove(path.c_str());
  EXPECT_EQ(sha256_file(path), std::nullopt);
}

}  // namespace
}  // namespace mote
