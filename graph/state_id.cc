// SPDX-License-Identifier: Apache-2.0
// See state_id.h.
#include "graph/state_id.h"

#include "core/crc32.h"
#include "graph/text.h"

namespace mote {

uint32_t state_id(const Graph& graph) {
  std::string text = print(graph);
  for (ValueId id : graph.states())
    text +=
        graph.value(id).name + " " + print_type(graph.value(id).type, graph.value(id).shape) + "\n";
  return crc32(0, text.data(), text.size());
}

}  // namespace mote
