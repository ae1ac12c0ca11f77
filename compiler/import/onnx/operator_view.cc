// SPDX-License-Identifier: Apache-2.0
// See operator_view.h.
#include "compiler/import/onnx/operator_view.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "graph/text_words.h"

namespace mote::onnx {
namespace {

enum AttributeType : int32_t {
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8
};

constexpr int32_t kStringType = 8;

// Operators that only move integers or know what they stand for. All others mean the integers.
constexpr std::string_view kWithScales[] = {
    "ArgMax",   "ArgMin",  "Compress",  "Concat",       "DepthToSpace",   "DequantizeLinear",
    "Dropout",  "Expand",  "Flatten",   "Gather",       "GatherElements", "GatherND",
    "Identity", "MaxPool", "Pad",       "Reshape",      "Resize",         "ReverseSequence",
    "Shape",    "Size",    "Slice",     "SpaceToDepth", "Split",          "Squeeze",
    "Tile",     "TopK",    "Transpose", "Trilu",        "Unsqueeze",      "Upsample",
    "QGemm"};

bool takes_scales(const std::string& type) {
  return type.rfind("QLinear", 0) == 0 ||
         std::find(std::begin(kWithScales), std::end(kWithScales), type) != std::end(kWithScales);
}

// Of an input that decides shapes: every layer copies it.
constexpr int64_t kMostListed = 4096;

std::string words(const Shape& shape) {
  std::string out = "[";
  for (size_t d = 0; d < shape.size(); ++d) out += (d ? ", " : "") + std::to_string(shape[d]);
  return out + "]";
}

}  // namespace

// The file's constants are read when something asks for them.
ValueId Import::find(const std::string& name) {
  const auto known = values.find(name);
  if (known != values.end()) return known->second;
  if (outer) return sealed ? -1 : outer->find(name);
  const auto constant = model.constants.find(name);
  if (constant == model.constants.end()) return -1;
  Tensor read = read_tensor(*constant->second, "initializer \"" + name + "\"");
  return values[name] = assembly.add_constant(name, read.type, read.shape, std::move(read.data));
}

void OperatorView::refuse(std::string code, std::string message, std::string remedy) const {
  fail(std::move(code), place() + " (opset " + std::to_string(opset()) + ")", std::move(message),
       std::move(remedy));
}

std::string OperatorView::name() const {
  for (const std::string& output : node_.output())
    if (!output.empty()) return import_.prefix + output;
  return import_.prefix + node_.name();
}

bool OperatorView::has_output(size_t i) const {
  return i < output_count() && !node_.output(int(i)).empty() &&
         (import_.depth > 0 || import_.model.used.count(node_.output(int(i))));
}

ValueId OperatorView::input(size_t i) {
  const ValueId id = any_input(i);
  if (value(id).elements() == 0)
    refuse("empty-tensor", "its input \"" + node_.input(int(i)) + "\" has no elements");
  return id;
}

ValueId OperatorView::any_input(size_t i) {
  if (!has_input(i)) refuse("no-input", "its input " + std::to_string(i) + " is not given");
  if (!stand_ins_.empty()) return stand_ins_[i];
  const ValueId id = import_.find(node_.input(int(i)));
  if (id < 0) refuse("undefined-name", "nothing makes its input \"" + node_.input(int(i)) + "\"");
  if (value(id).quantization.empty() || takes_scales(type())) return id;
  return add(cast_op, {id}, {{"type", std::string(to_string(value(id).type))}}, "plain");
}

std::vector<ValueId> OperatorView::inputs() {
  std::vector<ValueId> all;
  for (size_t i = 0; i < input_count(); ++i) all.push_back(input(i));
  return all;
}

List OperatorView::integers(size_t i) {
  const ValueId id = any_input(i);
  if (!is_constant(id)) refuse_computed(i);
  if (is_float(id)) refuse("wrong-type", "its input " + std::to_string(i) + " holds no integers");
  if (value(id).elements() > kMostListed)
    refuse("too-large", "its input " + std::to_string(i) + " lists more than 4096 numbers");
  return assembly().integers(id);
}

ValueId OperatorView::constant_input(size_t i) {
  const ValueId id = input(i);
  if (!is_constant(id)) refuse_computed(i);
  return id;
}

// From the last node back to what a sample brings.
void OperatorView::refuse_computed(size_t i) {
  const Graph& graph = assembly().graph();
  std::set<ValueId> behind{input(i)};
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node)
    if (std::any_of(node->outputs.begin(), node->outputs.end(),
                    [&](ValueId id) { return behind.count(id) > 0; }))
      behind.insert(node->inputs.begin(), node->inputs.end());
  std::string from;
  for (ValueId id : behind)
    if (id >= 0 && graph.value(id).kind == ValueKind::stream)
      from += (from.empty() ? " from \"" : ", \"") + graph.value(id).name + "\"";
  refuse("dynamic-shape", "its input \"" + node_.input(int(i)) + "\" is computed" + from,
         "make it a constant: mote decides all shapes and weights when it builds");
}

