// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a .tflite file, imported; what is taken must be a graph that can be planned.
// See README.md.
#include <cstdint>

#include "compiler/import/import.h"
#include "compiler/plan/plan.h"
#include "graph/verify.h"

namespace {

// Planning a graph of many layers takes quadratic time; the importer is what is tested.
constexpr size_t kMostPlanned = 200;

void import(const mote::Bytes& bytes) {
  mote::Diagnostics diagnostics;
  const mote::Graph graph = mote::import_tflite({bytes, "fuzz", "fuzz.tflite"}, {}, diagnostics);
  mote::Diagnostics findings;
  mote::verify(graph, findings);
  if (!findings.errors().empty()) __builtin_trap();
  if (graph.nodes.size() <= kMostPlanned) mote::verify(mote::make_plan(graph));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    import(mote::Bytes(data, data + size));
  } catch (const mote::UserError&) {
    // The file is refused with a message.
  }
  return 0;
}
