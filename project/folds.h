// SPDX-License-Identifier: Apache-2.0
// Figures of one set of decisions by the three that decide: float graph, integer graph, firmware.
// In: Decisions. Out: a Fold for all of them, or one for each group.
#pragma once
#include "project/walk.h"

namespace mote {

struct Fold {
  std::string held_out;  // the group, or ""
  Scores by_float, by_int8, by_firmware;
  int64_t windows_verified = 0;
  int64_t windows_differing = 0;
  bool bit_exact = false;
};

Fold score(const Decisions& decisions, int32_t classes);

// One entry a group that has decisions; none where all are of one group.
std::vector<Fold> score_groups(const Decisions& decisions, const std::vector<std::string>& groups,
                               int32_t classes);

}  // namespace mote
