// SPDX-License-Identifier: Apache-2.0
// The door between readers and everything else: what one recording is, and what a set of them is. A
// recording holds physical values; data/counts.h turns them into the int16 counts that push()
// takes.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/date_time.h"

namespace mote {

// One column of a sensor: its name ("acc_x"), its unit as written in the data ("m/s2", "" =
// unknown).
struct Axis {
  std::string name;
  std::string unit;
};

// Samples at one fixed rate. values[i * axes.size() + a], physical units; shape [n_samples,
// n_axes]. A run of missing samples is not stored: it is listed in `gaps`.
struct Gap {
  int64_t before = 0;   // index into the stored samples: the gap lies just before this sample
  int64_t missing = 0;  // how many samples are missing, >= 1
};

// A label on [begin, end) seconds from the start of the recording.
struct LabelRange {
  double begin_s = 0;
  double end_s = 0;
  std::string label;
};

struct Recording {
  std::string name;  // unique in its set, the file's path relative to the data folder (plus "#n"
                     // inside a file)
  std::string path;  // where it came from, for messages
  std::string
      group;  // subject, recording session or time block: the unit that a split never divides
  std::string label;  // label of the whole recording, "" when `labels` or nothing gives it
  std::vector<LabelRange> labels;  // labels by time range, sorted by begin_s, not overlapping
  std::optional<DateTime> start;   // where the data says date and time
  double rate_hz = 0;              // samples a second, > 0
  std::vector<Axis> axes;
  std::vector<float> values;
  std::vector<Gap> gaps;  // ascending by `before`

  int64_t size() const { return axes.empty() ? 0 : int64_t(values.size() / axes.size()); }
};

// Every recording of a set has the same axes (names, units, order) and the same rate;
// data/dataset.cc checks it.
struct Dataset {
  std::vector<Recording> recordings;
  std::vector<std::string> classes;         // sorted; the index is the class number
  std::string sha256;                       // of all files read, in the order of their names
  std::map<std::string, int64_t> left_out;  // recordings of each group in data.without
};

}  // namespace mote
