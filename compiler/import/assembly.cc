// SPDX-License-Identifier: Apache-2.0
// See assembly.h.
#include "compiler/import/assembly.h"

#include <algorithm>

#include "graph/evaluator.h"
#include "graph/text_words.h"

namespace mote {
namespace {

// No microcontroller holds more constants; a file of a few bytes could ask for any number.
constexpr int64_t kMostConstantBytes = int64_t(64) << 20;
// Of all folding together: about a second.
constexpr int64_t kMostFoldingSteps = int64_t(1) << 29;
// Layers, those included that fold: of loops, and of operators that become many.
constexpr int64_t kMostSpent = 100000;

// How many elements an output looks at, where the shapes do not say it.
constexpr const char* kReaches[] = {"filter_h", "filter_w", "before",        "after",
                                    "k",        "classes",  "max_detections"};

// What it takes to run the graph's only node once. An element takes about ten multiplications; what
// is beyond the budget is not counted.
int64_t steps_of(const Graph& alone) {
  const NodeView view(alone, alone.nodes.back());
  const OpDef& op = *view.node().op;
  double elements = 0, reach = 10;
  for (const Value& value : alone.values) elements += double(value.elements());
  for (const char* name : kReaches) {
    const auto found = view.node().attributes.find(name);
    if (found == view.node().attributes.end()) continue;
    if (const auto* n = std::get_if<int64_t>(&found->second))
      reach *= double(std::max<int64_t>(*n, 1));
  }
  const double macs = op.macs ? double(op.macs(view)) : 0;
  return int64_t(std::min(elements * reach + macs, double(kMostFoldingSteps + 1)));
}

}  // namespace

void Assembly::spend(const std::string& name, int64_t count) {
  spent_ += count;
  if (spent_ > kMostSpent)
    fail("too-large", "\"" + name + "\"",
         "the model becomes more than " + std::to_string(kMostSpent) + " layers",
         "mote is for microcontrollers; use a smaller model");
}

std::string Assembly::unique(const std::string& wanted) {
  const std::string base = wanted.empty() ? "unnamed" : wanted;
  int32_t& taken = names_[base];
  if (taken++ == 0) return base;
  for (;; ++taken) {
    const std::string name = base + "_" + std::to_string(taken);
    if (names_.emplace(name, 1).second) return name;
  }
}

ValueId Assembly::add_constant(const std::string& name, ElementType type, const Shape& shape,
                               Bytes data, const Quantization& quantization) {
  constant_bytes_ += int64_t(data.size());
  if (constant_bytes_ > kMostConstantBytes)
    fail("too-large", "constant \"" + name + "\"",
         "the model's constants take more than " + std::to_string(kMostConstantBytes >> 20) + " MB",
         "mote is for microcontrollers; use a smaller model");
  return graph_.add_constant(unique(name), type, shape, std::move(data), quantization);
}

std::vector<ValueId> Assembly::add_all(const OpDef& op, const std::string& name,
                                       const std::vector<ValueId>& inputs,
                                       const Attributes& attributes) {
  spend(name, 1);
  const bool computed = std::any_of(inputs.begin(), inputs.end(), [this](ValueId id) {
    return id >= 0 && graph_.value(id).kind != ValueKind::constant;
  });
  if (!computed) return fold(op, name, inputs, attributes);
  graph_.add_node(op, unique(name), inputs, attributes);
  return graph_.nodes.back().outputs;
}

ValueId Assembly::add_with_variable(const OpDef& op, const std::string& name,
                                    const std::vector<ValueId>& inputs, ValueId variable) {
  return graph_.add_node(op, unique(name), inputs, {}, variable);
}

void Assembly::check_budget(const Graph& alone) {
  const Node& node = alone.nodes.back();
  int64_t bytes = 0;
  for (ValueId id : node.outputs) bytes += alone.value(id).bytes();
  folding_steps_ += steps_of(alone);
  if (constant_bytes_ + bytes > kMostConstantBytes || folding_steps_ > kMostFoldingSteps)
    fail("too-large", node.name, "layers of constants compute more than the model may hold",
         "fold the constants before the model is exported");
}

// The node alone in a graph, with its first constant as the sample.
std::vector<ValueId> Assembly::fold(const OpDef& op, const std::string& name,
                                    const std::vector<ValueId>& inputs,
                                    const Attributes& attributes) {
  Graph alone;
  std::vector<ValueId> ids;
  const Value* sample = nullptr;
  for (ValueId id : inputs) {
    if (id < 0) {
      ids.push_back(-1);
      continue;
    }
    const Value& value = graph_.value(id);
    if (!sample) {
      sample = &value;
      ids.push_back(
          alone.add_tensor_stream(value.name, value.type, value.shape, value.quantization));
      continue;
    }
    alone.values.push_back(value);
    ids.push_back(ValueId(alone.values.size()) - 1);
  }
  if (!sample) fail("missing-input", name, "the layer has no input", "convert the model again");
  alone.add_node(op, name, ids, attributes);
  const std::vector<ValueId> outputs = alone.nodes.back().outputs;
  check_budget(alone);
  alone.outputs = outputs;
  Evaluator evaluator(alone);
  evaluator.push(0, sample->data->data());
  std::vector<ValueId> constants;
  for (ValueId id : outputs) {
    const Value& value = alone.value(id);
    const auto result = evaluator.bytes(id);
    constants.push_back(add_constant(value.name, value.type, value.shape,
                                     Bytes(result.begin(), result.end()), value.quantization));
  }
  return constants;
}

std::vector<int64_t> Assembly::integers(ValueId id) const {
  const Value& value = graph_.value(id);
  MOTE_ASSERT(value.kind == ValueKind::constant && value.type != ElementType::f32);
  return with_element_type(value.type, [&](auto element) {
    std::vector<int64_t> list;
    for (int64_t i = 0; i < value.elements(); ++i)
      list.push_back(int64_t(value.as<decltype(element)>()[i]));
    return list;
  });
}

}  // namespace mote
