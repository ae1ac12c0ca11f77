// SPDX-License-Identifier: Apache-2.0
// Holding out a part of the samples, whole groups at a time, so that validation never sees a
// subject or session that training saw.
#pragma once
#include "train/train.h"

namespace mote {

struct HeldOut {
  TrainingSet training;
  TrainingSet validation;
};

// Holds out whole groups until about `share` of the samples are in validation, chosen so that as
// many classes as can be stay on both sides. Without groups (or with only one) the samples
// themselves are divided, class by class.
HeldOut hold_out(const TrainingSet& set, double share, uint64_t seed);

// The samples whose index is in `rows`, in that order.
TrainingSet select(const TrainingSet& set, const std::vector<int64_t>& rows);

}  // namespace mote
