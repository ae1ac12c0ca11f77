// SPDX-License-Identifier: Apache-2.0
// Finds a good QuantizePlan for a float graph by measuring: range rules value by value, equalised
// layers, corrected biases; then layers are moved to a finer precision until the answers are worth
// what the caller's budget asks. In: a graph, samples, a measure. Out: the integer graph and what
// was chosen, with what it cost.
#pragma once
#include <functional>

#include "quantize/post_training.h"

namespace mote {

struct SearchRequest {
  const Graph& graph;        // float
  SampleSource calibration;  // all samples that ranges may be chosen from
  SampleSource probe;        // a few of them, for the many measurements of output error
  Precision precision = Precision::w8a8;
  double budget = 0.5;  // the largest cost taken
  // What an integer graph loses against the float one, in the caller's points, on other samples
  // than the above; 0: nothing.
  std::function<double(const Graph&)> cost;
  std::function<void(const std::string& step, double fraction)> progress;  // may be empty
};

struct Repair {
  std::string layer;
  Precision from = Precision::w8a8;
  Precision to = Precision::w8a16;
};

struct SearchResult {
  Graph graph;
  QuantizePlan plan;
  QuantizeReport report;
  int32_t equalized_pairs = 0;
  double cost_min_max = 0;  // every range by its extremes, nothing corrected
  double cost_before_repair = 0;
  double cost = 0;
  double output_error_min_max = 0;  // noise over signal, output_error.h
  double output_error = 0;
  std::vector<Repair> repairs;  // the most sensitive layer first
};

// Deterministic. Fails ("over-budget") where no choice of precisions keeps the budget; with all
// that quantize() refuses.
SearchResult search_plan(const SearchRequest& request, Diagnostics& diagnostics);

}  // namespace mote
