// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648, with padding): bytes in text files.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "graph/graph.h"

namespace mote {

std::string to_base64(std::span<const uint8_t> bytes);

// Nothing where the text is no canonical base64: a foreign character, a wrong length, stray bits
// before the padding.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace mote
