// SPDX-License-Identifier: Apache-2.0
// mote quantize: a float model file and samples -> an integer model file, with what was chosen and
// what it cost.
#pragma once
#include "project/model_loss.h"
#include "quantize/search.h"

namespace mote {

struct QuantizeOptions {
  std::filesystem::path model;
  std::filesystem::path data;  // labelled_samples.h
  std::filesystem::path out;   // .tflite, or anything else for the graph's text form
  Precision precision = Precision::w8a8;
  double max_loss = 0.5;  // points
  ImportOptions import;
};

struct QuantizedModel {
  SearchResult search;
  Measure measure = Measure::error;
  double accuracy_float = 0;  // with labels; in percent of the measured samples
  double accuracy = 0;        // likewise, of the integer model
  int64_t calibration_samples = 0;
  int64_t measured_samples = 0;  // others than those; all, where there are fewer than 1000
  int64_t float_bytes = 0;       // of all constants
  int64_t integer_bytes = 0;
};

// Reads, searches, writes `out`.
QuantizedModel quantize_model(const QuantizeOptions& options, const StepProgress& progress,
                              Diagnostics& diagnostics);

std::string to_text(const QuantizedModel& model);
std::string to_json(const QuantizedModel& model);

}  // namespace mote
