// SPDX-License-Identifier: Apache-2.0
// What a user can get wrong about a model or its data, found before training starts.
#pragma once
#include <string>
#include <vector>

#include "train/train.h"

namespace mote {

// The learning rate's ways over the steps (FitOptions::schedule).
const std::vector<std::string>& schedules();

// Every fault of the options: numbers out of range, an unknown schedule. Throws UserError with all
// of them.
void check_fit_options(const FitOptions& options, const std::string& place);

// Throws UserError for faults of spec and data: too few classes, a feature that is not finite,
// masks on features without frames. Warns about classes that training or validation lacks.
void check_training(const ModelSpec& spec, const TrainingData& data, Diagnostics& diagnostics);

}  // namespace mote
