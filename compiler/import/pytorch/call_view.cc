// SPDX-License-Identifier: Apache-2.0
// See call_view.h.
#include "compiler/import/pytorch/call_view.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "graph/text_words.h"

namespace mote::pytorch {
namespace {

// Arguments that say where and how tensors lie in PyTorch's memory: no number depends on them.
constexpr std::string_view kWithoutEffect[] = {
    "copy",          "cudnn_enable", "cudnn_enabled", "device",   "dim_order", "layout",
    "memory_format", "non_blocking", "pin_memory",    "implicit", "scratch",   "output_scratch"};

std::string words(const Shape& shape) {
  std::string out = "[";
  for (size_t d = 0; d < shape.size(); ++d) out += (d ? ", " : "") + std::to_string(shape[d]);
  return out + "]";
}

Shape without_ones(Shape shape) {
  std::erase(shape, 1);
  return shape;
}

// The i-th word of a schema.
std::string_view word(std::string_view schema, size_t i) {
  for (; i > 0 && !schema.empty(); --i) {
    const size_t blank = schema.find(' ');
    schema = blank == std::string_view::npos ? std::string_view() : schema.substr(blank + 1);
  }
  return schema.substr(0, schema.find(' '));
}

std::string_view name_of(const Call& call, size_t i, const ImportRule& rule) {
  const std::string& given = call.arguments[i].first;
  return given.empty() ? word(rule.schema, i) : std::string_view(given);
}

}  // namespace

void CallView::refuse(std::string code, std::string message, std::string remedy) const {
  fail(std::move(code), place(), std::move(message), std::move(remedy));
}

std::string CallView::name() const {
  return !call_.outputs.empty() && !call_.outputs[0].empty() ? call_.outputs[0] : call_.name;
}

bool CallView::has_output(size_t i) const {
  return i < output_count() && import_.used.count(call_.outputs[i]) > 0;
}

const TensorMeta* CallView::output_meta(size_t i) const {
  if (i >= output_count()) return nullptr;
  const auto said = import_.program.tensors.find(call_.outputs[i]);
  return said == import_.program.tensors.end() ? nullptr : &said->second;
}

const Argument* CallView::find(const std::string& wanted) {
  asked_.insert(wanted);
  for (size_t i = 0; i < call_.arguments.size(); ++i) {
    const Argument& argument = call_.arguments[i].second;
    if (name_of(call_, i, rule_) == wanted)
      return std::holds_alternative<std::monostate>(argument) ? nullptr : &argument;
  }
  return nullptr;
}

template <class T>
const T* CallView::find_as(const std::string& wanted, const char* kind) {
  const Argument* argument = find(wanted);
  if (!argument) return nullptr;
  if (const T* typed = std::get_if<T>(argument)) return typed;
  refuse("wrong-argument", "argument \"" + wanted + "\" is no " + kind);
}

int64_t CallView::integer(const std::string& wanted) {
  if (!has(wanted)) refuse("wrong-argument", "argument \"" + wanted + "\" is missing");
  return integer(wanted, 0);
}

int64_t CallView::integer(const std::string& wanted, int64_t otherwise) {
  const auto* number = find_as<int64_t>(wanted, "integer");
  return number ? *number : otherwise;
}

double CallView::number(const std::string& wanted, double otherwise) {
  const Argument* argument = find(wanted);
  if (!argument) return otherwise;
  if (const auto* integer = std::get_if<int64_t>(argument)) return double(*integer);
  if (const auto* truth = std::get_if<bool>(argument)) return *truth;
  return *find_as<double>(wanted, "number");
}

bool CallView::flag(const std::string& wanted, bool otherwise) {
  const auto* truth = find_as<bool>(wanted, "truth value");
  return truth ? *truth : otherwise;
}

std::string CallView::text(const std::string& wanted, const std::string& otherwise) {
  const auto* found = find_as<std::string>(wanted, "text");
  return found ? *found : otherwise;
}

List CallView::integers(const std::string& wanted, const List& otherwise) {
  const Argument* argument = find(wanted);
  if (!argument) return otherwise;
  if (const auto* number = std::get_if<int64_t>(argument)) return {*number};
  return *find_as<List>(wanted, "list of integers");
}

std::vector<double> CallView::numbers(const std::string& wanted) {
  const auto* list = find_as<std::vector<double>>(wanted, "list of numbers");
  return list ? *list : std::vector<double>{};
}

std::optional<ElementType> CallView::type(const std::string& wanted) {
  const auto* named = find_as<DataType>(wanted, "type");
  if (!named) return std::nullopt;
  ElementType out = ElementType::f32;
  if (!element_type(named->name, out))
    refuse("wrong-type", "it names the type " + named->name,
           "use float32, bool or integers of 8 to 64 bits");
  return out;
}

ValueId CallView::value_of(const std::string& tensor) {
  const auto known = import_.values.find(tensor);
  if (known != import_.values.end()) return known->second;
  const auto constant = import_.program.constants.find(tensor);
  if (constant == import_.program.constants.end())
    refuse("undefined-name", "nothing before it makes its input \"" + tensor + "\"");
  const auto& [meta, data] = constant->second;
  if (element_count(meta.shape) == 0)
    refuse("empty-tensor", "its input \"" + tensor + "\" has no elements");
  return import_.values[tensor] = assembly().add_constant(tensor, meta.type, meta.shape, data);
}

ValueId CallView::tensor(const std::string& wanted) {
  const auto* named = find_as<TensorName>(wanted, "tensor");
  if (!named) refuse("wrong-argument", "its tensor \"" + wanted + "\" is not given");
  return value_of(named->name);
}

std::vector<ValueId> CallView::tensors(const std::string& wanted) {
  const auto* names = find_as<std::vector<TensorName>>(wanted, "list of tensors");
  std::vector<ValueId> all;
  if (names)
    for (const TensorName& tensor : *names)
      all.push_back(tensor.name.empty() ? -1 : value_of(tensor.name));
  return all;
}

ValueId CallView::constant_tensor(const std::string& wanted) {
  const ValueId id = tensor(wanted);
  if (!is_constant(id))
    refuse("not-constant", "its tensor \"" + wanted + "\" is computed",
           "make it a parameter: mote decides all weights when it builds");
  return id;
}

ValueId CallView::float_tensor(const std::string& wanted) {
  const ValueId id = tensor(wanted);
  if (!is_float(id))
    refuse("wrong-type",
           "its tensor \"" + wanted + "\" is " + to_string(value(id).type) + ", no float32");
  return id;
}

bool CallView::is_stored(const std::string& tensor) const {
  const auto known = import_.values.find(tensor);
  return known == import_.values.end() ? import_.program.constants.count(tensor) > 0
                                       : is_constant(known->second);
}

Constant CallView::stored(const std::string& wanted, ElementType type) {
  const auto* named = find_as<TensorName>(wanted, "tensor");
  if (!named || !is_stored(named->name)) constant_tensor(wanted);  // which refuses it
  const auto made = import_.values.find(named->name);
  Constant found;
  if (made == import_.values.end())
    found = import_.program.constants.at(named->name);
  else
    found = {{value(made->second).type, shape(made->second)}, *value(made->second).data};
  if (found.meta.type != type)
    refuse("wrong-type", "its tensor \"" + wanted + "\" is " + to_string(found.meta.type) +
                             ", no " + to_string(type));
  return found;
}

std::vector<int32_t> CallView::numbers_s32(const std::string& wanted) {
  const Constant found = stored(wanted, ElementType::s32);
  spend_numbers(element_count(found.meta.shape));
  std::vector<int32_t> numbers(found.data.size() / sizeof(int32_t));
  if (!numbers.empty())
    std::memcpy(numbers.data(), found.data.data(), numbers.size() * sizeof(int32_t));
  return numbers;
}

void CallView::spend_numbers(int64_t count) {
  import_.numbers_left -= count;
  if (import_.numbers_left < 0)
    refuse("too-large", "the layers have more than 2^20 biases and multipliers",
           "mote is for microcontrollers; use a smaller model");
}

bool CallView::is_constant_tensor(const std::string& wanted) {
  const auto* named = find_as<TensorName>(wanted, "tensor");
  return named && is_stored(named->name);
}

ValueId CallView::tensor_with(const std::string& wanted, const Quantization& quantization) {
  return is_constant_tensor(wanted) ? weights(wanted, quantization) : tensor(wanted);
}

ValueId CallView::weights(const std::string& wanted, const Quantization& quantization) {
  Constant found = stored(wanted, ElementType::s8);
  return assembly().add_constant(name() + "/" + wanted, ElementType::s8, found.meta.shape,
                                 std::move(found.data), quantization);
}

bool CallView::is_number(const std::string& wanted) {
  const Argument* argument = find(wanted);
  return argument && !std::holds_alternative<TensorName>(*argument);
}

ValueId CallView::operand(const std::string& wanted, ElementType as) {
  return is_number(wanted) ? scalar(as, number(wanted, 0)) : tensor(wanted);
}

size_t CallView::dimension(int64_t axis, size_t rank) const {
  const auto extent = int64_t(std::max<size_t>(rank, 1));
  const int64_t at = axis < 0 ? axis + extent : axis;
  if (at < 0 || at >= extent)
    refuse("wrong-argument", "its dimension " + std::to_string(axis) + " is none of the " +
                                 std::to_string(rank) + " dimensions");
  return size_t(at);
}

ValueId CallView::add(const OpDef& op, const std::vector<ValueId>& inputs,
                      const Attributes& attributes, const std::string& part) {
  return add_all(op, inputs, attributes, part).at(0);
}

std::vector<ValueId> CallView::add_all(const OpDef& op, const std::vector<ValueId>& inputs,
                                       const Attributes& attributes, const std::string& part) {
  int64_t numbers = 0;
  for (ValueId id : inputs) numbers += id < 0 ? 0 : value(id).elements();
  spend(inputs, numbers);
  return assembly().add_all(op, part.empty() ? name() : name() + "/" + part, inputs, attributes);
}

void CallView::spend(const std::vector<ValueId>& inputs, int64_t work) {
  for (ValueId id : inputs)
    if (id >= 0 && !is_constant(id)) return;
  if (work > import_.work_left)
    refuse("too-large", "the program computes too much of constants alone",
           "compute it before exporting");
  import_.work_left -= work;
}

ValueId CallView::unary(const char* function, ValueId x, const std::vector<double>& parameters) {
  Attributes attributes{{"function", std::string(function)}};
  if (!parameters.empty()) attributes["parameters"] = parameters;
  return add(unary_op, {x}, attributes);
}

ValueId CallView::cast(ValueId x, ElementType to) {
  if (value(x).type == to) return x;
  return add(cast_op, {x}, {{"type", std::string(to_string(to))}}, "cast");
}

// Numbers beyond the type are its ends: infinities are asked for as bounds and masks.
ValueId CallView::scalar(ElementType type, double number, const Quantization& quantization) {
  return with_element_type(type, [&](auto element) {
    using T = decltype(element);
    using Limits = std::numeric_limits<T>;
    T converted = 0;
    if (!std::isnan(number)) {
      if (number >= double(Limits::max()))
        converted = Limits::max();
      else
        converted = number <= double(Limits::lowest()) ? Limits::lowest() : T(number);
    }
    if (type == ElementType::boolean) converted = T(number != 0);
    return assembly().add_constant(name() + "/constant", type, Shape{}, std::vector<T>{converted},
                                   quantization);
  });
}

void CallView::set(size_t i, ValueId id) {
  if (i >= output_count() || call_.outputs[i].empty()) return;
  const std::string& called = call_.outputs[i];
  if (const TensorMeta* said = output_meta(i)) {
    if (said->type != value(id).type)
      refuse("wrong-output", "the file says that \"" + called + "\" is " + to_string(said->type) +
                                 ", it is " + to_string(value(id).type));
    const bool same = import_.extra_ones ? without_ones(said->shape) == without_ones(shape(id))
                                         : said->shape == shape(id);
    if (!same)
      refuse("wrong-output", "\"" + called + "\" becomes " + words(shape(id)) + ", the file says " +
                                 words(said->shape));
  }
  import_.values[called] = id;
}

void CallView::finish() {
  for (size_t i = 0; i < call_.arguments.size(); ++i) {
    const std::string_view given = name_of(call_, i, rule_);
    const bool none = std::holds_alternative<std::monostate>(call_.arguments[i].second);
    const bool vain = std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), given) !=
                      std::end(kWithoutEffect);
    if (!none && !vain && !asked_.count(std::string(given)))
      refuse("unknown-argument", "argument \"" + std::string(given) + "\" is not taken",
             "leave it at its default");
  }
  for (size_t i = 0; i < output_count(); ++i)
    if (has_output(i) && !import_.values.count(call_.outputs[i]))
      refuse("unsupported-output", "its output " + std::to_string(i) + " is not taken");
}

}  // namespace mote::pytorch
