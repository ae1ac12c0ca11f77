// SPDX-License-Identifier: Apache-2.0
// What shapes, attributes and constants alone decide: constants once the file is read. See rules.h.
#include <algorithm>
#include <cmath>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

constexpr int64_t kMostElements = int64_t(1) << 24;

void set_list(OperatorView& op, const List& list) {
  op.set(op.constant(ElementType::s64, Shape{int32_t(list.size())}, list));
}

void import_shape(OperatorView& op) {
  const List shape = dims(op.shape(op.any_input(0)));
  const auto rank = int64_t(shape.size());
  const auto bounded = [&](int64_t i) {
    return std::clamp<int64_t>(i < 0 ? std::max(i, -rank) + rank : i, 0, rank);
  };
  const int64_t begin = bounded(op.integer("start", 0));
  const int64_t end = bounded(op.integer("end", rank));
  if (end <= begin) return set_list(op, {});
  set_list(op, List(shape.begin() + begin, shape.begin() + end));
}

void import_size(OperatorView& op) {
  const int64_t size = op.value(op.any_input(0)).elements();
  op.set(op.constant(ElementType::s64, Shape{}, List{size}));
}

void import_constant(OperatorView& op) {
  if (const auto* tensor = op.tensor("value")) {
    Tensor read = read_tensor(*tensor, op.place());
    return op.set(op.constant(read.type, read.shape, read.data));
  }
  if (op.has("value_int"))
    return op.set(op.constant(ElementType::s64, Shape{}, List{op.integer("value_int")}));
  if (op.has("value_float"))
    return op.set(op.scalar(ElementType::f32, op.number("value_float", 0)));
  if (op.has("value_ints")) return set_list(op, op.integers("value_ints"));
  if (op.has("value_floats")) {
    const std::vector<double> numbers = op.numbers("value_floats");
    return op.set(op.constant(ElementType::f32, Shape{int32_t(numbers.size())},
                              std::vector<float>(numbers.begin(), numbers.end())));
  }
  op.refuse("wrong-attribute", "its value is of a type that mote does not take");
}

// Fails for what no microcontroller holds.
Shape shape_of(OperatorView& op, const List& list) {
  Shape shape;
  int64_t count = 1;
  for (int64_t d : list) {
    if (d < 0 || d > kMostElements || (count *= d) > kMostElements)
      op.refuse("too-large", "it holds more than 2^24 numbers");
    shape.push_back(int32_t(d));
  }
  return shape;
}

void import_constant_of_shape(OperatorView& op) {
  Tensor value{ElementType::f32, {1}, Bytes(4)};
  if (const auto* tensor = op.tensor("value")) value = read_tensor(*tensor, op.place());
  if (element_count(value.shape) != 1) op.refuse("wrong-attribute", "its value is no number");
  const Shape shape = shape_of(op, op.integers(0));
  Bytes data;
  for (int64_t i = 0; i < element_count(shape); ++i)
    data.insert(data.end(), value.data.begin(), value.data.end());
  op.set(op.constant(value.type, shape, data));
}

void import_eye_like(OperatorView& op) {
  const ValueId x = op.input(0);
  ElementType type = op.value(x).type;
  if (op.has("dtype") && !element_type(int32_t(op.integer("dtype")), type))
    op.refuse("wrong-type", "its type is not taken");
  const Shape shape = op.shape(x);
  if (shape.size() != 2) op.refuse("wrong-shape", "its input must be a matrix");
  const int64_t k = std::clamp<int64_t>(op.integer("k", 0), -shape[0], shape[1]);
  op.set(with_element_type(type, [&](auto element) {
    std::vector<decltype(element)> data(size_t(element_count(shape)));
    for (int64_t row = 0; row < shape[0]; ++row)
      if (row + k >= 0 && row + k < shape[1]) data[size_t(row * shape[1] + row + k)] = 1;
    return op.constant(type, shape, data);
  }));
}

template <class T>
ValueId range(OperatorView& op, ElementType type, double count, T start, T step) {
  if (!(count >= 1)) return op.constant(type, Shape{0}, Bytes());
  if (count > double(kMostElements)) op.refuse("too-large", "it holds more than 2^24 numbers");
  std::vector<T> numbers;
  for (int64_t i = 0; i < int64_t(count); ++i) numbers.push_back(T(start + T(i) * step));
  return op.constant(type, Shape{int32_t(numbers.size())}, numbers);
}

void import_range(OperatorView& op) {
  const ValueId start = op.constant_input(0), limit = op.constant_input(1),
                step = op.constant_input(2);
  for (ValueId id : {start, limit, step})
    if (op.value(id).elements() != 1 || op.value(id).type != op.value(start).type)
      op.refuse("wrong-shape", "its inputs must be numbers of one type");
  const ElementType type = op.value(start).type;
  with_element_type(type, [&](auto element) {
    using T = decltype(element);
    const T from = *op.value(start).as<T>(), to = *op.value(limit).as<T>(),
            by = *op.value(step).as<T>();
    if (by == 0) op.refuse("wrong-input", "its step is 0");
    const double count = std::ceil((double(to) - double(from)) / double(by));
    op.set(range<T>(op, type, count, from, by));
  });
}

constexpr ImportRule kRules[] = {
    {"Constant", import_constant}, {"ConstantOfShape", import_constant_of_shape},
    {"EyeLike", import_eye_like},  {"Range", import_range},
    {"Shape", import_shape},       {"Size", import_size},
};

}  // namespace

std::span<const ImportRule> constant_rules() { return kRules; }

}  // namespace mote::onnx
