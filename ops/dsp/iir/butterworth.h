// SPDX-License-Identifier: Apache-2.0
// Butterworth filters as second-order sections, by the bilinear transform with prewarped cutoff.
// Host only. In: kind, order, cutoff, rate. Out: sections in double, in ascending order of
// resonance so that no section in front of a damped one overshoots.
#pragma once
#include <vector>

namespace mote {

struct Section {
  double b0, b1, b2, a1, a2;  // a0 = 1
};

enum class FilterKind { low, high };

// 0 < cutoff_hz < rate_hz / 2, order >= 1; an odd order ends in a first-order section.
std::vector<Section> butterworth(FilterKind kind, int order, double cutoff_hz, double rate_hz);

}  // namespace mote
