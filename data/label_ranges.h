// SPDX-License-Identifier: Apache-2.0
// Labels by time ranges, from a CSV with the columns file, begin, end, label (seconds from the
// recording's start, or dates and times where the recording has them). In: that CSV and the
// recordings. Out: Recording::labels.
#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "data/recording.h"
#include "graph/diagnostics.h"

namespace mote {

// `file` is a recording's name, or the last part of it when that is unique. Ranges of recordings
// named in `left_out` are passed over.
void add_label_ranges(const std::filesystem::path& csv, const std::set<std::string>& left_out,
                      std::vector<Recording>& recordings, Diagnostics& diagnostics);

}  // namespace mote
