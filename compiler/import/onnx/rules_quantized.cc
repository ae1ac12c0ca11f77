// SPDX-License-Identifier: Apache-2.0
// Integers with scales: QuantizeLinear, DequantizeLinear, and operators of integers as dequantize
// -> their float operator -> quantize. fold_pairs() (quantize/pairs.h) makes integer layers of
// such pairs. See rules.h.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// ---- scales ------------------------------------------------------------------------------------

// Where the node says the scale and zero point of a value: inputs scale_at and scale_at + 1.
struct Place {
  size_t scale_at;
  int64_t axis;  // of one scale an index
};

std::pair<double, double> limits_of(ElementType type) {
  return with_element_type(type, [](auto element) {
    using Limits = std::numeric_limits<decltype(element)>;
    return std::pair<double, double>(double(Limits::min()), double(Limits::max()));
  });
}

// Scales of integers of `type` and `shape` (a copy: reading inputs adds values to the graph). None
// where they are computed or no scales of ours.
std::optional<Quantization> scales_of(OperatorView& op, const Place& place, ElementType type,
                                      Shape shape) {
  const ValueId scale = op.input(place.scale_at), zero = op.optional_input(place.scale_at + 1);
  if (!op.is_constant(scale) || !op.is_float(scale) || (zero >= 0 && !op.is_constant(zero)))
    return {};
  const int64_t count = op.value(scale).elements();
  if (zero >= 0 && (op.is_float(zero) || op.value(zero).elements() != count)) return {};
  Quantization q;
  if (count > 1) {
    q.axis = int32_t(op.dimension(place.axis, shape.size()));
    if (op.shape(scale).size() != 1 || shape[size_t(q.axis)] != count) return {};
  }
  const float* scales = op.value(scale).as<float>();
  const List zeros = zero >= 0 ? op.assembly().integers(zero) : List(size_t(count), 0);
  const auto [least, most] = limits_of(type);
  for (size_t i = 0; i < size_t(count); ++i) {
    const bool known = std::isfinite(scales[i]) && scales[i] > 0 && double(zeros[i]) >= least &&
                       double(zeros[i]) <= most;
    if (!known || (type == ElementType::s32 && zeros[i] != 0)) return {};
    q.scales.push_back(scales[i]);
    q.zero_points.push_back(int32_t(zeros[i]));
  }
  return q;
}

// ---- the two conversions -----------------------------------------------------------------------

// x with the scale's or zero point's shape: one number, or one an index of `axis`.
ValueId along_axis(OperatorView& op, ValueId parameter, ValueId x, int64_t axis) {
  const Shape shape = op.shape(parameter);
  if (element_count(shape) == 1) return op.move().reshape(parameter, {});
  if (shape.size() != 1) op.refuse("wrong-shape", "blocks of scales are not taken");
  List wanted(op.shape(x).size(), 1);
  wanted[op.dimension(axis, wanted.size())] = shape[0];
  return op.move().reshape(parameter, wanted);
}

// (x - zero_point) * scale.
ValueId dequantized(OperatorView& op, ValueId x, const Place& place, const std::string& part) {
  const ElementType type = op.value(x).type;
  const bool taken = type == ElementType::s8 || type == ElementType::u8 ||
                     type == ElementType::s16 || type == ElementType::s32;
  const auto scales = taken ? scales_of(op, place, type, op.shape(x)) : std::nullopt;
  const bool one = scales && (scales->scales.size() == 1 || op.is_constant(x));
  const ValueId with = one ? op.assembly().with_scales(x, *scales) : -1;
  if (with >= 0) return op.add(dequantize_op, {with}, {}, part);
  // Scales that are computed or change from place to place: as arithmetic of real numbers.
  const ValueId scale = op.input(place.scale_at);
  if (!op.is_float(scale)) op.refuse("wrong-type", "its scale must be float32");
  ValueId real = op.cast(x, ElementType::f32);
  if (op.has_input(place.scale_at + 1)) {
    const ValueId zero = op.cast(op.input(place.scale_at + 1), ElementType::f32);
    real = op.add(sub_op, {real, along_axis(op, zero, x, place.axis)}, {}, part + "centred");
  }
  return op.add(mul_op, {real, along_axis(op, scale, x, place.axis)}, {}, part);
}

