// SPDX-License-Identifier: Apache-2.0
// Calibration: runs a float Graph over samples and keeps what numbers each value takes. Samples
// must be training data, never held-out data: the ranges become part of the model.
#pragma once
#include <map>
#include <string>

#include "graph/graph.h"
#include "quantize/histogram.h"
#include "quantize/samples.h"

namespace mote {

// How a range is chosen from what was seen. extremes: nothing is clipped, as the TFLite converter
// does.
enum class RangeRule : uint8_t { extremes, percentile, least_error };

// By the value's name: a calibration of network_part() serves the whole graph too.
struct Calibration {
  std::map<std::string, Histogram> seen;
  RangeRule rule = RangeRule::extremes;
  double tail = 0.0001;  // percentile: the fraction of numbers to clip on either side

  // Widened to contain zero. Null where the value was never produced.
  const Histogram* find(const std::string& name) const;
  ValueRange range(const Histogram& histogram) const;
};

// Everything that float values of `graph` (streams and layers' outputs) take over `source`.
Calibration calibrate(const Graph& graph, const SampleSource& source);

}  // namespace mote