std::vector<double> OperatorView::floats(size_t i) {
  const ValueId id = constant_input(i);
  if (!is_float(id)) refuse("wrong-type", "its input " + std::to_string(i) + " must be float32");
  const float* data = value(id).as<float>();
  return {data, data + value(id).elements()};
}

int64_t OperatorView::integer(size_t i) {
  const List list = integers(i);
  if (list.size() != 1)
    refuse("wrong-shape", "its input " + std::to_string(i) + " must be one number");
  return list[0];
}

// Newer files say each attribute's type; a file without types is read by what is there.
const format::AttributeProto* OperatorView::find(const std::string& wanted, int32_t type) {
  asked_.insert(wanted);
  for (const auto& attribute : node_.attribute()) {
    if (attribute.name() != wanted) continue;
    if (attribute.has_ref_attr_name() || (type != 0 && attribute.type() != type))
      refuse("wrong-attribute", "attribute \"" + wanted + "\" is of another type");
    return &attribute;
  }
  return nullptr;
}

bool OperatorView::has(const std::string& wanted) { return find(wanted, 0) != nullptr; }

int64_t OperatorView::integer(const std::string& wanted, int64_t otherwise) {
  const auto* attribute = find(wanted, kInt);
  return attribute ? attribute->i() : otherwise;
}

int64_t OperatorView::integer(const std::string& wanted) {
  if (!has(wanted)) refuse("wrong-attribute", "attribute \"" + wanted + "\" is missing");
  return integer(wanted, 0);
}

double OperatorView::number(const std::string& wanted, double otherwise) {
  const auto* attribute = find(wanted, kFloat);
  if (attribute && !std::isfinite(attribute->f()))
    refuse("wrong-attribute", "attribute \"" + wanted + "\" is not finite");
  return attribute ? double(attribute->f()) : otherwise;
}

double OperatorView::any_number(const std::string& wanted, double otherwise) {
  const auto* attribute = find(wanted, kFloat);
  return attribute ? double(attribute->f()) : otherwise;
}

std::string OperatorView::text(const std::string& wanted, const std::string& otherwise) {
  const auto* attribute = find(wanted, kString);
  return attribute ? attribute->s() : otherwise;
}

List OperatorView::integers(const std::string& wanted, const List& otherwise) {
  const auto* attribute = find(wanted, kInts);
  return attribute ? List(attribute->ints().begin(), attribute->ints().end()) : otherwise;
}

std::vector<double> OperatorView::numbers(const std::string& wanted) {
  const auto* attribute = find(wanted, kFloats);
  if (!attribute) return {};
  return {attribute->floats().begin(), attribute->floats().end()};
}

std::vector<std::string> OperatorView::texts(const std::string& wanted) {
  const auto* attribute = find(wanted, kStrings);
  if (!attribute) return {};
  return {attribute->strings().begin(), attribute->strings().end()};
}

const format::TensorProto* OperatorView::tensor(const std::string& wanted) {
  const auto* attribute = find(wanted, kTensor);
  return attribute ? &attribute->t() : nullptr;
}

const format::GraphProto* OperatorView::graph(const std::string& wanted) {
  const auto* attribute = find(wanted, kGraph);
  return attribute ? &attribute->g() : nullptr;
}

