// SPDX-License-Identifier: Apache-2.0
// Base64, six bits a character. See base64.h.
#include "graph/base64.h"

namespace mote {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The 24 bits of four characters; '=' counts as zero bits.
std::optional<uint32_t> quartet(std::string_view four) {
  uint32_t bits = 0;
  for (char c : four) {
    const size_t digit = c == '=' ? 0 : kAlphabet.find(c);
    if (digit == std::string_view::npos) return {};
    bits = bits << 6 | uint32_t(digit);
  }
  return bits;
}

// How many of the last characters are padding; more than two is a fault.
size_t padding_of(std::string_view text) {
  const size_t last = text.find_last_not_of('=');
  return text.size() - (last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::string to_base64(std::span<const uint8_t> bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < n ? bytes[i + j] : 0u);
    for (size_t j = 0; j < 4; ++j) text += j <= n ? kAlphabet[bits >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  const size_t padding = padding_of(text);
  if (text.size() % 4 != 0 || padding > 2) return {};
  if (text.substr(0, text.size() - padding).find('=') != std::string_view::npos) return {};
  Bytes bytes;
  for (size_t i = 0; i < text.size(); i += 4) {
    const auto bits = quartet(text.substr(i, 4));
    if (!bits) return {};
    for (int shift : {16, 8, 0}) bytes.push_back(uint8_t(*bits >> shift));
  }
  for (size_t i = 0; i < padding; ++i) {
    if (bytes.back() != 0) return {};  // another text would mean the same bytes
    bytes.pop_back();
  }
  return bytes;
}

}  // namespace mote
