// SPDX-License-Identifier: Apache-2.0
// Cutting recordings. See cut.h.
#include "data/cut.h"

#include <algorithm>
#include <cmath>

#include "data/readers/sample_rows.h"
#include "graph/diagnostics.h"

namespace mote {
namespace {

std::vector<Gap> cut_gaps(const std::vector<Gap>& gaps, int64_t begin, int64_t end) {
  std::vector<Gap> inside;
  for (const Gap& gap : gaps) {
    if (gap.before > begin && gap.before < end) inside.push_back({gap.before - begin, gap.missing});
  }
  return inside;
}

std::vector<LabelRange> cut_labels(const std::vector<LabelRange>& labels, double begin_s,
                                   double end_s) {
  std::vector<LabelRange> inside;
  for (const LabelRange& range : labels) {
    const double from_s = std::max(range.begin_s, begin_s), to_s = std::min(range.end_s, end_s);
    if (from_s < to_s) inside.push_back({from_s - begin_s, to_s - begin_s, range.label});
  }
  return inside;
}

}  // namespace

Recording cut_recording(const Recording& recording, int64_t begin, int64_t end) {
  MOTE_ASSERT(0 <= begin && begin <= end && end <= recording.size());
  Recording piece = recording;
  const int64_t n_axes = int64_t(recording.axes.size());
  piece.values.assign(recording.values.begin() + begin * n_axes,
                      recording.values.begin() + end * n_axes);
  piece.gaps = cut_gaps(recording.gaps, begin, end);
  const double begin_s = sample_time_s(recording, begin);
  if (piece.start) piece.start->ns += std::llround(begin_s * 1e9);
  piece.labels = cut_labels(recording.labels, begin_s, begin_s + duration_s(piece));
  return piece;
}

std::vector<Recording> cut_into_blocks(const Recording& recording, int64_t n) {
  MOTE_ASSERT(n >= 1);
  std::vector<Recording> blocks;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t begin = recording.size() * i / n, end = recording.size() * (i + 1) / n;
    blocks.push_back(cut_recording(recording, begin, end));
    blocks.back().name += "@" + std::to_string(i + 1) + "/" + std::to_string(n);
  }
  return blocks;
}

double duration_s(const Recording& recording) {
  const int64_t n = recording.size();
  return n == 0 ? 0 : sample_time_s(recording, n - 1) + 1 / recording.rate_hz;
}

}  // namespace mote