size_t OperatorView::dimension(int64_t axis, size_t rank) const {
  const int64_t at = axis < 0 ? axis + int64_t(rank) : axis;
  if (at < 0 || at >= int64_t(rank))
    refuse("wrong-attribute", "its axis " + std::to_string(axis) + " is none of the " +
                                  std::to_string(rank) + " dimensions");
  return size_t(at);
}

ValueId OperatorView::add(const OpDef& op, const std::vector<ValueId>& inputs,
                          const Attributes& attributes, const std::string& part) {
  return add_all(op, inputs, attributes, part).at(0);
}

std::vector<ValueId> OperatorView::add_all(const OpDef& op, const std::vector<ValueId>& inputs,
                                           const Attributes& attributes, const std::string& part) {
  return assembly().add_all(op, part.empty() ? name() : name() + "/" + part, inputs, attributes);
}

ValueId OperatorView::unary(const char* function, ValueId x,
                            const std::vector<double>& parameters) {
  Attributes attributes{{"function", std::string(function)}};
  if (!parameters.empty()) attributes["parameters"] = parameters;
  return add(unary_op, {x}, attributes);
}

ValueId OperatorView::cast(ValueId x, ElementType type) {
  if (value(x).type == type) return x;
  return add(cast_op, {x}, {{"type", std::string(to_string(type))}}, "cast");
}

ValueId OperatorView::scalar(ElementType type, double number) {
  return with_element_type(type, [&](auto element) {
    return constant(type, Shape{}, std::vector<decltype(element)>{decltype(element)(number)});
  });
}

ValueId OperatorView::constant(ElementType type, const Shape& shape, const Bytes& data) {
  return assembly().add_constant(name() + "/constant", type, shape, data);
}

void OperatorView::set_empty(size_t i, ElementType type, const List& list) {
  const Shape shape(list.begin(), list.end());
  MOTE_ASSERT(element_count(shape) == 0);
  set(i, constant(type, shape, Bytes()));
}

void OperatorView::set(size_t i, ValueId id) {
  if (i >= output_count() || node_.output(int(i)).empty()) return;
  if (i == 0 && last_) id = last_(id);
  const std::string& called = node_.output(int(i));
  const auto info = import_.model.infos.find(called);
  if (import_.depth == 0 && info != import_.model.infos.end() &&
      info->second->type().has_tensor_type()) {
    const auto& said = info->second->type().tensor_type();
    ElementType type = ElementType::f32;
    const bool name = said.elem_type() == kStringType && import_.names.count(id);
    if (said.elem_type() != 0 && !name &&
        (!element_type(said.elem_type(), type) || type != value(id).type))
      refuse("wrong-output", "the file says that \"" + called + "\" is " +
                                 type_name(said.elem_type()) + ", it is " +
                                 to_string(value(id).type));
    bool fits = !said.has_shape() || size_t(said.shape().dim_size()) == shape(id).size();
    for (int d = 0; fits && said.has_shape() && d < said.shape().dim_size(); ++d) {
      const auto& dim = said.shape().dim(d);
      fits =
          !dim.has_dim_value() || dim.dim_value() <= 0 || dim.dim_value() == shape(id)[size_t(d)];
    }
    if (!fits)
      refuse("wrong-output",
             "\"" + called + "\" becomes " + words(shape(id)) + ", the file says another shape");
  }
  import_.values[called] = id;
}

void OperatorView::set_number_of_name(size_t i, ValueId id) {
  if (i >= output_count() || node_.output(int(i)).empty()) return;
  import_.names.insert(id);
  import_.values[node_.output(int(i))] = id;
}

void OperatorView::finish() {
  for (const auto& attribute : node_.attribute())
    if (!asked_.count(attribute.name()))
      refuse("unknown-attribute", "attribute \"" + attribute.name() + "\" is not taken",
             "export the model with an opset of " + std::to_string(opset()) + " or leave it out");
  for (size_t i = 0; i < output_count(); ++i)
    if (has_output(i) && !import_.values.count(node_.output(int(i))))
      refuse("unsupported-output", "its output " + std::to_string(i) + " is not taken");
}

}  // namespace mote::onnx
