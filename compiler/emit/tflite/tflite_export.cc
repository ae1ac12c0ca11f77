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

constexpr uint32_t kSchemaVersion = 3;

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
  const std::string difference = rule.micro_differs(NodeView(graph, node));
  if (!difference.empty())
    diagnostics.warn("tflite-micro-differs", place_of(graph, node),
                     "TensorFlow Lite Micro " + difference,
                     "deploy with mote or LiteRT, or fuse the activation into the layer before");
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

format::TensorType tensor_type(ElementType type) {
  switch (type) {
    case ElementType::f32:
      return format::TensorType::FLOAT32;
    case ElementType::s8:
      return format::TensorType::INT8;
    case ElementType::u8:
      return format::TensorType::UINT8;
    case ElementType::s16:
      return format::TensorType::INT16;
    case ElementType::s32:
      return format::TensorType::INT32;
    case ElementType::s64:
      return format::TensorType::INT64;
  }
  MOTE_ASSERT(false);
  return format::TensorType::FLOAT32;
}

class Writer {
 public:
  Writer(const Graph& graph, const Cut& cut) : graph_(graph), cut_(cut) {
    buffers_.push_back(format::CreateBuffer(builder_));  // buffer 0 is the empty one by convention
  }

  Bytes write() {
    const std::vector<int32_t> inputs = tensors(cut_.inputs, Operands::data);
    for (const Node* node : cut_.nodes) add_operator(*node);
    const std::vector<int32_t> outputs = tensors(cut_.outputs, Operands::data);
    const auto subgraph = format::CreateSubGraphDirect(builder_, &tensors_, &inputs, &outputs,
                                                       &operators_, graph_.name.c_str());
    const std::vector<flatbuffers::Offset<format::SubGraph>> subgraphs{subgraph};
    const auto model =
        format::CreateModelDirect(builder_, kSchemaVersion, &codes_, &subgraphs, "mote", &buffers_);
    format::FinishModelBuffer(builder_, model);
    return Bytes(builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize());
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
    const uint32_t buffer = constant ? add_buffer(*value.data) : 0;
    const auto quantization = add_quantization(value.quantization);
    tensors_.push_back(format::CreateTensorDirect(builder_, &shape, tensor_type(value.type), buffer,
                                                  value.name.c_str(), quantization));
    return tensor_of_[{id, own_shape}] = int32_t(tensors_.size()) - 1;
  }

  uint32_t add_buffer(const Bytes& data) {
    buffers_.push_back(format::CreateBufferDirect(builder_, &data));
    return uint32_t(buffers_.size()) - 1;
  }

  flatbuffers::Offset<format::QuantizationParameters> add_quantization(const Quantization& q) {
    if (q.empty()) return 0;
    std::vector<int64_t> zero_points(q.zero_points.begin(), q.zero_points.end());
    zero_points.resize(q.scales.size());
    return format::CreateQuantizationParametersDirect(builder_, nullptr, nullptr, &q.scales,
                                                      &zero_points, 0, nullptr, q.axis);
  }

  int32_t add_int32_constant(const std::string& name, const std::vector<int32_t>& numbers) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
    const uint32_t buffer = add_buffer(Bytes(bytes, bytes + 4 * numbers.size()));
    const Shape shape{int32_t(numbers.size())};
    tensors_.push_back(format::CreateTensorDirect(builder_, &shape, format::TensorType::INT32,
                                                  buffer, name.c_str()));
    return int32_t(tensors_.size()) - 1;
  }

  int32_t add_zero_bias(const NodeView& node) {
    const Value& weights = node.input(1);
    const Shape shape{node.output().shape.back()};
    const bool integer = weights.type == ElementType::s8;
    Quantization quantization = weights.quantization;
    for (float& scale : quantization.scales) scale *= node.input(0).quantization.scale();
    quantization.axis = 0;
    tensors_.push_back(format::CreateTensorDirect(
        builder_, &shape, tensor_type(integer ? ElementType::s32 : ElementType::f32),
        add_buffer(Bytes(4 * size_t(shape[0]))), (node.node().name + "/bias").c_str(),
        add_quantization(quantization)));
    return int32_t(tensors_.size()) - 1;
  }

  void add_operator(const Node& node) {
    const NodeView view(graph_, node);
    const Rule& rule = *tflite::find_rule(node.op->name);
    std::vector<int32_t> inputs = tensors(node.inputs, rule.operands);
    // An input that is not given at the end is one input less: TFLM crashes on -1 for a depthwise
    // convolution's bias. A convolution needs its bias (LiteRT).
    while (!inputs.empty() && inputs.back() < 0) inputs.pop_back();
    if (rule.operands == Operands::weights_and_bias && inputs.size() == 2)
      inputs.push_back(add_zero_bias(view));
    if (rule.appended_input)
      inputs.push_back(add_int32_constant(node.name + "/parameters", rule.appended_input(view)));
    const std::vector<int32_t> outputs = tensors(node.outputs, Operands::data);
    const tflite::OptionsTable options =
        rule.options ? rule.options(builder_, view) : tflite::OptionsTable{};
    const uint32_t code = operator_code(rule.code(view), tflite::version_of(rule, view));
    operators_.push_back(format::CreateOperatorDirect(builder_, code, &inputs, &outputs,
                                                      options.type, options.table));
  }

  uint32_t operator_code(format::BuiltinOperator code, int32_t version) {
    const auto [found, is_new] = code_of_.insert({{code, version}, uint32_t(codes_.size())});
    if (is_new)  // every code that mote writes is below 127, where both fields hold it
      codes_.push_back(format::CreateOperatorCode(builder_, int8_t(code), 0, version, code));
    return found->second;
  }

  const Graph& graph_;
  const Cut& cut_;
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<format::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<format::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<format::Operator>> operators_;
  std::vector<flatbuffers::Offset<format::OperatorCode>> codes_;
  std::map<std::pair<ValueId, bool>, int32_t> tensor_of_;  // by value and whether in its own shape
  std::map<std::pair<format::BuiltinOperator, int32_t>, uint32_t> code_of_;
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
