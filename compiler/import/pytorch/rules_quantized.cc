// SPDX-License-Identifier: Apache-2.0
// quantized_decomposed: how PT2E says that a tensor is quantised, as layers `quantize` and
// `dequantize`. fold_pairs() (quantize/pairs.h) makes integer layers of what stands between them.
// See rules.h. Their arithmetic is PyTorch's: x times 1 / scale, halves to even.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

struct Integers {
  ElementType type;
  int64_t least, most;        // that the numbers are kept within
  bool cut_below, cut_above;  // where the type has further ones
};

Integers integers_of(CallView& op) {
  const ElementType type = op.type("dtype").value_or(ElementType::f32);
  if (type == ElementType::f32 || type == ElementType::boolean || element_bytes(type) > 4)
    op.refuse("wrong-type", "it quantises to another type than integers of 8 to 32 bits");
  const Integers all = with_element_type(type, [&](auto element) {
    using Limits = std::numeric_limits<decltype(element)>;
    return Integers{type, int64_t(Limits::lowest()), int64_t(Limits::max()), false, false};
  });
  const int64_t least = op.integer("quant_min", all.least),
                most = op.integer("quant_max", all.most);
  if (least < all.least || most > all.most || least >= most)
    op.refuse("wrong-argument", "quant_min and quant_max do not lie in the type");
  return {type, least, most, least > all.least, most < all.most};
}

void check(CallView& op, const Quantization& q, const Integers& integers) {
  for (float scale : q.scales)
    if (!(scale > 0) || !std::isfinite(scale) || !std::isfinite(1 / scale))
      op.refuse("wrong-quantization", "a scale is not positive or out of range");
  for (int32_t zero : q.zero_points)
    if (zero < integers.least || zero > integers.most)
      op.refuse("wrong-quantization", "a zero point lies outside of quant_min .. quant_max");
}

int32_t narrowed(CallView& op, int64_t zero) {
  if (zero < INT32_MIN || zero > INT32_MAX) op.refuse("wrong-quantization", "a zero point is huge");
  return int32_t(zero);
}

// Of the arguments scale and zero_point, numbers or constants of one number.
Quantization tensor_quantization(CallView& op, const Integers& integers) {
  double scale = 1;
  int64_t zero = 0;
  if (op.is_number("scale")) {
    scale = op.number("scale", 1);
  } else {
    const Value& given = op.value(op.constant_tensor("scale"));
    if (given.type != ElementType::f32 || given.elements() != 1)
      op.refuse("wrong-argument", "its scale is no number of float32");
    scale = double(*given.as<float>());
  }
  if (op.is_number("zero_point")) {
    zero = op.integer("zero_point");
  } else {
    const ValueId given = op.constant_tensor("zero_point");
    if (op.is_float(given) || op.value(given).elements() != 1)
      op.refuse("wrong-argument", "its zero point is no integer");
    zero = op.assembly().integers(given).at(0);
  }
  const Quantization q = per_tensor(float(scale), narrowed(op, zero));
  check(op, q, integers);
  return q;
}

// `shape` is a copy: reading the scales adds values to the graph.
Quantization channel_quantization(CallView& op, const Integers& integers, Shape shape) {
  Quantization q;
  const size_t axis = op.dimension(op.integer("axis"), shape.size());
  const Value scales = op.value(op.constant_tensor("scales"));
  if (shape.empty() || scales.elements() != shape[axis] || scales.type != ElementType::f32)
    op.refuse("wrong-quantization", "its scales are not one an index of its axis");
  q.axis = int32_t(axis);
  q.scales.assign(scales.as<float>(), scales.as<float>() + scales.elements());
  q.zero_points.assign(q.scales.size(), 0);
  if (op.has("zero_points")) {
    ValueId zeros = op.constant_tensor("zero_points");
    zeros = op.cast(zeros, ElementType::s64);
    const List list = op.assembly().integers(zeros);
    if (list.size() != q.scales.size())
      op.refuse("wrong-quantization", "its zero points are not one a scale");
    for (size_t i = 0; i < list.size(); ++i) q.zero_points[i] = narrowed(op, list[i]);
  }
  check(op, q, integers);
  return q;
}

