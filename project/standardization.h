// SPDX-License-Identifier: Apache-2.0
// Mean and inverse standard deviation of training features, one pair for each index of the last
// dimension of a multi-dimensional block (a coefficient, an axis) and for each feature of a flat
// one.
#pragma once
#include "project/signals.h"

namespace mote {

struct Standardization {
  std::vector<float> mean;
  std::vector<float> inv_std;
};

// A feature that never changes gets inv_std 0, so it reads 0; `constant` is increased by each of
// those.
Standardization standardization_of(const FeatureTable& table, int64_t& constant);

// Appends the `standardize` operator with these constants, float output.
ValueId append_standardize(Graph& graph, ValueId features, const Standardization& standardization,
                           const std::string& name);

// What that operator gives for the table's numbers.
std::vector<float> standardized(const FeatureTable& table, const Standardization& standardization);

}  // namespace mote
