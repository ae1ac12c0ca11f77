// SPDX-License-Identifier: Apache-2.0
// From rows as they stand in a file to a recording at a fixed rate: finds the rate, the gaps, the
// jitter. In: rows of values (NaN = missing), perhaps their times. Out: the recording without its
// missing samples, which are in `gaps`.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/readers/reader.h"

namespace mote {

// values[row * axes.size() + axis]; one NaN in a row makes the whole sample missing.
struct SampleRows {
  std::string path;  // for messages
  std::string row_word =
      ":";  // between path and number in messages: "walk.csv:12", "walk.npy row 12"
  std::vector<Axis> axes;
  std::vector<float> values;
  std::vector<int64_t> numbers;     // line or row number of each row
  std::vector<double> times_s;      // of each row, from any origin; empty = fixed rate
  std::optional<DateTime> origin;   // of times_s, where it is known
  std::vector<std::string> labels;  // of each row; empty = none

  size_t size() const { return numbers.size(); }
  std::string place(size_t row) const { return path + row_word + std::to_string(numbers[row]); }
};

// Rows numbered from 1, each "path row n".
void number_rows(SampleRows& rows);

// nothing (and an error) when there is no rate, no sample, or time runs backwards.
std::optional<Recording> to_recording(const SampleRows& rows, const ReadOptions& options,
                                      Diagnostics& diagnostics);

// The rate that was meant by a measured one: the fewest digits, in Hz or in the period, within
// `tolerance`: 99.98 -> 100.
double round_rate(double measured_hz, double tolerance = 5e-4);

// Sets the axes' units to `options.units`, if any are given. False and an error when their number
// is wrong.
bool apply_units(SampleRows& rows, const ReadOptions& options, Diagnostics& diagnostics);

// Keeps and orders `options.axes` (all when empty), then apply_units. False and an error when a
// name is unknown.
bool choose_axes(SampleRows& rows, const ReadOptions& options, Diagnostics& diagnostics);

// Seconds from the recording's start to stored sample `index`, the missing samples before it
// counted.
double sample_time_s(const Recording& recording, int64_t index);

}  // namespace mote
