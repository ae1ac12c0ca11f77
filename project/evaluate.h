// SPDX-License-Identifier: Apache-2.0
// A trained project on somebody else's recordings. In: a stored model and a folder. Out: what the
// float graph, the integer graph and the firmware decide there. The folder is read by the rules of
// the project's [data]; axes, units, rate and labels must be those that the model knows.
#pragma once
#include "project/folds.h"
#include "project/stored.h"

namespace mote {

struct EvaluateOptions {
  std::filesystem::path data;
  std::string board;     // instead of the project's
  bool firmware = true;  // also run on the emulated core
};

struct Evaluation {
  std::string name;
  std::string board;
  std::vector<std::string> classes;
  int64_t recordings = 0;
  std::string dataset_sha256;
  Fold all;  // with windows_verified, windows_differing and bit_exact where firmware ran
  std::vector<Fold> groups;
  int64_t changed_by_int8 = 0;  // decisions
};

Evaluation evaluate_stored(const StoredModel& stored, const EvaluateOptions& options,
                           const StepProgress& progress, Diagnostics& diagnostics);

std::string to_json(const Evaluation& evaluation);
std::string to_text(const Evaluation& evaluation);

}  // namespace mote
