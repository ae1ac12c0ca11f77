// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a CSV of label ranges. What is taken is sorted, in its recording, and
// overlaps nowhere. See fuzz.h.
#include <cstdlib>

#include "data/label_ranges.h"
#include "tests/fuzz/fuzz.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  std::vector<Recording> recordings(2);
  for (size_t i = 0; i < 2; ++i) {
    recordings[i].name = i ? "walk/b.csv" : "walk/a.csv";
    recordings[i].rate_hz = 10;
    recordings[i].axes = {{"x", ""}};
    recordings[i].values.assign(50, 0.0f);
  }
  recordings[1].start = parse_date_time("2024-01-01 10:00:00");
  Diagnostics diagnostics;
  add_label_ranges(as_file(bytes, "labels.csv"), {"left/out.csv"}, recordings, diagnostics);
  diagnostics.stop_if_any();
  for (const Recording& r : recordings)
    for (size_t i = 0; i < r.labels.size(); ++i) {
      if (!(r.labels[i].begin_s < r.labels[i].end_s)) std::abort();
      if (i > 0 && r.labels[i].begin_s < r.labels[i - 1].end_s) std::abort();
    }
}