// saturate(round_half_to_even(x / scale) + zero_point).
ValueId quantized(OperatorView& op, ValueId x, const Place& place, ElementType type) {
  const bool taken = type == ElementType::s8 || type == ElementType::u8 || type == ElementType::s16;
  const auto scales = taken ? scales_of(op, place, type, op.shape(x)) : std::nullopt;
  if (scales && scales->scales.size() == 1)
    return op.add(quantize_op, {x},
                  {{"output_type", std::string(to_string(type))},
                   {"output_scale", double(scales->scale())},
                   {"output_zero_point", int64_t(scales->zero_point())},
                   {"halves", std::string("even_quotient")}});
  const ValueId scale = op.input(place.scale_at);
  ValueId y =
      op.unary("round", op.add(div_op, {x, along_axis(op, scale, x, place.axis)}, {}, "steps"));
  if (op.has_input(place.scale_at + 1)) {
    const ValueId zero = op.cast(op.input(place.scale_at + 1), ElementType::f32);
    y = op.add(add_op, {y, along_axis(op, zero, x, place.axis)}, {}, "shifted");
  }
  const auto [least, most] = limits_of(type);
  y = op.add(maximum_op, {y, op.scalar(ElementType::f32, least)}, {}, "min");
  y = op.add(minimum_op, {y, op.scalar(ElementType::f32, most)}, {}, "max");
  return op.cast(y, type);
}

void check_blocks(OperatorView& op) {
  if (op.integer("block_size", 0) != 0)
    op.refuse("wrong-attribute", "blocks of scales are not taken");
}

void import_dequantize_linear(OperatorView& op) {
  check_blocks(op);
  op.ignore("output_dtype");
  op.set(dequantized(op, op.input(0), {1, op.integer("axis", 1)}, ""));
}

// What the second of two inputs says, or the attribute.
ElementType quantized_type(OperatorView& op, size_t zero_at) {
  ElementType type = ElementType::u8;
  const auto said = int32_t(op.integer("output_dtype", 0));
  if (said != 0 && !element_type(said, type))
    op.refuse("wrong-type", "it quantises to " + type_name(said));
  if (op.has_input(zero_at)) type = op.value(op.input(zero_at)).type;
  if (type == ElementType::f32 || type == ElementType::boolean || element_bytes(type) > 2)
    op.refuse("wrong-type", "it quantises to another type than integers of 8 or 16 bits");
  return type;
}

void import_quantize_linear(OperatorView& op) {
  check_blocks(op);
  op.ignore("saturate");
  op.ignore("precision");
  const ValueId x = op.input(0);
  if (!op.is_float(x) || !op.is_float(op.input(1)))
    op.refuse("wrong-type", "its input and scale must be float32");
  op.set(quantized(op, x, {1, op.integer("axis", 1)}, quantized_type(op, 2)));
}

// ---- operators of integers ---------------------------------------------------------------------

constexpr const char* kMicrosoft = "com.microsoft";

// A value with scale and zero point in the two inputs behind it.
ValueId operand(OperatorView& op, size_t at, int64_t axis = 0) {
  const ElementType type = op.value(op.input(at)).type;
  if (type != ElementType::s8 && type != ElementType::u8)
    op.refuse("wrong-type", "its integers must be int8 or uint8");
  for (size_t i : {at + 1, at + 2})
    if (op.has_input(i)) op.constant_input(i);
  return dequantized(op, op.input(at), {at + 1, axis}, "input_" + std::to_string(at));
}

// The rule of the float operator on `inputs`, and its result at the scale that inputs scale_at and
// scale_at + 1 say.
void import_as(OperatorView& op, const char* name, std::vector<ValueId> inputs, size_t scale_at) {
  const ElementType type = op.has_input(scale_at + 1) ? op.value(op.input(scale_at + 1)).type
                                                      : op.value(op.input(0)).type;
  for (size_t i : {scale_at, scale_at + 1})
    if (op.has_input(i)) op.constant_input(i);
  const auto scale = scales_of(op, {scale_at, 0}, type, {});
  if (!scale || scale->scales.size() != 1 || (type != ElementType::s8 && type != ElementType::u8))
    op.refuse("wrong-quantization",
              "its output must be int8 or uint8 with a constant scale and zero point");
  op.stand_for(std::move(inputs), [&op, scale, type](ValueId real) {
    return op.add(quantize_op, {real},
                  {{"output_type", std::string(to_string(type))},
                   {"output_scale", double(scale->scale())},
                   {"output_zero_point", int64_t(scale->zero_point())},
                   {"halves", std::string("even_quotient")}},
                  "quantized");
  });
  find_rule("", name)->import(op);
}

void import_add(OperatorView& op) { import_as(op, "Add", {operand(op, 0), operand(op, 3)}, 6); }
void import_mul(OperatorView& op) { import_as(op, "Mul", {operand(op, 0), operand(op, 3)}, 6); }
void import_sigmoid(OperatorView& op) { import_as(op, "Sigmoid", {operand(op, 0)}, 3); }
void import_leaky_relu(OperatorView& op) { import_as(op, "LeakyRelu", {operand(op, 0)}, 3); }

void refuse_channels_last(OperatorView& op, const char* attribute) {
  if (op.integer(attribute, 0) != 0)
    op.refuse("wrong-attribute", "its channels are last", "export the model with channels first");
}
void import_average_pool(OperatorView& op) {
  refuse_channels_last(op, "channels_last");
  import_as(op, "AveragePool", {operand(op, 0)}, 3);
}
void import_global_average_pool(OperatorView& op) {
  refuse_channels_last(op, "channels_last");
  import_as(op, "GlobalAveragePool", {operand(op, 0)}, 3);
}

