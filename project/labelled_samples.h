// SPDX-License-Identifier: Apache-2.0
// Real samples for a plain model, with labels where there are any: what quantisation calibrates and
// measures on. In: a graph of one stream, and a folder: of .npy files, or a trained project.
#pragma once
#include "project/plain_model.h"
#include "project/walk.h"

namespace mote {

struct LabelledSamples {
  ModelSamples samples;
  std::vector<int32_t> labels;  // the index of the right class, of each sample; empty: not known
};

// A folder of .npy files: of a model with one input each holds one sample or a stack of them, taken
// in the files' order; of several inputs input_0.npy, input_1.npy ... hold stacks of equal length.
// labels.npy, if there is one, holds an integer a sample. A folder with mote.toml: the windows of
// the trained project's training recordings, as the standardised features that enter its network,
// which must be as many as the model's inputs are.
LabelledSamples read_labelled_samples(const Graph& graph, const std::filesystem::path& folder,
                                      const StepProgress& progress, Diagnostics& diagnostics);

// Fails where the first output is no scores of two classes or more, or a label none of them.
void check_labels(const Graph& graph, const LabelledSamples& data);

}  // namespace mote
