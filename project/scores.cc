// SPDX-License-Identifier: Apache-2.0
// Scores from pairs. See scores.h.
#include "project/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "graph/diagnostics.h"

namespace mote {
namespace {

// 2 TP / (2 TP + FP + FN); NaN for a class that never occurs on either side.
double f1_of(const Scores& scores, size_t c) {
  int64_t row = 0, column = 0;
  for (size_t k = 0; k < scores.confusion.size(); ++k) {
    row += scores.confusion[c][k];
    column += scores.confusion[k][c];
  }
  if (row + column == 0) return std::numeric_limits<double>::quiet_NaN();
  return 2.0 * double(scores.confusion[c][c]) / double(row + column);
}

}  // namespace

int32_t winner(const std::vector<double>& scores) {
  return int32_t(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

Scores score(const std::vector<int32_t>& truth, const std::vector<int32_t>& decided,
             int32_t classes) {
  MOTE_ASSERT(truth.size() == decided.size());
  Scores out;
  out.confusion.assign(size_t(classes), std::vector<int64_t>(size_t(classes), 0));
  int64_t right = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    ++out.confusion.at(size_t(truth[i])).at(size_t(decided[i]));
    right += truth[i] == decided[i];
  }
  out.count = int64_t(truth.size());
  out.accuracy = out.count > 0 ? double(right) / double(out.count) : 0;
  double sum = 0;
  int64_t present = 0;
  for (size_t c = 0; c < size_t(classes); ++c) {
    out.f1.push_back(f1_of(out, c));
    if (out.f1[c] == out.f1[c]) sum += out.f1[c], ++present;
  }
  out.macro_f1 = present > 0 ? sum / double(present) : 0;
  return out;
}

std::string print(const Scores& scores, const std::vector<std::string>& classes) {
  size_t width = 9;
  for (const std::string& name : classes) width = std::max(width, name.size() + 1);
  std::string text = fmt::format("{:>{}}", "true\\said", width);
  for (const std::string& name : classes) text += fmt::format("{:>{}}", name, width);
  text += fmt::format("{:>{}}\n", "F1", width);
  for (size_t c = 0; c < classes.size(); ++c) {
    text += fmt::format("{:>{}}", classes[c], width);
    for (int64_t n : scores.confusion[c]) text += fmt::format("{:>{}}", n, width);
    text += scores.f1[c] == scores.f1[c] ? fmt::format("{:>{}.3f}\n", scores.f1[c], width)
                                         : fmt::format("{:>{}}\n", "-", width);
  }
  return text;
}

}  // namespace mote
