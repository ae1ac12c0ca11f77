// SPDX-License-Identifier: Apache-2.0
// How many decisions an integer form of a classifier is expected to change. In: the scores of the
// float form and of the integer one, in front of softmax, on the same samples. Out: a percentage of
// the samples.
//
// Counting is too coarse: of 250 samples one is 0.4 points, and which of those near the border fall
// to the other side is chance, on other samples another one. So each sample's margin, best score
// less second, is compared with the noise of all: a sample with margin m changes its decision with
// the probability that the integer form's error of a margin is below -m. The noise is that of the
// half of the samples whose margins are least, because it grows with the scores.
#pragma once
#include <cstddef>
#include <vector>

namespace mote {

class DecisionLoss {
 public:
  using Scores = std::vector<std::vector<double>>;  // of each sample, those of two classes or more

  // `counts`: which samples' decisions may be lost, of as many as there are scores.
  DecisionLoss(const Scores& reference, std::vector<bool> counts);

  // Percent of all samples that are expected to count and to change; 0 where there are none.
  double of(const Scores& scores) const;

 private:
  struct Border {
    size_t best, second;  // the classes
    double margin;
  };
  std::vector<Border> borders_;
  std::vector<bool> counts_;
  double near_ = 0;  // the median of the margins
};

}  // namespace mote
