// SPDX-License-Identifier: Apache-2.0
// fold_padding: before  a = pad(x); b = conv_2d(a), padding valid   after  b = conv_2d(x), padding
// given. Formats whose convolutions have borders of their own, or odd ones, are imported with a pad
// layer in front; the kernels skip what lies outside the image, so the padded copy is not needed. A
// pad layer goes if it pads rows and columns with the real number 0 and all its readers are
// convolutions whose windows still reach the image. Promises every output byte: a skipped tap adds
// nothing to an integer sum, and to a float sum a zero, which changes no sum that began at +0 (the
// weights are finite). Relies on nodes being in execution order, and on remove_unused to drop the
// values.
#include <algorithm>
#include <cmath>

#include "compiler/passes/passes.h"
#include "graph/op_def.h"
#include "ops/registry.h"

namespace mote {
namespace {

using List = std::vector<int64_t>;

class Folder {
 public:
  explicit Folder(const Graph& graph) : graph_(graph) {}

  Graph run() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (size_t n = nodes.size(); n-- > 0;)  // the last of several in a row first
      if (nodes[n].op == &pad_op && is_border_of_zeros(nodes[n]) && fold(nodes[n], nodes))
        nodes.erase(nodes.begin() + int64_t(n));
    graph_.nodes = std::move(nodes);
    return std::move(graph_);
  }

 private:
  static const List& list(const Node& node, const char* name) {
    return std::get<List>(node.attributes.at(name));
  }

  bool is_border_of_zeros(const Node& pad) const {
    if (graph_.value(pad.inputs[0]).shape.size() != 4) return false;
    const Attribute &mode = pad.attributes.at("mode"), &value = pad.attributes.at("value");
    if (std::get<std::string>(mode) != "constant" || std::get<double>(value) != 0) return false;
    for (const char* side : {"before", "after"}) {
      const List& widths = list(pad, side);
      if (widths.size() != 4 || widths[0] != 0 || widths[3] != 0) return false;
    }
    return true;
  }

  // False if the pad layer must stay.
  bool fold(const Node& pad, std::vector<Node>& nodes) const {
    const ValueId padded = pad.outputs[0];
    const auto& outputs = graph_.outputs;
    if (std::find(outputs.begin(), outputs.end(), padded) != outputs.end()) return false;
    std::vector<Node> folded;
    for (const Node& node : nodes) {
      if (std::find(node.inputs.begin(), node.inputs.end(), padded) == node.inputs.end()) continue;
      if (!takes_borders(node)) return false;
      folded.push_back(with_borders(node, pad));
      if (!reaches_image(folded.back())) return false;
    }
    auto next = folded.begin();
    for (Node& node : nodes)
      if (next != folded.end() && node.outputs == next->outputs) node = std::move(*next++);
    return true;
  }

  bool takes_borders(const Node& node) const {
    if (node.op != &conv_2d_op && node.op != &depthwise_conv_2d_op) return false;
    if (std::get<std::string>(node.attributes.at("padding")) == "same") return false;
    const Value& weights = graph_.value(node.inputs[1]);
    if (weights.type != ElementType::f32) return true;
    return weights.kind == ValueKind::constant &&
           std::all_of(weights.as<float>(), weights.as<float>() + weights.elements(),
                       [](float w) { return std::isfinite(w); });
  }

  static Node with_borders(Node node, const Node& pad) {
    const List &before = list(pad, "before"), &after = list(pad, "after");
    List borders{before[1], after[1], before[2], after[2]};
    const List& own = list(node, "borders");
    for (size_t i = 0; i < own.size(); ++i) borders[i] += own[i];
    node.attributes["padding"] = std::string("given");
    node.attributes["borders"] = std::move(borders);
    node.inputs[0] = pad.inputs[0];
    return node;
  }

  // As conv_2d asks it of its borders.
  bool reaches_image(const Node& node) const {
    const Shape& kernel = graph_.value(node.inputs[1]).shape;
    const List& borders = list(node, "borders");
    for (size_t i = 0; i < 4; ++i) {
      const char* dilation = i < 2 ? "dilation_h" : "dilation_w";
      const int64_t reach =
          (kernel[i < 2 ? 1 : 2] - 1) * std::get<int64_t>(node.attributes.at(dilation));
      if (borders[i] < 0 || borders[i] > reach) return false;
    }
    return true;
  }

  Graph graph_;
};

}  // namespace

Graph fold_padding(const Graph& graph) { return Folder(graph).run(); }

}  // namespace mote
