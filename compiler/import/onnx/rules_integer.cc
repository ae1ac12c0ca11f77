// SPDX-License-Identifier: Apache-2.0
// Products of integers with exact sums, and quantisation by the range of what is there. See
// rules.h.
#include <algorithm>

#include "compiler/import/convolution.h"
#include "compiler/import/onnx/window.h"

namespace mote::onnx {
namespace {

// So many products of two numbers of 9 bits add exactly in float32: 258 * 255^2 < 2^24.
constexpr int64_t kMostExact = 258;

bool is_byte(OperatorView& op, ValueId x) {
  const ElementType type = op.value(x).type;
  return type == ElementType::u8 || type == ElementType::s8;
}

// x less its zero point: one number, or one an index of `axis`.
ValueId centred(OperatorView& op, size_t i, size_t zero_at, size_t axis) {
  const ValueId x = op.input(i);
  if (!is_byte(op, x)) op.refuse("wrong-type", "its inputs must be int8 or uint8");
  const ValueId real = op.cast(x, ElementType::f32);
  if (!op.has_input(zero_at)) return real;
  ValueId zero = op.cast(op.input(zero_at), ElementType::f32);
  List shape(op.shape(x).size(), 1);
  const int64_t count = op.value(zero).elements();
  if (op.shape(zero).size() <= 1) {
    if (count > 1) shape.at(axis) = count;
    zero = op.move().reshape(zero, shape);
  }
  return op.add(sub_op, {real, zero}, {}, "centred");
}

ValueId total(OperatorView& op, ValueId sum, ValueId product) {
  const ValueId part = op.cast(product, ElementType::s32);
  return sum < 0 ? part : op.add(add_op, {sum, part}, {}, "sum");
}

// Sums of up to 258 products in float32, these in int32.
void import_matmul_integer(OperatorView& op) {
  const size_t rows = op.shape(op.input(0)).size(), columns = op.shape(op.input(1)).size();
  if (rows < 2 || columns < 2) op.refuse("wrong-shape", "its inputs must be matrices");
  const ValueId a = centred(op, 0, 2, rows - 2), b = centred(op, 1, 3, columns - 1);
  const int64_t depth = op.shape(a).back();
  if (op.shape(b)[columns - 2] != depth) op.refuse("wrong-shape", "its inputs do not fit");
  Movement move = op.move();
  ValueId sum = -1;
  for (int64_t k = 0; k < depth; k += kMostExact) {
    const int64_t size = std::min(kMostExact, depth - k);
    sum = total(op, sum,
                op.add(batch_matmul_op, {move.slice_axis(a, rows - 1, k, size),
                                         move.slice_axis(b, columns - 2, k, size)}));
  }
  op.set(sum);
}

void import_conv_integer(OperatorView& op) {
  const ValueId x = centred(op, 0, 2, 1);
  ConvolutionWeights c;
  op.constant_input(1);
  c.weights = centred(op, 1, 3, 0);
  if (!op.is_constant(c.weights)) op.refuse_computed(3);
  c.groups = op.integer("group", 1);
  ImageConvolution image(op.assembly(), op.name());
  const ImageWindow w = window_of(op);
  int64_t taps = 1;
  for (int64_t k : image.kernel_of(x, c)) taps = std::min<int64_t>(INT32_MAX, taps * k);
  const int64_t channels = op.shape(c.weights)[1], at_once = kMostExact / taps;
  if (at_once < 1 || (c.groups > 1 && at_once < channels))
    op.refuse("too-large", "its kernel has more than 258 numbers");
  if (c.groups > 1) return op.set(total(op, -1, image.conv(x, c, w)));
  Movement move = op.move();
  ValueId sum = -1;
  for (int64_t k = 0; k < channels; k += at_once) {
    const int64_t size = std::min(at_once, channels - k);
    ConvolutionWeights some = c;
    some.weights = move.slice_axis(c.weights, 1, k, size);
    sum = total(op, sum, image.conv(move.slice_axis(x, 1, k, size), some, w));
  }
  op.set(sum);
}

ValueId extreme(OperatorView& op, ValueId x, const char* function) {
  const size_t rank = op.shape(x).size();
  if (rank == 0) x = op.move().reshape(x, {1});
  const ValueId y =
      op.add(reduce_op, {x}, {{"function", std::string(function)}, {"axes", List{}}}, function);
  const ValueId zero = op.scalar(ElementType::f32, 0);
  return op.add(function == std::string("max") ? maximum_op : minimum_op, {y, zero}, {}, "range");
}

// saturate(round_half_to_even(x)) as u8.
ValueId as_byte(OperatorView& op, ValueId x) {
  x = op.add(maximum_op, {x, op.scalar(ElementType::f32, 0)}, {}, "min");
  return op.cast(op.add(minimum_op, {x, op.scalar(ElementType::f32, 255)}, {}, "max"),
                 ElementType::u8);
}

// scale = (max(0, x) - min(0, x)) / 255, zero point = -min / scale, y = round(x / scale) + zero.
void import_dynamic_quantize_linear(OperatorView& op) {
  const ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const ValueId high = extreme(op, x, "max"), low = extreme(op, x, "min");
  const ValueId span = op.add(sub_op, {high, low}, {}, "span");
  const ValueId scale = op.add(div_op, {span, op.scalar(ElementType::f32, 255)}, {}, "scale");
  // Of zeros alone the scale counts as at least the smallest normal number.
  const ValueId divisor =
      op.add(maximum_op, {scale, op.scalar(ElementType::f32, 1.17549435e-38)}, {}, "divisor");
  const ValueId shift = op.add(div_op, {op.unary("neg", low), divisor}, {}, "shift");
  const ValueId zero = as_byte(op, op.unary("round", shift));
  const ValueId steps = op.unary("round", op.add(div_op, {x, divisor}, {}, "steps"));
  op.set(0, as_byte(op, op.add(add_op, {steps, op.cast(zero, ElementType::f32)}, {}, "shifted")));
  if (op.has_output(1)) op.set(1, scale);
  if (op.has_output(2)) op.set(2, zero);
}

constexpr ImportRule kRules[] = {
    {"ConvInteger", import_conv_integer, "weights constant"},
    {"DynamicQuantizeLinear", import_dynamic_quantize_linear},
    {"MatMulInteger", import_matmul_integer},
};

}  // namespace

std::span<const ImportRule> integer_rules() { return kRules; }

}  // namespace mote::onnx
