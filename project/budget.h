// SPDX-License-Identifier: Apache-2.0
// Does a build keep the limits of [budget] and of its board? In: measured figures. Out: an error
// for each limit that is exceeded: by how much, what takes the space, what would fit.
#pragma once
#include "project/config.h"
#include "project/firmware.h"

namespace mote {

// What [budget] leaves the model besides the stack; 0: there is no budget.
int64_t ram_for_model(const Config& config);

// Stops at the door when RAM, flash or time is over the budget.
void check_budget(const Config& config, const FirmwareResult& result, Diagnostics& diagnostics);

// The image could not be linked for lack of memory: says what the model takes and which boards have
// more. Adds nothing when there is no misfit.
void explain_misfit(const Plan& plan, const Board& board, const std::vector<Misfit>& misfits,
                    Diagnostics& diagnostics);

}  // namespace mote
