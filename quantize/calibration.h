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

// What a value's numbers were, all of them and by channel (the last dimension).
struct SeenValue {
  Histogram histogram;
  std::vector<double> channel_sums;

  // Of each channel; empty where nothing was seen.
  std::vector<double> channel_means() const;
};

// By the value's name: a calibration of network_part() serves the whole graph too.
struct Calibration {
  std::map<std::string, SeenValue> seen;

  // Null where the value was never produced.
  const SeenValue* find(const std::string& name) const;
};

// Everything that float values of `graph` (streams, outputs, cells of lstm) take over `source`.
Calibration calibrate(const Graph& graph, const SampleSource& source);

}  // namespace mote
