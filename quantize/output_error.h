// SPDX-License-Identifier: Apache-2.0
// How far an integer form's answers are from the float graph's, in one number: what the choices of
// the search are measured by. In: the float graph and a few samples, once. Out: a figure for each
// integer graph.
#pragma once
#include "quantize/samples.h"

namespace mote {

// The answers compared are the graph's outputs; of one that softmax, log softmax or logistic gives,
// that operator's input, because those flatten what they are sure of.
class OutputError {
 public:
  OutputError(const Graph& float_graph, SampleSource probe);

  // Sum of the squared differences over the sum of the squared float numbers.
  double of(const Graph& integer_graph) const;

 private:
  const Graph& float_graph_;
  SampleSource probe_;
  std::vector<std::string> names_;             // of the values compared
  std::vector<std::vector<double>> reference_;  // of each, sample after sample
};

}  // namespace mote
