// SPDX-License-Identifier: Apache-2.0
// See kernel_choices.h.
#include "compiler/plan/kernel_choices.h"

#include "graph/kernel_choice.h"

namespace mote {
namespace {

int64_t table_bytes(const KernelCall& call) {
  int64_t bytes = 0;
  for (const KernelConstant& table : call.constants) bytes += int64_t(table.data.size());
  return bytes;
}

}  // namespace

KernelChoices compressed_kernels(const Graph& graph, InstructionSet core) {
  KernelChoices choices;
  for (const Node& node : graph.nodes) {
    const NodeView view(graph, node);
    const int64_t plain = table_bytes(lower_for(core, view));
    for (const KernelCandidate& kernel : kernels_for(core, view))
      if (kernel.is_compressed && table_bytes(kernel.call) < plain)
        choices.try_emplace(node.name, kernel.name);
  }
  return choices;
}

}  // namespace mote
