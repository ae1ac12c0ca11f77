// SPDX-License-Identifier: Apache-2.0
// What quantisation did to each value and what it cost there: the table `.quant.txt`.
#pragma once
#include <string>

#include "graph/graph.h"
#include "quantize/plan.h"
#include "quantize/samples.h"

namespace mote {

// One value that became an integer.
struct QuantizedValue {
  std::string name;
  std::string op;  // that gives it; "input" for a stream
  ElementType type = ElementType::s8;
  Precision precision = Precision::w8a8;  // of the layer
  RangeRule rule = RangeRule::min_max;    // that chose the range
  float min = 0;                          // seen in calibration
  float max = 0;
  float scale = 0;
  int32_t zero_point = 0;
  // From measure_error(); count 0: not measured.
  int64_t count = 0;
  double signal = 0;  // sum of the float numbers' squares
  double noise = 0;   // sum of the squared differences
  double largest_error = 0;
  int64_t saturated = 0;  // integers at the end of their range, where the float lies beyond it

  // Signal to quantisation noise, 10 log10(signal / noise); infinite where nothing differs.
  double sqnr_db() const;
};

struct QuantizeReport {
  std::vector<QuantizedValue> values;     // in execution order
  std::vector<std::string> float_layers;  // that compute in float32 still

  const QuantizedValue* find(const std::string& name) const;
};

// Runs both graphs side by side over `source` and adds up the errors of every value in the report,
// dequantised against float, into it. Samples are converted for the second (samples.h).
void measure_error(const Graph& float_graph, const Graph& integer_graph, const SampleSource& source,
                   QuantizeReport& report);

// A table for people: a line a value; deterministic.
std::string print(const QuantizeReport& report);

}  // namespace mote
