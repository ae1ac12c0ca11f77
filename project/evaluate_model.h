// SPDX-License-Identifier: Apache-2.0
// A model file on labelled samples: how often it is right, by the host's evaluation, which firmware
// equals byte for byte. In: a plain graph and LabelledSamples. Out: scores.
#pragma once
#include "project/labelled_samples.h"
#include "project/scores.h"

namespace mote {

struct ModelEvaluation {
  std::string name;
  Scores scores;         // by the highest number of the first output
  ModelAnswers answers;  // to every sample
};

// Fails where the samples have no labels, or one is no index of the first output.
ModelEvaluation evaluate_model(const Graph& graph, const LabelledSamples& data,
                               const StepProgress& progress);

std::string to_text(const ModelEvaluation& evaluation);
std::string to_json(const ModelEvaluation& evaluation);

}  // namespace mote
