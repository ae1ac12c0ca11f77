// SPDX-License-Identifier: Apache-2.0
// Where a rule refused: what it named, inside the node of the file that it was called for. Neither
// is said twice. Shared by the importers.
#pragma once
#include <string>

namespace mote {

inline std::string place_in_node(const std::string& node, const std::string& named) {
  if (named.find(node) != std::string::npos) return named;
  return node.find(named) != std::string::npos ? node : node + ": " + named;
}

}  // namespace mote
