// SPDX-License-Identifier: Apache-2.0
// A NumPy .npz archive: a zip of .npy members. One 2-D member gives the axes as its columns; 1-D
// members of one length are an axis each, named after the member. data.axes chooses among several.
#pragma once
#include "data/readers/reader.h"

namespace mote {

std::vector<Recording> read_npz(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics);

}  // namespace mote
