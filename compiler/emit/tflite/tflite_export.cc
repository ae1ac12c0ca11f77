// SPDX-License-Identifier: Apache-2.0
// The .tflite writer: chooses the nodes, numbers tensors and operator codes, fills the flatbuffer.
// See tflite_export.h.
#include "compiler/emit/tflite/tflite_export.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/emit/tflite/rules.h"

namespace mote {
namespace {

using tflite::Operands;
using tflite::Rule;
namespace format = tflite::format;

// The part of the graph to write.
struct Cut {
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<const Node*> nodes;  // in execution order
};

bool contains(const std::vector<ValueId>& ids, ValueId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Walks the nodes backward from the outputs; what is still needed at the start must be a constant.
Cut cut_graph(const Graph& graph, const TfliteExportOptions& options, Diagnostics& diagnostics) {
  Cut cut{options.inputs, options.outputs, {}};
  if (cut.inputs.empty())
    for (const Stream& stream : graph.streams) cut.inputs.push_back(stream.value);
  if (cut.outputs.empty()) cut.outputs = graph.outputs;
  std::set<ValueId> needed(cut.outputs.begin(), cut.outputs.end());
  for (ValueId id : cut.inputs) needed.erase(id);
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool is_needed = std::any_of(node->outputs.begin(), node->outputs.end(),
                                       [&](ValueId id) { return needed.count(id) != 0; });
    if (!is_needed) continue;
    cut.nodes.push_back(&*node);
    for (ValueId id : node->outputs) needed.erase(id);
    for (ValueId id : node->inputs)
      if (id >= 0 && !contains(cut.inputs, id)) needed.insert(id);
  }
  std::reverse(cut.nodes.begin(), cut.nodes.end());
  for (ValueId id : needed)
    if (graph.value(id).kind != ValueKind::constant)
      diagnostics.error(
          "input-not-given", "value \"" + graph.value(id).name + "\"",
          "the exported part depends on it, but it is neither an input of that part nor a constant",
          "add it to the inputs, or begin the exported part after it");
  if (cut.nodes.empty())
    diagnostics.error("nothing-to-export", "graph \"" + graph.name + "\"",
                      "no operator lies between the chosen inputs and outputs");
  return cut;
}

void warn_of_micro(const Graph& graph, const Node& node, const Rule& rule,
                   Diagnostics& diagnostics) {
  const tflite::Difference difference = rule.micro_differs(NodeView(graph, node));
  if (!difference.what.empty())
    diagnostics.warn("tflite-micro-differs", place_of(graph, node),
                     "TensorFlow Lite Micro " + difference.what, difference.remedy);
}

void check_operators(const Graph& graph, const Cut& cut, Diagnostics& diagnostics) {
  for (const Node* node : cut.nodes) {
    const Rule* rule = tflite::find_rule(node->op->name);
    if (!rule)
      diagnostics.error("no-tflite-operator", place_of(graph, *node),
                        "the .tflite format has no operator for " + node->op->name,
                        "begin the exported part after it, or end it before it");
    else if (rule->micro_differs)
      warn_of_micro(graph, *node, *rule, diagnostics);
  }
}

class Writer {
 public:
  Writer(const Graph& graph, const Cut& cut) : graph_(graph), cut_(cut) {}

  Bytes write() {
    const std::vector<int32_t> inputs = tensors(cut_.inputs, Operands::data);
    for (const Node* node : cut_.nodes) add_operator(*node);
    const std::vector<int32_t> outputs = tensors(cut_.outputs, Operands::data);
    builder_.end_subgraph(graph_.name, inputs, outputs);
    return builder_.finish();
  }

 private:
  std::vector<int32_t> tensors(const std::vector<ValueId>& ids, Operands operands) {
    std::vector<int32_t> indices;
    for (ValueId id : ids) indices.push_back(id < 0 ? -1 : tensor(id, operands));
    return indices;
  }

