// SPDX-License-Identifier: Apache-2.0
// See call_view.h.
#include "compiler/import/executorch/call_view.h"

#include <algorithm>
#include <cstring>

#include "compiler/import/movement.h"

namespace mote::executorch {
namespace {

using Kind = format::KernelTypes;

Shape permuted(const Tensor& tensor, const std::vector<int32_t>& order) {
  Shape shape;
  for (int32_t d : order) shape.push_back(tensor.sizes[size_t(d)]);
  return shape;
}

// The dimensions that are not 1, in this order: only they say where a number lies.
std::vector<int32_t> moving(const Tensor& tensor, const std::vector<int32_t>& order) {
  std::vector<int32_t> dims;
  for (int32_t d : order)
    if (tensor.sizes[size_t(d)] != 1) dims.push_back(d);
  return dims;
}

}  // namespace

Shape memory_shape(const Tensor& tensor) {
  const std::vector<int32_t> dims = moving(tensor, tensor.dim_order);
  if (std::is_sorted(dims.begin(), dims.end())) return tensor.sizes;
  return permuted(tensor, tensor.dim_order);
}

bool lies_in_order(const Tensor& tensor, const std::vector<int32_t>& order) {
  return tensor.sizes.size() == order.size() &&
         moving(tensor, order) == moving(tensor, tensor.dim_order);
}

void CallView::refuse(std::string code, std::string message, std::string remedy) const {
  fail(std::move(code), call_.place(), std::move(message), std::move(remedy));
}

void CallView::expect_arguments(size_t count) const {
  if (call_.args.size() != count + 1)
    refuse("wrong-arguments",
           "it has " + std::to_string(call_.args.size()) + " arguments, mote knows the form with " +
               std::to_string(count + 1),
           "export the model with a current ExecuTorch");
}

const Argument& CallView::argument(size_t i, Kind kind, const char* wanted) const {
  if (i < call_.args.size()) {
    const Argument& found = import_.method.arguments[size_t(call_.args[i])];
    if (found.kind == kind) return found;
  }
  refuse("wrong-arguments", "argument " + std::to_string(i) + " is no " + wanted,
         "export the model with a current ExecuTorch");
}

bool CallView::is_null(size_t i) const {
  return i >= call_.args.size() ||
         import_.method.arguments[size_t(call_.args[i])].kind == Kind::Null;
}

int64_t CallView::integer(size_t i) const { return argument(i, Kind::Int, "integer").integer; }
double CallView::real(size_t i) const { return argument(i, Kind::Double, "real number").real; }
const CallView::List& CallView::integers(size_t i) const {
  return argument(i, Kind::IntList, "list of integers").list;
}
const Tensor& CallView::tensor(size_t i) const {
  return argument(i, Kind::Tensor, "tensor").tensor;
}

CallView::List CallView::extents(size_t i, size_t count) const {
  const List& list = integers(i);
  const bool valid = list.size() == count && std::all_of(list.begin(), list.end(), [](int64_t n) {
                       return n >= 0 && n <= 65535;
                     });
  if (!valid)
    refuse("wrong-arguments", "argument " + std::to_string(i) + " must hold " +
                                  std::to_string(count) + " numbers in 0 .. 65535");
  return list;
}

void CallView::spend(int64_t numbers) const {
  import_.numbers_left -= numbers;
  if (import_.numbers_left < 0)
    refuse("too-large", "the layers have more than 2^20 biases and multipliers",
           "mote is for microcontrollers; use a smaller model");
}

void CallView::spend_bytes(int64_t bytes) const {
  import_.bytes_left -= bytes;
  if (import_.bytes_left < 0)
    refuse("too-large", "the layers' constants hold more than four times the file's bytes",
           "the file is damaged; export it again");
}

std::vector<int32_t> CallView::constants_s32(size_t i) const {
  const Tensor& found = tensor(i);
  if (!found.is_constant || found.type != format::ScalarType::INT)
    refuse("not-constant", "argument " + std::to_string(i) + " must be a constant of type INT");
  spend(int64_t(found.data.size() / sizeof(int32_t)));
  std::vector<int32_t> numbers(found.data.size() / sizeof(int32_t));
  if (!numbers.empty())
    std::memcpy(numbers.data(), found.data.data(), numbers.size() * sizeof(int32_t));
  return numbers;
}

ValueId CallView::value_of(int32_t index) {
  const auto source = size_t(import_.sources[size_t(index)]);
  const Tensor& found = import_.method.arguments[size_t(index)].tensor;
  ValueId& id = import_.values[source];
  if (id < 0 && found.is_constant) {
    ElementType type = ElementType::f32;
    element_type(found.type, type);
    id = assembly().add_constant(name() + "/constant", type, memory_shape(found),
                                 Bytes(found.data.begin(), found.data.end()));
  }
  if (id < 0)
    refuse("wrong-input", "tensor " + std::to_string(index) + " was not computed before",
           "the file is damaged; export it again");
  return id;
}

ValueId CallView::input(size_t i) {
  const Shape wanted = memory_shape(tensor(i));
  return Movement(assembly(), name() + "/shape")
      .reshape(value_of(call_.args[i]), {wanted.begin(), wanted.end()});
}

ValueId CallView::operand(size_t i, const Quantization& quantization) {
  const Tensor& found = tensor(i);
  if (!found.is_constant) return input(i);
  if (found.type != format::ScalarType::CHAR)
    refuse("wrong-type", "argument " + std::to_string(i) + " must be of type CHAR");
  spend_bytes(int64_t(found.data.size()));
  return assembly().add_constant(name() + "/constant", ElementType::s8, memory_shape(found),
                                 Bytes(found.data.begin(), found.data.end()), quantization);
}

std::vector<ValueId> CallView::inputs(size_t i, const std::vector<int32_t>& order) {
  std::vector<ValueId> ids;
  for (int64_t index : argument(i, Kind::TensorList, "list of tensors").list) {
    const Argument& each = import_.method.arguments[size_t(index)];
    if (each.kind != Kind::Tensor || !lies_in_order(each.tensor, order))
      refuse("wrong-shape",
             "tensor " + std::to_string(index) +
                 " of its list does not lie in memory in the output's order",
             "export the model with one memory_format");
    const Shape wanted = permuted(each.tensor, order);
    ids.push_back(Movement(assembly(), name() + "/shape")
                      .reshape(value_of(int32_t(index)), {wanted.begin(), wanted.end()}));
  }
  return ids;
}

Shape CallView::image_shape(const Tensor& found) const {
  if (!lies_in_order(found, {0, 2, 3, 1}))
    refuse("wrong-shape", "its images must be of four dimensions and lie in memory channels last",
           "export the model for channels_last (memory_format)");
  return permuted(found, {0, 2, 3, 1});
}

ValueId CallView::image(size_t i) {
  const Shape wanted = image_shape(tensor(i));
  const ValueId id = input(i);
  return Movement(assembly(), name() + "/image").reshape(id, {wanted.begin(), wanted.end()});
}

ValueId CallView::weights(size_t i, const Quantization& quantization) {
  const Tensor& found = tensor(i);
  if (!found.is_constant || found.type != format::ScalarType::CHAR)
    refuse("not-constant", "its weights must be a constant of type CHAR");
  if (memory_shape(found) != found.sizes)
    refuse("wrong-shape", "its weights do not lie in memory in the order of their dimensions");
  spend_bytes(int64_t(found.data.size()));
  return assembly().add_constant(name() + "/weights", ElementType::s8, found.sizes,
                                 Bytes(found.data.begin(), found.data.end()), quantization);
}

Quantization CallView::output_quantization(int64_t zero_point) const {
  if (zero_point < -32768 || zero_point > 32767)
    refuse("wrong-quantization",
           "the zero point " + std::to_string(zero_point) + " lies outside of the output's type");
  const Quantization& expected = import_.expected[size_t(call_.args.back())];
  return per_tensor(expected.scale(), int32_t(zero_point));
}

Quantization CallView::expected_quantization() const {
  const Quantization& expected = import_.expected[size_t(call_.args.back())];
  return expected.empty() ? per_tensor(1, 0) : expected;
}

ValueId CallView::add(const OpDef& op, const std::vector<ValueId>& inputs,
                      const Attributes& attributes) {
  return assembly().add(op, name(), inputs, attributes);
}

std::string CallView::name() const {
  const size_t colon = call_.name.rfind(':');
  const std::string word = colon == std::string::npos ? call_.name : call_.name.substr(colon + 1);
  return word + "_" + std::to_string(call_.index);
}

void CallView::set(ValueId id) {
  const Tensor& out = output();
  const Shape wanted = memory_shape(out);
  ElementType type = ElementType::f32;
  if (!element_type(out.type, type) || value(id).type != type)
    refuse("wrong-type", std::string("its output is said to be ") +
                             format::EnumNameScalarType(out.type) + " and is " +
                             to_string(value(id).type));
  if (value(id).elements() != element_count(wanted))
    refuse("wrong-shape",
           "its output is said to have " + std::to_string(element_count(wanted)) +
               " numbers and has " + std::to_string(value(id).elements()),
           "the file is damaged; export it again");
  import_.values[size_t(call_.args.back())] =
      Movement(assembly(), name() + "/shape").reshape(id, {wanted.begin(), wanted.end()});
}

}  // namespace mote::executorch
