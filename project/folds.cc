// SPDX-License-Identifier: Apache-2.0
// See folds.h.
#include "project/folds.h"

namespace mote {
namespace {

Decisions part_of(const Decisions& all, int32_t group) {
  Decisions part;
  for (size_t i = 0; i < all.truth.size(); ++i) {
    if (all.group[i] != group) continue;
    part.truth.push_back(all.truth[i]);
    part.by_float.push_back(all.by_float[i]);
    part.by_int8.push_back(all.by_int8[i]);
    if (i < all.by_firmware.size()) part.by_firmware.push_back(all.by_firmware[i]);
  }
  return part;
}

}  // namespace

Fold score(const Decisions& d, int32_t classes) {
  Fold fold;
  fold.by_float = score(d.truth, d.by_float, classes);
  fold.by_int8 = score(d.truth, d.by_int8, classes);
  if (d.by_firmware.size() == d.truth.size())
    fold.by_firmware = score(d.truth, d.by_firmware, classes);
  return fold;
}

std::vector<Fold> score_groups(const Decisions& decisions, const std::vector<std::string>& groups,
                               int32_t classes) {
  std::vector<Fold> folds;
  for (size_t g = 0; g < groups.size(); ++g) {
    const Decisions part = part_of(decisions, int32_t(g));
    if (part.truth.empty() || part.truth.size() == decisions.truth.size()) continue;
    folds.push_back(score(part, classes));
    folds.back().held_out = groups[g];
  }
  return folds;
}

}  // namespace mote