// min(max(round(x / scale) + zero_point, least), most). A range within the type is kept to before:
// the real numbers at its ends are quantised to the ends.
void import_quantize(CallView& op) {
  ValueId x = op.float_tensor("input");
  const Integers integers = integers_of(op);
  const Quantization q = tensor_quantization(op, integers);
  const bool even = element_bytes(integers.type) <= 2;
  const auto real = [&](int64_t number) {
    return double(q.scale()) * double(number - q.zero_point());
  };
  if (integers.cut_below)
    x = op.add(maximum_op, {x, op.scalar(ElementType::f32, real(integers.least))}, {}, "min");
  if (integers.cut_above)
    x = op.add(minimum_op, {x, op.scalar(ElementType::f32, real(integers.most))}, {}, "max");
  op.set(op.add(quantize_op, {x},
                {{"output_scale", double(q.scale())},
                 {"output_zero_point", int64_t(q.zero_point())},
                 {"output_type", std::string(to_string(integers.type))},
                 {"halves", std::string(even ? "even" : "away")}}));
}

// Of weights alone, by its own formula.
void import_quantize_channels(CallView& op) {
  const Value x = op.value(op.constant_tensor("input"));
  if (x.type != ElementType::f32) op.refuse("wrong-type", "its input must be float32");
  const Integers integers = integers_of(op);
  const Quantization q = channel_quantization(op, integers, x.shape);
  int64_t inner = 1;
  for (size_t d = size_t(q.axis) + 1; d < x.shape.size(); ++d) inner *= x.shape[d];
  op.set(with_element_type(integers.type, [&](auto element) {
    std::vector<decltype(element)> numbers;
    for (int64_t i = 0; i < x.elements(); ++i) {
      const auto c = size_t(i / inner % int64_t(q.scales.size()));
      const double steps = std::nearbyint(double(x.as<float>()[i] * (1.0f / q.scales[c])));
      const double wanted = std::isnan(steps) ? 0 : steps + q.zero_points[c];
      numbers.push_back(decltype(element)(
          std::min(std::max(wanted, double(integers.least)), double(integers.most))));
    }
    return op.assembly().add_constant(op.name(), integers.type, x.shape, numbers, q);
  }));
}

// (x - zero_point) scale: our layer where x can have this scale, else as arithmetic.
void dequantize(CallView& op, const Quantization& q) {
  const ValueId x = op.tensor("input");
  const ElementType type = op.value(x).type;
  const bool centred = std::all_of(q.zero_points.begin(), q.zero_points.end(),
                                   [](int32_t zero_point) { return zero_point == 0; });
  const bool taken = type == ElementType::s8 || type == ElementType::u8 ||
                     type == ElementType::s16 || (type == ElementType::s32 && centred);
  const ValueId with = taken ? op.assembly().with_scales(x, q) : -1;
  if (with >= 0) return op.set(op.add(dequantize_op, {with}));
  if (q.scales.size() != 1)
    op.refuse("wrong-quantization", "its scales are not those that its input was quantised with");
  ValueId y = op.cast(x, ElementType::f32);
  if (q.zero_point() != 0)
    y = op.add(sub_op, {y, op.scalar(ElementType::f32, q.zero_point())}, {}, "centred");
  op.set(op.add(mul_op, {y, op.scalar(ElementType::f32, double(q.scale()))}));
}

void check_real(CallView& op) {
  if (op.type("out_dtype").value_or(ElementType::f32) != ElementType::f32)
    op.refuse("wrong-type", "it dequantises to another type than float32");
}
void import_dequantize(CallView& op) {
  check_real(op);
  const Integers integers = integers_of(op);
  dequantize(op, tensor_quantization(op, integers));
}
void import_dequantize_channels(CallView& op) {
  check_real(op);
  const Integers integers = integers_of(op);
  dequantize(op, channel_quantization(op, integers, op.shape(op.tensor("input"))));
}

constexpr std::string_view kTensor = "input scale zero_point quant_min quant_max dtype";
constexpr std::string_view kReal = "input scale zero_point quant_min quant_max dtype out_dtype";

constexpr ImportRule kRules[] = {
    {"quantized_decomposed.dequantize_per_channel.default",
     "input scales zero_points axis quant_min quant_max dtype out_dtype",
     import_dequantize_channels},
    {"quantized_decomposed.dequantize_per_tensor.default", kReal, import_dequantize},
    {"quantized_decomposed.dequantize_per_tensor.tensor", kReal, import_dequantize},
    {"quantized_decomposed.quantize_per_channel.default",
     "input scales zero_points axis quant_min quant_max dtype", import_quantize_channels},
    {"quantized_decomposed.quantize_per_tensor.default", kTensor, import_quantize},
    {"quantized_decomposed.quantize_per_tensor.tensor", kTensor, import_quantize},
};

}  // namespace

std::span<const ImportRule> quantized_rules() { return kRules; }

}  // namespace mote::pytorch
