// SPDX-License-Identifier: Apache-2.0
// Two models side by side on one input: which layers answer alike, and how the error grows from
// layer to layer. In: two graphs (a float network and its int8 form, two versions of a file), an
// input for the first. Out: a row for each pair of layers that stand for each other.
#pragma once
#include <string>
#include <vector>

#include "project/plain_model.h"

namespace mote {

struct LayerDifference {
  std::string layer, other;          // names
  std::string output, other_output;  // "s8[1, 12]"
  double largest = 0;                // |a - b| of real values
  double rms = 0;                    // of a - b
  double signal = 0;                 // rms of a
  bool equal = false;                // the same type and bytes

  // 20 log10(signal / rms); 999 where nothing differs.
  double decibels() const;
};

struct ModelDifference {
  std::vector<LayerDifference> layers;  // in order; pairs that match by name, or else by shape
  size_t unmatched = 0;                 // layers of either model without a partner
};

// The second model is fed the same real numbers, at its own scale. Fails where the models' inputs
// differ in number or shape.
ModelDifference compare_models(const Graph& a, const Graph& b, const ModelSamples& samples);

// The first pair that is not equal; -1: none.
int64_t first_different(const ModelDifference& difference);

std::string to_text(const ModelDifference& difference);
std::string to_json(const ModelDifference& difference);

}  // namespace mote
