// SPDX-License-Identifier: Apache-2.0
// RIFF WAVE sound: PCM of 8, 16, 24, 32 bits or float, any number of channels. One recording a
// file; full scale is 1.0, so a 16-bit sample n becomes n / 32768, and its int16 count is n again.
// A file shorter than its header says is an error.
#pragma once
#include "data/readers/reader.h"

namespace mote {

std::vector<Recording> read_wav(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics);

}  // namespace mote
