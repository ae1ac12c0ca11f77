// SPDX-License-Identifier: Apache-2.0
// Can a classifier be trained and judged on this data? In: the data set and its splits. Out: an
// error for what makes training pointless: fewer than two classes, a class that one side of the
// split lacks, an axis that never changes.
#pragma once
#include "project/walk.h"

namespace mote {

void check_data(const Config& config, const Data& data, Diagnostics& diagnostics);

}  // namespace mote
