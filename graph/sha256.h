// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4): the hash that names models, object files and data sets. In: bytes.
// Out: 32 bytes, or 64 lower-case hexadecimal digits.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mote {

// Feed bytes in any pieces, then read the hash once.
class Sha256 {
 public:
  Sha256& update(std::string_view bytes);
  std::array<uint8_t, 32> digest();
  std::string hex();

 private:
  void add_block(const uint8_t* block);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> block_ = {};
  uint64_t n_bytes_ = 0;
};

std::string sha256_hex(std::string_view bytes);

// The hash of a file's bytes; nothing when it cannot be read.
std::optional<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace mote
