// SPDX-License-Identifier: Apache-2.0
// Collecting histograms. See calibration.h.
#include "quantize/calibration.h"

#include <algorithm>
#include <cstring>

#include "quantize/value_taps.h"

namespace mote {

const Histogram* Calibration::find(const std::string& name) const {
  const auto found = seen.find(name);
  return found == seen.end() ? nullptr : &found->second;
}

ValueRange Calibration::range(const Histogram& histogram) const {
  ValueRange range = histogram.extremes();
  if (rule == RangeRule::percentile) range = histogram.percentile(tail);
  if (rule == RangeRule::least_error) range = histogram.least_error();
  return {std::min(range.min, 0.0f), std::max(range.max, 0.0f)};
}

Calibration calibrate(const Graph& graph, const SampleSource& source) {
  std::vector<Histogram> histograms(graph.values.size());
  std::vector<bool> taken(graph.values.size());
  ValueTaps taps(graph, [&](ValueId id, std::span<const uint8_t> bytes) {
    if (graph.value(id).type != ElementType::f32) return;
    taken[size_t(id)] = true;
    for (size_t at = 0; at < bytes.size(); at += sizeof(float)) {
      float number;
      std::memcpy(&number, bytes.data() + at, sizeof number);
      histograms[size_t(id)].add(number);
    }
  });
  source(taps);
  Calibration calibration;
  for (size_t i = 0; i < graph.values.size(); ++i)
    if (taken[i]) calibration.seen.emplace(graph.values[i].name, std::move(histograms[i]));
  return calibration;
}

}  // namespace mote
