// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a .pte file, imported. See fuzz.h, graph.h.
#include "compiler/import/import.h"
#include "quantize/pairs.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/graph.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  Diagnostics diagnostics;
  check_graph(
      fold_pairs(import_executorch({bytes, "fuzz", "fuzz.pte"}, {}, diagnostics), diagnostics));
}
