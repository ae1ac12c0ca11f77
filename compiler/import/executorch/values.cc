// SPDX-License-Identifier: Apache-2.0
// See values.h.
#include "compiler/import/executorch/values.h"

#include <algorithm>

#include "compiler/import/float16.h"

namespace mote::executorch {

std::string Values::describe(int32_t index) const {
  const std::string& name = tensor_of(index).name;
  return "tensor " + std::to_string(index) + (name.empty() ? "" : " \"" + name + "\"");
}

// A tensor without a place, or without bytes, has a memory of its own.
Values::Place Values::place_of(int32_t index) const {
  const Tensor& tensor = tensor_of(index);
  if (tensor.memory < 0 || tensor.bytes() == 0) return {-1 - int64_t(index), 0};
  return {tensor.memory, tensor.offset};
}

ElementType Values::type_of(int32_t index, const std::string& place) const {
  const Tensor& tensor = tensor_of(index);
  ElementType type = ElementType::f32;
  if (!element_type(tensor.type, type) && !(tensor.is_constant && is_half(tensor.type)))
    fail("wrong-type", place, describe(index) + " is of type " + type_name(tensor.type),
         "mote takes float32, integers of 8 to 64 bits and bool");
  return type;
}

std::string Values::unique(const std::string& wanted) {
  std::string name = wanted;
  for (int n = 2; !names_.insert(name).second; ++n) name = wanted + "_" + std::to_string(n);
  return name;
}

void Values::spoil(int32_t index) {
  const Place place = place_of(index);
  const int64_t end = place.begin + std::max<int64_t>(tensor_of(index).bytes(), 1);
  auto at = memory_.lower_bound(place);
  if (at != memory_.begin()) {
    const auto before = std::prev(at);
    if (before->first.memory == place.memory && before->second.end > place.begin)
      memory_.erase(before);
  }
  while (at != memory_.end() && at->first.memory == place.memory && at->first.begin < end)
    at = memory_.erase(at);
}

std::string Values::write(int32_t index, const std::string& name, const Order& order,
                          const std::string& place) {
  const Tensor& tensor = tensor_of(index);
  if (tensor.is_constant)
    fail("stateful-model", place, "it writes into the constant " + describe(index),
         "export the model in evaluation mode, without state of its own");
  if (tensor.bytes() == 0) return "";
  spoil(index);
  was_written_[size_t(index)] = true;
  const std::string given = unique(name);
  program_.tensors[given] = {type_of(index, place), permuted(tensor.sizes, order), {}};
  memory_[place_of(index)] = {place_of(index).begin + tensor.bytes(), values_.size()};
  values_.push_back({index, {{order, given}}, {}});
  return given;
}

size_t Values::constant(int32_t index, const std::string& place) {
  const auto known = constants_.find(index);
  if (known != constants_.end()) return known->second;
  const Tensor& tensor = tensor_of(index);
  const ElementType type = type_of(index, place);
  bytes_left_ -= 2 * int64_t(tensor.data.size());
  if (bytes_left_ < 0)
    fail("too-large", place, "the constants hold more than four times the file's bytes",
         "the file is damaged; export it again");
  const Order order = constant_order(tensor);
  if (order != in_order(order.size())) channels_last_.push_back(describe(index));
  pytorch::Constant constant{{type, permuted(tensor.sizes, order), {}}, {}};
  if (tensor.type == format::ScalarType::HALF)
    constant.data = floats_of_float16(tensor.data);
  else if (tensor.type == format::ScalarType::BFLOAT16)
    constant.data = floats_of_bfloat16(tensor.data);
  else
    constant.data.assign(tensor.data.begin(), tensor.data.end());
  const std::string name =
      unique(tensor.name.empty() ? "constant_" + std::to_string(index) : tensor.name);
  program_.constants[name] = std::move(constant);
  values_.push_back({index, {{order, name}}, {}});
  return constants_[index] = values_.size() - 1;
}

size_t Values::written(int32_t index, const std::string& place) const {
  const auto found = memory_.find(place_of(index));
  const int64_t end = place_of(index).begin + tensor_of(index).bytes();
  if (found != memory_.end() && found->second.end == end &&
      tensor_of(values_[found->second.value].tensor).type == tensor_of(index).type)
    return found->second.value;
  if (was_written_[size_t(index)])
    fail("shared-memory", place, "it reads " + describe(index) + ", which is written over before",
         "the file is damaged; export it again");
  fail("wrong-input", place, "it reads " + describe(index) + ", which nothing writes before",
       "where the model keeps it from one run to the next (a buffer), make it an input and an "
       "output; else the file is damaged: export it again");
}

// The same bytes in another shape.
size_t Values::view(size_t value, int32_t index, const std::string& place) {
  const Tensor &from = tensor_of(values_[value].tensor), &to = tensor_of(index);
  if (from.sizes == to.sizes && lies_in(to, from.dim_order)) return value;
  const auto known = values_[value].views.find(index);
  if (known != values_[value].views.end()) return known->second;
  const std::string source = ordered(value, memory_order(from), place);
  const Shape shape = permuted(to.sizes, memory_order(to));
  const std::string name = unique(source + "/view");
  add_call("aten.view.default", source, {shape.begin(), shape.end()}, name, place);
  program_.tensors[name] = {type_of(index, place), shape, {}};
  values_.push_back({index, {{memory_order(to), name}}, {}});
  return values_[value].views[index] = values_.size() - 1;
}

std::string Values::ordered(size_t value, const Order& order, const std::string& place) {
  const auto known = values_[value].names.find(order);
  if (known != values_[value].names.end()) return known->second;
  const auto [from, source] = *values_[value].names.begin();
  std::vector<int64_t> dims;
  for (int32_t d : order) dims.push_back(std::find(from.begin(), from.end(), d) - from.begin());
  const std::string name = unique(source + "/order");
  add_call("aten.permute.default", source, dims, name, place);
  const int32_t index = values_[value].tensor;
  program_.tensors[name] = {type_of(index, place), permuted(tensor_of(index).sizes, order), {}};
  return values_[value].names[order] = name;
}

void Values::add_call(const char* target, const std::string& from, const std::vector<int64_t>& list,
                      const std::string& to, const std::string& place) {
  pytorch::Call call;
  call.target = target;
  call.arguments = {{"self", pytorch::TensorName{from}},
                    {std::string(target) == "aten.view.default" ? "size" : "dims", list}};
  call.outputs = {to};
  call.name = to;
  call.place = place;
  program_.calls.push_back(std::move(call));
}

std::string Values::read(int32_t index, const Order& order, const std::string& place) {
  if (tensor_of(index).is_constant) return ordered(constant(index, place), order, place);
  return ordered(view(written(index, place), index, place), order, place);
}

}  // namespace mote::executorch
