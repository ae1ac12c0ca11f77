// SPDX-License-Identifier: Apache-2.0
// See assembly.h.
#include "compiler/import/assembly.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "graph/constant_layer.h"
#include "graph/text_words.h"
#include "ops/nn/movement.h"
#include "ops/registry.h"

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

std::vector<ValueId> Assembly::fold(const OpDef& op, const std::string& name,
                                    const std::vector<ValueId>& inputs,
                                    const Attributes& attributes) {
  const auto computed = compute_constants(op, name, values(inputs), attributes,
                                          [this](const Graph& alone) { check_budget(alone); });
  std::vector<ValueId> constants;
  for (const Value& value : computed)
    constants.push_back(
        add_constant(value.name, value.type, value.shape, *value.data, value.quantization));
  if (&op == &dequantize_op) integers_[constants.at(0)] = inputs[0];
  if (moves_numbers(op) && integers_.count(inputs[0]))
    move_integers(op, inputs, attributes, constants.at(0));
  return constants;
}

std::vector<const Value*> Assembly::values(const std::vector<ValueId>& ids) const {
  std::vector<const Value*> all;
  for (ValueId id : ids) all.push_back(id < 0 ? nullptr : &graph_.value(id));
  return all;
}

namespace {

// Scale and zero point of each element.
struct Steps {
  const Quantization& q;
  int64_t inner = 1;  // elements between neighbours of the axis

  explicit Steps(const Value& value) : q(value.quantization) {
    if (q.scales.size() > 1)
      for (size_t d = size_t(q.axis) + 1; d < value.shape.size(); ++d) inner *= value.shape[d];
  }
  size_t channel(int64_t element) const {
    return size_t(element / inner % int64_t(q.scales.size()));
  }
};

// Where every element's channel follows from its place along `axis`: the scales along that axis.
bool scales_along(const Shape& shape, size_t axis, const Steps& steps, const int32_t* sources,
                  Quantization& out) {
  const int64_t count = element_count(shape), channels = shape[axis];
  int64_t inner = 1;
  for (size_t d = axis + 1; d < shape.size(); ++d) inner *= shape[d];
  std::vector<int64_t> channel_of(size_t(channels), -1);
  for (int64_t i = 0; i < count; ++i) {
    int64_t& known = channel_of[size_t(i / inner % channels)];
    const auto here = int64_t(steps.channel(sources[i]));
    if (known >= 0 && known != here) return false;
    known = here;
  }
  out = {};
  out.axis = int32_t(axis);
  for (int64_t channel : channel_of) {
    out.scales.push_back(steps.q.scales[size_t(channel)]);
    out.zero_points.push_back(steps.q.zero_points[size_t(channel)]);
  }
  return true;
}

}  // namespace

// The layer is run over the places of the integers: what it makes of them says where each integer
// goes, and along which axis its scales lie then. Nothing is kept where they lie along none.
void Assembly::move_integers(const OpDef& op, const std::vector<ValueId>& inputs,
                             const Attributes& attributes, ValueId moved) {
  const Value from = graph_.value(integers_.at(inputs[0]));
  std::vector<int32_t> places(static_cast<size_t>(from.elements()));
  std::iota(places.begin(), places.end(), 0);
  Value numbered = graph_.value(inputs[0]);
  numbered.type = ElementType::s32;
  const auto* bytes = reinterpret_cast<const uint8_t*>(places.data());
  numbered.data = std::make_shared<const Bytes>(bytes, bytes + 4 * places.size());
  std::vector<const Value*> all = values(inputs);
  all[0] = &numbered;
  const Value order = compute_constants(op, from.name, all, attributes, [this](const Graph& alone) {
                        check_budget(alone);
                      }).at(0);
  const Steps steps(from);
  Quantization scales = from.quantization;
  bool found = scales.scales.size() == 1;
  for (size_t axis = 0; !found && axis < order.shape.size(); ++axis)
    found = scales_along(order.shape, axis, steps, order.as<int32_t>(), scales);
  if (!found) return;
  const auto size = size_t(element_bytes(from.type));
  Bytes data;
  for (int64_t i = 0; i < order.elements(); ++i) {
    const uint8_t* element = from.data->data() + size_t(order.as<int32_t>()[i]) * size;
    data.insert(data.end(), element, element + size);
  }
  integers_[moved] = add_constant(from.name, from.type, order.shape, std::move(data), scales);
}

ValueId Assembly::with_scales(ValueId x, const Quantization& scales) {
  Value& value = graph_.value(x);
  if (value.quantization == scales) return x;
  if (is_constant(x)) {
    const Value copy = value;
    return add_constant(copy.name, copy.type, copy.shape, *copy.data, scales);
  }
  const bool read = std::any_of(graph_.nodes.begin(), graph_.nodes.end(), [x](const Node& node) {
    return std::find(node.inputs.begin(), node.inputs.end(), x) != node.inputs.end();
  });
  const bool fresh = value.kind == ValueKind::stream && value.quantization.empty() && !read;
  if (!fresh || scales.scales.size() != 1) return -1;
  value.quantization = scales;
  return x;
}

ValueId Assembly::integers_behind(ValueId real) const {
  const auto constant = integers_.find(real);
  if (constant != integers_.end()) return constant->second;
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node)
    if (!node->outputs.empty() && node->outputs[0] == real)
      return node->op == &dequantize_op ? node->inputs[0] : -1;
  return -1;
}

Graph Assembly::take_with_pairs() {
  std::vector<bool> read(graph_.values.size());
  for (const Node& node : graph_.nodes)
    for (ValueId id : node.inputs)
      if (id >= 0) read[size_t(id)] = true;
  for (ValueId id : graph_.outputs) read[size_t(id)] = false;
  std::vector<Node> nodes;
  for (const auto& [real, integer] : integers_) {
    if (!read[size_t(real)]) continue;
    Value& value = graph_.value(real);
    value.kind = ValueKind::intermediate;
    value.data.reset();
    nodes.push_back({&dequantize_op, value.name, {}, {integer}, {real}, {}});
  }
  graph_.nodes.insert(graph_.nodes.begin(), std::make_move_iterator(nodes.begin()),
                      std::make_move_iterator(nodes.end()));
  return std::move(graph_);
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
