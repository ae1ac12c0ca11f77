// SPDX-License-Identifier: Apache-2.0
// See decision_loss.h.
#include "project/decision_loss.h"

#include <algorithm>
#include <utility>

#include "graph/diagnostics.h"

namespace mote {

DecisionLoss::DecisionLoss(const Scores& reference, std::vector<bool> counts)
    : counts_(std::move(counts)) {
  MOTE_ASSERT(counts_.size() == reference.size());
  std::vector<double> margins;
  for (const std::vector<double>& scores : reference) {
    MOTE_ASSERT(scores.size() >= 2);
    Border b{0, 1, 0};
    if (scores[1] > scores[0]) std::swap(b.best, b.second);
    for (size_t c = 2; c < scores.size(); ++c) {
      if (scores[c] > scores[b.best])
        b.second = std::exchange(b.best, c);
      else if (scores[c] > scores[b.second])
        b.second = c;
    }
    b.margin = scores[b.best] - scores[b.second];
    borders_.push_back(b);
    margins.push_back(b.margin);
  }
  if (margins.empty()) return;
  const auto middle = margins.begin() + int64_t((margins.size() - 1) / 2);
  std::nth_element(margins.begin(), middle, margins.end());
  near_ = *middle;
}

double DecisionLoss::of(const Scores& scores) const {
  MOTE_ASSERT(scores.size() == borders_.size());
  std::vector<double> noise;
  for (size_t i = 0; i < scores.size(); ++i) {
    const Border& b = borders_[i];
    if (b.margin <= near_) noise.push_back(scores[i][b.best] - scores[i][b.second] - b.margin);
  }
  std::sort(noise.begin(), noise.end());
  double changed = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!counts_[i]) continue;
    const auto below = std::lower_bound(noise.begin(), noise.end(), -borders_[i].margin);
    changed += double(below - noise.begin()) / double(noise.size());
  }
  return scores.empty() ? 0 : 100 * changed / double(scores.size());
}

}  // namespace mote
