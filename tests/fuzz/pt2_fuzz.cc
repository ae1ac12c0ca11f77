// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a .pt2 archive, imported. See fuzz.h, graph.h, zip.h.
#include "compiler/import/import.h"
#include "quantize/pairs.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/graph.h"
#include "tests/fuzz/zip.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  Diagnostics diagnostics;
  const Bytes archive = with_checksums(bytes);
  check_graph(fold_pairs(import_pt2({archive, "fuzz", "fuzz.pt2"}, {}, diagnostics), diagnostics));
}
