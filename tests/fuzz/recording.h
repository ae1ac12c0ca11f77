// SPDX-License-Identifier: Apache-2.0
// A recording's reader under test: what it returns must be whole rows at a rate. See fuzz.h.
#pragma once
#include <cstdlib>

#include "data/readers/reader.h"
#include "tests/fuzz/fuzz.h"

namespace mote::fuzz {

// `rate_hz`: for formats that have none; 0: the file's.
inline void read_recording(const Bytes& bytes, std::string_view format, double rate_hz) {
  Diagnostics diagnostics;
  ReadOptions options;
  options.rate_hz = rate_hz;
  const auto file = as_file(bytes, "recording");
  for (const Recording& r : read_recordings(file, format, options, diagnostics))
    if (r.axes.empty() || r.values.size() % r.axes.size() != 0 || !(r.rate_hz > 0)) std::abort();
  diagnostics.stop_if_any();
}

}  // namespace mote::fuzz
