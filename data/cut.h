// SPDX-License-Identifier: Apache-2.0
// Cutting a recording in time: pieces with their own gaps and labels. In: a recording. Out:
// recordings named "walk.csv@1/3" that keep its group, so that no split can part them unless their
// groups are set apart on purpose.
#pragma once
#include "data/recording.h"

namespace mote {

// The stored samples [begin, end). A gap just before `begin` is dropped; label ranges are moved and
// clipped.
Recording cut_recording(const Recording& recording, int64_t begin, int64_t end);

// `n` blocks of equal length (the last takes the rest), in time order. 1 <= n.
std::vector<Recording> cut_into_blocks(const Recording& recording, int64_t n);

// Length in seconds, missing samples counted.
double duration_s(const Recording& recording);

}  // namespace mote
