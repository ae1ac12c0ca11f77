// SPDX-License-Identifier: Apache-2.0
// The list of graphs that every port plays. See graphs.h.
#include "tests/ports/graphs.h"

#include "graph/diagnostics.h"

namespace mote::ports {
namespace {

struct NamedGraph {
  const char* name;
  Graph (*make)();
};
constexpr NamedGraph kGraphs[] = {
    {"fixed_signals", fixed_signals},
    {"float_signals", float_signals},
    {"float_network", float_network},
    {"int8_network", int8_network},
    {"float_layers", float_layers},
    {"integer_layers", integer_layers},
    {"convolutions", convolutions},
    {"depthwise_convolutions", depthwise_convolutions},
    {"dense_layers", dense_layers},
    {"sums", sums},
    {"elementwise", elementwise},
    {"float_elementwise", float_elementwise},
    {"movement", movement},
    {"signal_library", signal_library},
    {"recurrent", recurrent},
    {"reductions", reductions},
    {"float_reductions", float_reductions},
    {"image_by_rows", image_by_rows},
    {"small_chain", small_chain},
};

}  // namespace

Graph graph_named(const std::string& name) {
  for (const NamedGraph& graph : kGraphs)
    if (graph.name == name) return graph.make();
  internal_error(__FILE__, __LINE__, "no graph of this name");
}

std::vector<std::string> graph_names() {
  std::vector<std::string> names;
  for (const NamedGraph& graph : kGraphs) names.push_back(graph.name);
  return names;
}

}  // namespace mote::ports
