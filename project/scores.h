// SPDX-License-Identifier: Apache-2.0
// How well labels are recognised. In: pairs of true and decided class. Out: accuracy, macro-F1 and
// the confusion matrix. One decision a window, argmax before smoothing and "uncertain"; macro-F1 is
// pooled over all pairs.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mote {

struct Scores {
  std::vector<std::vector<int64_t>> confusion;  // [true][decided]
  int64_t count = 0;
  double accuracy = 0;
  double macro_f1 = 0;     // mean over the classes that are present or decided
  std::vector<double> f1;  // of each class; NaN where it is neither present nor decided
};

// The class with the highest score, ties to the lowest; there is at least one.
int32_t winner(const std::vector<double>& scores);

// truth[i] and decided[i] are class numbers below `classes`.
Scores score(const std::vector<int32_t>& truth, const std::vector<int32_t>& decided,
             int32_t classes);

// The confusion matrix as a table for a terminal.
std::string print(const Scores& scores, const std::vector<std::string>& classes);

}  // namespace mote
