// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as the text of a graph. What is read prints and reads back as the same text;
// what the verifier takes can be planned and run. See fuzz.h, graph.h.
#include "graph/text.h"
#include "ops/registry.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/graph.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  Diagnostics diagnostics;
  const Graph graph = parse_graph(text_of(bytes), "fuzz", all_ops(), diagnostics);
  const std::string printed = print(graph);
  Diagnostics again;
  if (print(parse_graph(printed, "printed", all_ops(), again)) != printed) std::abort();
  verify(graph, diagnostics);
  diagnostics.stop_if_any();
  check_graph(graph);
}
