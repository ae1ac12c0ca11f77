// SPDX-License-Identifier: Apache-2.0
// The acquisition format of Edge Impulse, as JSON or as CBOR: protected header, signature, and a
// payload of interval_ms, sensors (name, units) and values. One recording a file. The signature
// (HMAC-SHA256 over the file with the signature's digits zeroed) is verified when
// ReadOptions::hmac_key is given.
#pragma once
#include "data/readers/reader.h"

namespace mote {

std::vector<Recording> read_edge_impulse_json(const std::filesystem::path& path,
                                              const ReadOptions& options, Diagnostics& diagnostics);
std::vector<Recording> read_edge_impulse_cbor(const std::filesystem::path& path,
                                              const ReadOptions& options, Diagnostics& diagnostics);

// HMAC-SHA256 (RFC 2104) as 64 lower-case hexadecimal digits.
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace mote
