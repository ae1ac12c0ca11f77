// SPDX-License-Identifier: Apache-2.0
// The numbers of an emitted model: weights.h and weights.cc, labelled, equal tables stored once.
#pragma once
#include <map>
#include <string>
#include <utility>

#include "compiler/plan/plan.h"

namespace mote {

// The C++ name of each constant value, and of each table that layer i's kernel call brought.
struct WeightNames {
  std::map<ValueId, std::string> values;
  std::map<std::pair<int32_t, int32_t>, std::string>
      constants;  // (layer, index in KernelCall::constants)
};

// A table in flash, and how many of its bytes a push reads: an estimate (compiler/plan/accesses.h).
struct WeightTable {
  std::string name;
  int64_t bytes = 0;
  int64_t reads = 0;
};

struct WeightFiles {
  std::string header;
  std::string source;
  WeightNames names;
  std::vector<WeightTable> tables;
};

// Emits what the layers read; `prefix` is the project's name.
WeightFiles emit_weights(const Plan& plan, const std::string& prefix);

}  // namespace mote