// Its own attribute says whose softmax it is: until opset 12 that of all dimensions from `axis` on.
void import_softmax(OperatorView& op) {
  if ((op.integer("opset") < 13) != (op.opset() < 13))
    op.refuse("wrong-attribute", "its opset is another one than the model's");
  import_as(op, "Softmax", {operand(op, 0)}, 3);
}

// Scale and zero point of the output, then each input with its own.
void import_concat(OperatorView& op) {
  std::vector<ValueId> inputs;
  for (size_t i = 2; i + 1 < op.input_count(); i += 3) inputs.push_back(operand(op, i));
  import_as(op, "Concat", inputs, 0);
}

// An s32 bias at the scale of the sums.
ValueId bias(OperatorView& op, size_t at, ValueId x, ValueId weights) {
  if (!op.has_input(at)) return -1;
  const ValueId c = op.constant_input(at);
  if (op.value(c).type != ElementType::s32) op.refuse("wrong-type", "its bias must be int32");
  const Quantization w = op.value(weights).quantization;
  Quantization sums;
  for (float scale : w.scales) {
    sums.scales.push_back(op.value(x).quantization.scale() * scale);
    sums.zero_points.push_back(0);
  }
  const Shape& shape = op.shape(c);
  if (sums.scales.size() > 1 && (shape.empty() || shape.back() != int64_t(sums.scales.size())))
    op.refuse("wrong-shape", "its bias must have one number an output channel");
  sums.axis = sums.scales.size() > 1 ? int32_t(shape.size()) - 1 : 0;
  const ValueId with = op.assembly().with_scales(c, sums);
  return op.add(dequantize_op, {with}, {}, "bias");
}

// The integers that `real` was dequantised from, with their scales.
ValueId integers_behind(OperatorView& op, ValueId real, size_t at) {
  const ValueId integers = op.assembly().integers_behind(real);
  if (integers < 0)
    op.refuse("wrong-quantization",
              "the scales of its input " + std::to_string(at) + " are not taken");
  return integers;
}

// x, scale, zero, weights, scale, zero, output's scale, zero, bias.
void import_conv(OperatorView& op) {
  op.constant_input(3);
  const ValueId x = operand(op, 0), weights = operand(op, 3, 0);
  const ValueId sums = bias(op, 8, integers_behind(op, x, 0), integers_behind(op, weights, 3));
  import_as(op, "Conv", {x, weights, sums}, 6);
}

void import_matmul(OperatorView& op) {
  const auto last = int64_t(op.shape(op.input(3)).size()) - 1;
  import_as(op, "MatMul", {operand(op, 0), operand(op, 3, std::max<int64_t>(last, 0))}, 6);
}

// A, scale, zero, B, scale, zero, C, output's scale, zero.
void import_gemm(OperatorView& op) {
  if (op.number("alpha", 1) != 1)
    op.refuse("wrong-attribute", "alpha must be 1", "fold it into the scale of B");
  if (!op.has_input(7)) op.refuse("wrong-input", "it has no output scale");
  const bool turned = op.integer("transB", 0) != 0;
  const ValueId a = operand(op, 0), b = operand(op, 3, turned ? 0 : 1);
  const ValueId c = bias(op, 6, integers_behind(op, a, 0), integers_behind(op, b, 3));
  import_as(op, "Gemm", {a, b, c}, 7);
}

constexpr ImportRule kRules[] = {
    {"DequantizeLinear", import_dequantize_linear, "no blocks of scales"},
    {"QLinearConv", import_conv},
    {"QLinearMatMul", import_matmul},
    {"QuantizeLinear", import_quantize_linear, "no blocks of scales"},
    {"DequantizeLinear", import_dequantize_linear, "", kMicrosoft},
    {"QGemm", import_gemm, "alpha 1, integer output", kMicrosoft},
    {"QLinearAdd", import_add, "", kMicrosoft},
    {"QLinearAveragePool", import_average_pool, "channels first", kMicrosoft},
    {"QLinearConcat", import_concat, "", kMicrosoft},
    {"QLinearGlobalAveragePool", import_global_average_pool, "channels first", kMicrosoft},
    {"QLinearLeakyRelu", import_leaky_relu, "", kMicrosoft},
    {"QLinearMul", import_mul, "", kMicrosoft},
    {"QLinearSigmoid", import_sigmoid, "", kMicrosoft},
    {"QLinearSoftmax", import_softmax, "", kMicrosoft},
    {"QuantizeLinear", import_quantize_linear, "", kMicrosoft},
};

}  // namespace

std::span<const ImportRule> quantized_rules() { return kRules; }

}  // namespace mote::onnx
