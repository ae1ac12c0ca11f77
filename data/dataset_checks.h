// SPDX-License-Identifier: Apache-2.0
// Do the recordings of a set fit together, and can something be learned from them? In: the
// recordings. Out: errors (axes, units or rates that differ, no label) and warnings (constant axis,
// one class, a class with few recordings).
#pragma once
#include <string>
#include <vector>

#include "data/recording.h"
#include "graph/diagnostics.h"

namespace mote {

// Same axes by name, unit and order; each difference names both files.
void check_axes(const std::vector<Recording>& recordings, Diagnostics& diagnostics);

// Rates within 1 % of the median become that one rate; each other is an error that names both
// files.
void unify_rates(std::vector<Recording>& recordings, Diagnostics& diagnostics);

// Axes that never change, in all recordings or in some.
void check_constant_axes(const std::vector<Recording>& recordings, Diagnostics& diagnostics);

// Recordings without label (an error when `required`), one class only, classes in one recording or
// group only.
void check_classes(const Dataset& dataset, bool required, Diagnostics& diagnostics);

}  // namespace mote
