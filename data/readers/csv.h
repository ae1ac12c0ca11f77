// SPDX-License-Identifier: Apache-2.0
// CSV, TSV and the like: a row a sample, a column an axis, perhaps a time column and a label
// column. One recording a file. Columns that are mostly empty are slower sensors: held until their
// next value. See docs/formats/recordings.md.
#pragma once
#include "data/readers/reader.h"

namespace mote {

std::vector<Recording> read_csv(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics);

}  // namespace mote
