// SPDX-License-Identifier: Apache-2.0
// What was read, in numbers: the answer of `mote data show`. In: the Data of a project. Out: a
// summary as a value, as text for a terminal and as JSON (docs/formats/cli.md).
#pragma once
#include "project/walk.h"

namespace mote {

struct AxisSummary {
  Axis axis;
  double lowest = 0;
  double highest = 0;
  double mean = 0;
};

// A class or a group: how much of it there is.
struct PartSummary {
  std::string name;
  int64_t recordings = 0;
  double seconds = 0;
};

struct DataSummary {
  double rate_hz = 0;
  int64_t recordings = 0;
  int64_t samples = 0;
  int64_t gaps = 0;
  int64_t missing_samples = 0;
  double seconds = 0;  // missing samples counted
  double shortest_s = 0;
  double longest_s = 0;
  std::vector<AxisSummary> axes;
  std::vector<PartSummary> classes;
  std::vector<PartSummary> groups;
  std::string split;  // a sentence
  int64_t folds = 0;
  std::string sha256;
};

DataSummary summarize(const Data& data);

std::string to_text(const DataSummary& summary);
std::string to_json(const DataSummary& summary);

}  // namespace mote
