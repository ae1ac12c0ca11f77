// SPDX-License-Identifier: Apache-2.0
// Sensors recorded in separate files, put side by side: one recording with all their axes at the
// rate of the fastest, the others held. In: the recordings of the sensors, which began at the same
// moment. Out: one recording.
#pragma once
#include <vector>

#include "data/recording.h"
#include "graph/diagnostics.h"

namespace mote {

// parts: at least one. Axes in the order of the parts; as long as the shortest. A sample that one
// sensor misses is missing. Holding and cutting are reported as warnings.
Recording merge_sensors(const std::vector<Recording>& parts, Diagnostics& diagnostics);

}  // namespace mote
