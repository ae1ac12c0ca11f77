// SPDX-License-Identifier: Apache-2.0
// compress_weights: before  y = fully_connected(x, w, b)   after  the same with compressed = 1,
// which asks for the kernel that decodes its weights (ops/nn/compressed_layer.h). Promises every
// output byte: what is decoded is what was there. What a layer would save is seen by lowering it
// both ways.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "graph/op_def.h"

namespace mote {
namespace {

constexpr const char* kAttribute = "compressed";

int64_t table_bytes(const Graph& graph, const Node& node, InstructionSet core) {
  int64_t bytes = 0;
  const KernelCall call = lower_for(core, NodeView(graph, node));
  for (const KernelConstant& table : call.constants) bytes += int64_t(table.data.size());
  return bytes;
}

struct Candidate {
  size_t node;
  double left;  // of each byte
};

std::vector<Candidate> candidates(const Graph& graph, InstructionSet core) {
  std::vector<Candidate> all;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Node node = graph.nodes[n];
    if (node.attributes.count(kAttribute) == 0) continue;
    const int64_t plain = table_bytes(graph, node, core);
    node.attributes[kAttribute] = int64_t{1};
    const int64_t compressed = table_bytes(graph, node, core);
    if (compressed < plain) all.push_back({n, double(compressed) / double(plain)});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.left < b.left; });
  return all;
}

}  // namespace

Graph compress_weights(const Graph& graph, InstructionSet core, int32_t most) {
  Graph changed = graph;
  if (most <= 0) return changed;
  for (const Candidate& candidate : candidates(graph, core))
    if (most-- > 0) changed.nodes[candidate.node].attributes[kAttribute] = int64_t{1};
  return changed;
}

}  // namespace mote