  // The tensor that stands for a value, written when it is first asked for.
  int32_t tensor(ValueId id, Operands operands) {
    const Value& value = graph_.value(id);
    const bool constant = value.kind == ValueKind::constant;
    const bool own_shape = constant && operands != Operands::data;
    const auto known = tensor_of_.find({id, own_shape});
    if (known != tensor_of_.end()) return known->second;
    const Shape shape = own_shape ? value.shape : tflite::written_shape(value);
    return tensor_of_[{id, own_shape}] =
               builder_.add_tensor({value.name, tflite::tensor_type(value.type), shape,
                                    value.quantization, constant ? value.data.get() : nullptr});
  }

  int32_t add_int32_constant(const std::string& name, const std::vector<int32_t>& numbers) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
    const Bytes data(bytes, bytes + 4 * numbers.size());
    return builder_.add_tensor(
        {name, format::TensorType::INT32, {int32_t(numbers.size())}, {}, &data});
  }

  int32_t add_zero_bias(const NodeView& node) {
    const Value& weights = node.input(1);
    const int32_t channels = node.output().shape.back();
    const bool integer = weights.type == ElementType::s8;
    Quantization quantization = weights.quantization;
    for (float& scale : quantization.scales) scale *= node.input(0).quantization.scale();
    quantization.axis = 0;
    const Bytes zeros(4 * size_t(channels));
    return builder_.add_tensor({node.node().name + "/bias",
                                tflite::tensor_type(integer ? ElementType::s32 : ElementType::f32),
                                {channels},
                                quantization,
                                &zeros});
  }

  std::vector<int32_t> slots(const NodeView& node, const Rule& rule) {
    std::vector<int32_t> indices;
    for (const tflite::Slot& slot : rule.slots(node)) {
      int32_t index = -1;
      if (slot.kind == tflite::Slot::Kind::input)
        index = tensor(node.node().inputs.at(slot.index), rule.operands);
      if (slot.kind == tflite::Slot::Kind::state) index = variable(node, slot.index);
      indices.push_back(index);
    }
    return indices;
  }

  int32_t variable(const NodeView& node, size_t i) {
    const Value& state = node.state(i);
    return builder_.add_tensor({state.name, tflite::tensor_type(state.type), state.shape,
                                tflite::state_scale(node, i), nullptr, true});
  }

  void add_operator(const Node& node) {
    const NodeView view(graph_, node);
    const Rule& rule = *tflite::find_rule(node.op->name);
    std::vector<int32_t> inputs =
        rule.slots ? slots(view, rule) : tensors(node.inputs, rule.operands);
    // An input that is not given at the end is one input less: TFLM crashes on -1 for a depthwise
    // convolution's bias. A convolution needs its bias (LiteRT).
    while (!rule.slots && !inputs.empty() && inputs.back() < 0) inputs.pop_back();
    if (rule.operands == Operands::weights_and_bias && inputs.size() == 2)
      inputs.push_back(add_zero_bias(view));
    if (rule.appended_input)
      inputs.push_back(add_int32_constant(node.name + "/parameters", rule.appended_input(view)));
    tflite::OperatorSpec op;
    op.code = rule.code(view);
    op.version = tflite::version_of(rule, view);
    op.inputs = std::move(inputs);
    op.outputs = tensors(node.outputs, Operands::data);
    if (rule.intermediates)
      for (const tflite::TensorSpec& tensor : rule.intermediates(view))
        op.intermediates.push_back(builder_.add_tensor(tensor));
    if (rule.options) op.options = rule.options(builder_.flat(), view);
    builder_.add_operator(op);
  }

  const Graph& graph_;
  const Cut& cut_;
  tflite::ModelBuilder builder_;
  std::map<std::pair<ValueId, bool>, int32_t> tensor_of_;  // by value and whether in its own shape
};

}  // namespace

Bytes export_tflite(const Graph& graph, const TfliteExportOptions& options,
                    Diagnostics& diagnostics) {
  const Cut cut = cut_graph(graph, options, diagnostics);
  check_operators(graph, cut, diagnostics);
  diagnostics.stop_if_any();
  return Writer(graph, cut).write();
}

}  // namespace mote
