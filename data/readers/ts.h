// SPDX-License-Identifier: Apache-2.0
// The .ts text format of the UEA and UCR archives: one recording a line, its axes between colons,
// its class last. The format has no rate: ReadOptions::rate_hz gives it. "?" is a missing value.
#pragma once
#include "data/readers/reader.h"

namespace mote {

std::vector<Recording> read_ts(const std::filesystem::path& path, const ReadOptions& options,
                               Diagnostics& diagnostics);

}  // namespace mote
