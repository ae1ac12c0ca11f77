// SPDX-License-Identifier: Apache-2.0
// See pair_scales.h.
#include "quantize/pair_scales.h"

#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

// An output of the graph is read as it is.
struct Wanted {
  enum { unread, agreed, mixed } state = unread;
  Quantization scale;

  void also(const Wanted& other) {
    if (other.state == unread || state == mixed) return;
    const bool same = state == unread || (other.state == agreed && scale == other.scale);
    *this = same ? other : Wanted{mixed, {}};
  }
};

// max(x, a) and min(x, a) of integers at the output's scale are those of the real numbers.
bool clamps(const Graph& graph, const Node& node) {
  if (node.op == &activation_op) return true;
  return (node.op == &maximum_op || node.op == &minimum_op) &&
         graph.value(node.inputs[1]).kind == ValueKind::constant;
}

Wanted by_reader(const Graph& graph, const Node& node, size_t input, const Wanted& of_output) {
  const Wanted mixed{Wanted::mixed, {}};
  if (node.op == &quantize_op) {
    const Value& y = graph.value(node.outputs[0]);
    const auto scale = as_s8(y.type, y.quantization);
    return scale ? Wanted{Wanted::agreed, *scale} : mixed;
  }
  const bool passes = input == 0 && (keeps_scale(node) || clamps(graph, node));
  return !passes ? mixed : of_output.state == Wanted::unread ? mixed : of_output;
}

}  // namespace

std::optional<Quantization> as_s8(ElementType type, const Quantization& quantization) {
  if (quantization.scales.size() != 1) return {};
  if (type == ElementType::s8) return quantization;
  if (type == ElementType::u8)
    return per_tensor(quantization.scale(), quantization.zero_point() - 128);
  return {};
}

bool keeps_scale(const Node& node) {
  const bool plain_pool = node.op == &max_pool_2d_op &&
                          node.attributes.at("activation") == Attribute(std::string("none"));
  return plain_pool || moves_numbers(*node.op) || node.op == &pad_op || node.op == &trilu_op ||
         node.op == &top_k_op;
}

std::vector<std::optional<Quantization>> wanted_scales(const Graph& graph) {
  std::vector<Wanted> wanted(graph.values.size());
  for (ValueId id : graph.outputs) wanted[size_t(id)] = {Wanted::mixed, {}};
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = graph.nodes[n];
    const Wanted& of_output = wanted[size_t(node.outputs.at(0))];
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (node.inputs[i] >= 0)
        wanted[size_t(node.inputs[i])].also(by_reader(graph, node, i, of_output));
  }
  std::vector<std::optional<Quantization>> scales(graph.values.size());
  for (size_t i = 0; i < scales.size(); ++i)
    if (wanted[i].state == Wanted::agreed) scales[i] = wanted[i].scale;
  return scales;
}

}  // namespace mote
