// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a .trace.json. What is taken writes and reads back as the same trace. See
// fuzz.h.
#include <cstdlib>

#include "runner/trace.h"
#include "tests/fuzz/fuzz.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  const Trace trace = trace_from_json(text_of(bytes), "fuzz.trace.json");
  if (!(trace_from_json(to_json(trace), "written") == trace)) std::abort();
  first_difference(trace, trace);
}
