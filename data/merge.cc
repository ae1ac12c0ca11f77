// SPDX-License-Identifier: Apache-2.0
// Sensors side by side. See merge.h.
#include "data/merge.h"

#include <algorithm>
#include <cmath>

#include "data/cut.h"

namespace mote {
namespace {

// For each place on a recording's own grid the stored sample that lies there, -1 when it is
// missing.
std::vector<int64_t> stored_at(const Recording& recording) {
  std::vector<int64_t> at;
  size_t gap = 0;
  for (int64_t i = 0; i < recording.size(); ++i) {
    for (; gap < recording.gaps.size() && recording.gaps[gap].before == i; ++gap) {
      at.insert(at.end(), size_t(recording.gaps[gap].missing), -1);
    }
    at.push_back(i);
  }
  return at;
}

void report(const std::vector<Recording>& parts, const Recording& merged, double shortest_s,
            Diagnostics& diagnostics) {
  for (const Recording& part : parts) {
    if (part.rate_hz != merged.rate_hz) {
      diagnostics.warn("slower-sensor", part.path,
                       "at " + std::to_string(part.rate_hz) + " Hz it is held to the " +
                           std::to_string(merged.rate_hz) + " Hz of " + merged.path);
    }
    if (duration_s(part) - shortest_s > 1 / part.rate_hz + 1 / merged.rate_hz) {
      diagnostics.warn("longer-sensor", part.path,
                       "its last " + std::to_string(duration_s(part) - shortest_s) +
                           " s are left out: another sensor of the recording ended before");
    }
  }
}

// A sensor's axes at moment `slot` of the merged rate: its last sample at or before; nothing when
// that is missing.
class HeldSensor {
 public:
  HeldSensor(const Recording& part, double merged_rate_hz)
      : part_(part), slots_(stored_at(part)), slots_per_slot_(part.rate_hz / merged_rate_hz) {}

  bool append(int64_t slot, std::vector<float>& row) const {
    // The small addend keeps k * (r / R) from falling below a whole number.
    const auto own_slot = int64_t(double(slot) * slots_per_slot_ + 1e-6);
    const int64_t sample = slots_[size_t(std::min(own_slot, int64_t(slots_.size()) - 1))];
    if (sample < 0) return false;
    const auto n_axes = int64_t(part_.axes.size());
    const auto begin = part_.values.begin() + sample * n_axes;
    row.insert(row.end(), begin, begin + n_axes);
    return true;
  }

 private:
  const Recording& part_;
  std::vector<int64_t> slots_;
  double slots_per_slot_;
};

}  // namespace

Recording merge_sensors(const std::vector<Recording>& parts, Diagnostics& diagnostics) {
  const auto slower = [](const Recording& a, const Recording& b) { return a.rate_hz < b.rate_hz; };
  Recording merged = *std::max_element(parts.begin(), parts.end(), slower);
  double shortest_s = duration_s(merged);
  merged.axes.clear(), merged.values.clear(), merged.gaps.clear();
  std::vector<HeldSensor> sensors;
  for (const Recording& part : parts) {
    merged.axes.insert(merged.axes.end(), part.axes.begin(), part.axes.end());
    sensors.emplace_back(part, merged.rate_hz);
    shortest_s = std::min(shortest_s, duration_s(part));
  }
  int64_t missing = 0;
  const int64_t n = std::llround(shortest_s * merged.rate_hz);
  for (int64_t slot = 0; slot < n; ++slot) {
    std::vector<float> row;
    const bool whole = std::all_of(sensors.begin(), sensors.end(),
                                   [&](const HeldSensor& s) { return s.append(slot, row); });
    missing += !whole;
    if (!whole) continue;
    if (missing) merged.gaps.push_back({merged.size(), missing});
    missing = 0;
    merged.values.insert(merged.values.end(), row.begin(), row.end());
  }
  report(parts, merged, shortest_s, diagnostics);
  return merged;
}

}  // namespace mote
