// SPDX-License-Identifier: Apache-2.0
// Tensors that arguments and shapes alone decide: constants once the program is read. See rules.h.
#include <algorithm>
#include <cmath>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// No microcontroller holds more.
constexpr int64_t kMostElements = int64_t(1) << 22;

ElementType type_of(CallView& op, ElementType otherwise) {
  const TensorMeta* said = op.output_meta(0);
  return op.type("dtype").value_or(said ? said->type : otherwise);
}

Shape shape_of(CallView& op, const List& list) {
  Shape shape;
  int64_t count = 1;
  for (int64_t d : list) {
    if (d == 0) op.refuse("empty-tensor", "it has no elements");
    if (d < 0 || d > kMostElements || (count *= d) > kMostElements)
      op.refuse("too-large", "it holds more than 2^22 numbers");
    shape.push_back(int32_t(d));
  }
  return shape;
}

void fill(CallView& op, Shape shape, double number, ElementType otherwise) {
  const ElementType type = type_of(op, otherwise);
  const Shape checked = shape_of(op, dims(shape));
  const ValueId one = op.scalar(type, number);
  const Bytes element(op.value(one).data->begin(), op.value(one).data->end());
  Bytes all;
  all.reserve(size_t(element_count(checked)) * element.size());
  for (int64_t i = 0; i < element_count(checked); ++i)
    all.insert(all.end(), element.begin(), element.end());
  op.set(op.assembly().add_constant(op.name(), type, checked, std::move(all)));
}

// Of an integer where nothing says the type: int64, PyTorch's rule.
void import_full(CallView& op) {
  const double number = op.number("fill_value", 0);
  const bool whole = number == std::floor(number) && std::isfinite(number);
  fill(op, shape_of(op, op.integers("size")), number, whole ? ElementType::s64 : ElementType::f32);
}
// Of an empty tensor zeros: nothing may depend on what it holds.
template <int kNumber>
void import_filled(CallView& op) {
  fill(op, shape_of(op, op.integers("size")), kNumber, ElementType::f32);
}
template <int kNumber>
void import_filled_like(CallView& op) {
  const ValueId x = op.tensor("self");
  fill(op, op.shape(x), kNumber, op.value(x).type);
}
void import_full_like(CallView& op) {
  const ValueId x = op.tensor("self");
  fill(op, op.shape(x), op.number("fill_value", 0), op.value(x).type);
}
// Of another size, of the tensor's type.
template <int kNumber>
void import_new_filled(CallView& op) {
  const ElementType type = op.value(op.tensor("self")).type;
  fill(op, shape_of(op, op.integers("size")), kNumber, type);
}
void import_new_full(CallView& op) {
  const ElementType type = op.value(op.tensor("self")).type;
  fill(op, shape_of(op, op.integers("size")), op.number("fill_value", 0), type);
}
void import_scalar_tensor(CallView& op) { fill(op, Shape{}, op.number("s", 0), ElementType::f32); }

void import_arange(CallView& op) {
  const double start = op.number("start", 0), end = op.number("end", 0);
  const double step = op.number("step", 1);
  const double count = std::ceil((end - start) / step);
  if (step == 0 || !(count >= 1)) op.refuse("empty-tensor", "it has no elements");
  if (count > double(kMostElements)) op.refuse("too-large", "it holds more than 2^22 numbers");
  const bool whole =
      start == std::floor(start) && end == std::floor(end) && step == std::floor(step);
  const ElementType type = type_of(op, whole ? ElementType::s64 : ElementType::f32);
  op.set(with_element_type(type, [&](auto element) {
    using T = decltype(element);
    std::vector<T> numbers;
    for (int64_t i = 0; i < int64_t(count); ++i) numbers.push_back(T(start + double(i) * step));
    return op.constant(type, Shape{int32_t(numbers.size())}, numbers);
  }));
}

constexpr std::string_view kSize = "size dtype layout device pin_memory";
constexpr std::string_view kLike = "self dtype layout device pin_memory memory_format";
constexpr std::string_view kNew = "self size dtype layout device pin_memory";

constexpr ImportRule kRules[] = {
    {"aten.arange.default", "end dtype layout device pin_memory", import_arange},
    {"aten.arange.start", "start end dtype layout device pin_memory", import_arange},
    {"aten.arange.start_step", "start end step dtype layout device pin_memory", import_arange},
    {"aten.empty.memory_format", "size dtype layout device pin_memory memory_format",
     import_filled<0>},
    {"aten.full.default", "size fill_value dtype layout device pin_memory", import_full},
    {"aten.full_like.default", "self fill_value dtype layout device pin_memory memory_format",
     import_full_like},
    {"aten.new_full.default", "self size fill_value dtype layout device pin_memory",
     import_new_full},
    {"aten.new_ones.default", kNew, import_new_filled<1>},
    {"aten.new_zeros.default", kNew, import_new_filled<0>},
    {"aten.ones.default", kSize, import_filled<1>},
    {"aten.ones_like.default", kLike, import_filled_like<1>},
    {"aten.scalar_tensor.default", "s dtype layout device pin_memory", import_scalar_tensor},
    {"aten.zeros.default", kSize, import_filled<0>},
    {"aten.zeros_like.default", kLike, import_filled_like<0>},
    {"dim_order_ops._empty_dim_order.default", "size dtype layout device pin_memory dim_order",
     import_filled<0>},
};

}  // namespace

std::span<const ImportRule> constant_rules() { return kRules; }

}  // namespace mote::pytorch
