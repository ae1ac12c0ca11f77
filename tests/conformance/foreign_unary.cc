// SPDX-License-Identifier: Apache-2.0
// Foreign functions of one number and normalisations. See foreign.h.
#include <algorithm>
#include <cmath>

#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

namespace format = tflite::format;
using Op = format::BuiltinOperator;
using Type = ElementType;

Quantization quantization_of(Random& random, Type type) {
  return type == Type::s8 || type == Type::s16 ? random_quantization(random, type) : Quantization{};
}

// About as wide as `like`; now and then in a simple ratio to it, which makes ties frequent.
Quantization output_like(Random& random, Type type, const Quantization& like) {
  if (like.empty()) return {};
  constexpr float kSimple[] = {1, 1, 2, 0.5f, 4};
  const float ratio = random.one_in(2) ? random.pick(kSimple) : random.scale(0.1f, 4.0f);
  return per_tensor(like.scale() * ratio, type == Type::s16 ? 0 : random_zero_point(random));
}

std::string described(const char* name, const Shape& shape, const Quantization& from,
                      const Quantization& to) {
  std::string text = name;
  for (int32_t d : shape) text += " " + std::to_string(d);
  for (const Quantization* q : {&from, &to})
    text += " " + std::to_string(q->scale()) + "@" + std::to_string(q->zero_point());
  return text;
}

Against against_micro(Type type) {
  return type == Type::f32 ? Against::micro_tolerance : Against::micro;
}

// ---- a function without options ----------------------------------------------------------------

struct Plain {
  Op op;
  Type type;
  Against against;
  NumberRange range{};  // of a float input, where not every number is in its domain
};

ForeignCase make_plain(Random& random, const Plain& plain) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  const Quantization from = quantization_of(random, plain.type);
  const Quantization to = output_like(random, plain.type, from);
  one.input(plain.type, shape, from);
  one.output(plain.type, shape, to);
  std::vector<NumberRange> ranges;
  if (plain.range.low < plain.range.high) ranges = {plain.range};
  return {one.finish(plain.op),
          described(format::EnumNameBuiltinOperator(plain.op), shape, from, to), ranges,
          plain.against};
}

template <Op op>
ForeignCase f32(Random& random) {
  return make_plain(random, {op, Type::f32, Against::micro_tolerance});
}
template <Op op, int low_hundredths, int high>
ForeignCase f32_within(Random& random) {
  return make_plain(
      random, {op, Type::f32, Against::micro_tolerance, {low_hundredths / 100.0, double(high)}});
}
template <Op op, Type type = Type::f32>
ForeignCase litert(Random& random) {
  return make_plain(random, {op, type, Against::litert_tolerance});
}
template <Op op, Type type>
ForeignCase quantized(Random& random) {
  return make_plain(random, {op, type, Against::micro});
}

// ---- activations -------------------------------------------------------------------------------

// TFLM's relu6 keeps the input's scale.
template <Type type>
ForeignCase relu6(Random& random) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  const Quantization q = quantization_of(random, type);
  one.input(type, shape, q);
  one.output(type, shape, q);
  return {one.finish(Op::RELU6, 2), described("relu6", shape, q, q), {}, against_micro(type)};
}

template <Type type>
ForeignCase leaky_relu(Random& random) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  const Quantization from = quantization_of(random, type);
  const Quantization to = output_like(random, type, from);
  one.input(type, shape, from);
  one.output(type, shape, to);
  constexpr float kAlphas[] = {0.01f, 0.1f, 0.2f, 0.3f, 0.5f, 1.0f, 1.5f};
  const float alpha = random.pick(kAlphas);
  const auto options = format::CreateLeakyReluOptions(one.flat(), alpha);
  return {
      one.finish(Op::LEAKY_RELU, 2, {format::BuiltinOptions::LeakyReluOptions, options.Union()}),
      described("leaky_relu", shape, from, to) + " alpha " + std::to_string(alpha),
      {},
      against_micro(type)};
}

Shape alpha_shape(Random& random, const Shape& x) {
  Shape shape = x;
  for (int32_t& d : shape)
    if (random.one_in(2)) d = 1;
  if (random.one_in(2)) shape.erase(shape.begin());
  return shape;
}

template <Type type>
ForeignCase prelu(Random& random) {
  SingleOperator one;
  const Shape shape{random.integer(1, 3), random.integer(1, 5), random.integer(1, 5),
                    random.integer(1, 9)};
  const Shape slopes = alpha_shape(random, shape);
  const Quantization from = quantization_of(random, type);
  const Quantization to = output_like(random, type, from);
  one.input(type, shape, from);
  const auto count = size_t(element_count(slopes));
  if (type == Type::f32) {
    std::vector<float> numbers(count);
    for (float& n : numbers) n = float(random.integer(-200, 200)) / 100;
    one.constant(Type::f32, slopes, numbers);
  } else {
    std::vector<int8_t> numbers(count);
    for (int8_t& n : numbers) n = int8_t(random.integer(-128, 127));
    one.constant(Type::s8, slopes, numbers,
                 per_tensor(random.scale(1e-3f, 0.02f), random_zero_point(random)));
  }
  one.output(type, shape, to);
  return {one.finish(Op::PRELU),
          described("prelu", shape, from, to),
          {},
          type == Type::s16 ? Against::micro_alone : against_micro(type)};
}

// LiteRT's reference kernels have no int8 form.
ForeignCase elu_s8(Random& random) {
  return make_plain(random, {Op::ELU, Type::s8, Against::micro_alone});
}

// What the function gives has a scale of its own.
template <Op op, Type type>
ForeignCase fixed_output(Random& random) {
  SingleOperator one;
  Shape shape = random_shape(random);
  if (op == Op::LOG_SOFTMAX && shape.size() < 2) shape.insert(shape.begin(), 2);
  Quantization from = random_quantization(random, type);
  constexpr float kPowers[] = {0x1p-12f, 0x1p-11f, 0x1p-13f, 0x1p-10f};
  if (type == Type::s16)
    from = per_tensor(random.one_in(2) ? random.pick(kPowers) : random.scale(1e-5f, 1e-2f), 0);
  Quantization to = per_tensor(1.0f / 32768, 0);
  if (op == Op::LOG_SOFTMAX) to = per_tensor(16.0f / 256, 127);
  one.input(type, shape, from);
  one.output(type, shape, to);
  return {one.finish(op, 2), described(format::EnumNameBuiltinOperator(op), shape, from, to), {}};
}

template <Type type>
ForeignCase l2_normalization(Random& random) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  const Quantization from = quantization_of(random, type);
  const Quantization to = from.empty() ? Quantization{} : per_tensor(1.0f / 128, 0);
  one.input(type, shape, from);
  one.output(type, shape, to);
  const auto options = format::CreateL2NormOptions(one.flat());
  return {
      one.finish(Op::L2_NORMALIZATION, 2, {format::BuiltinOptions::L2NormOptions, options.Union()}),
      described("l2_normalization", shape, from, to),
      {},
      against_micro(type)};
}

ForeignCase gelu(Random& random) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  one.input(Type::f32, shape);
  one.output(Type::f32, shape);
  const bool approximate = random.one_in(2);
  const auto options = format::CreateGeluOptions(one.flat(), approximate);
  return {one.finish(Op::GELU, 1, {format::BuiltinOptions::GeluOptions, options.Union()}),
          described(approximate ? "gelu_tanh" : "gelu", shape, {}, {}),
          {},
          Against::litert_tolerance};
}

// ---- int16 and int8 with rules of their own ----------------------------------------------------

// TFLM refuses to go on below the zero point: the input has its lowest number there.
ForeignCase rsqrt_s8(Random& random) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  const Quantization from = per_tensor(random.scale(1e-3f, 0.5f), random.integer(-128, 100));
  const auto top = float(1 / std::sqrt(double(from.scale())));
  const Quantization to =
      per_tensor(top / float(random.integer(60, 250)), random_zero_point(random));
  one.input(Type::s8, shape, from);
  one.output(Type::s8, shape, to);
  return {one.finish(Op::RSQRT, 2),
          described("rsqrt", shape, from, to),
          {{double(from.zero_point()), 127}}};
}

ForeignCase abs_s16_plain(Random& random) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  one.input(Type::s16, shape);
  one.output(Type::s16, shape);
  return {one.finish(Op::ABS), described("abs", shape, {}, {}), {}, Against::micro_alone};
}

constexpr ForeignFamily kFamilies[] = {
    {"abs_f32", f32<Op::ABS>},
    {"abs_s16", quantized<Op::ABS, Type::s16>},
    {"abs_s16_plain", abs_s16_plain},
    {"abs_s32", litert<Op::ABS, Type::s32>},
    {"abs_s8", quantized<Op::ABS, Type::s8>},
    {"ceil_f32", f32<Op::CEIL>},
    {"cos_f32", f32<Op::COS>},
    {"elu_f32", f32<Op::ELU>},
    {"elu_s8", elu_s8},
    {"exp_f32", f32_within<Op::EXP, -2000, 8>},
    {"floor_f32", f32<Op::FLOOR>},
    {"gelu_f32", gelu},
    {"hard_swish_f32", f32<Op::HARD_SWISH>},
    {"hard_swish_s8", quantized<Op::HARD_SWISH, Type::s8>},
    {"l2_normalization_f32", l2_normalization<Type::f32>},
    {"l2_normalization_s8", l2_normalization<Type::s8>},
    {"leaky_relu_f32", leaky_relu<Type::f32>},
    {"leaky_relu_s16", leaky_relu<Type::s16>},
    {"leaky_relu_s8", leaky_relu<Type::s8>},
    {"log_f32", f32_within<Op::LOG, 1, 100>},
    {"log_softmax_f32", f32<Op::LOG_SOFTMAX>},
    {"log_softmax_s8", fixed_output<Op::LOG_SOFTMAX, Type::s8>},
    {"logistic_f32", f32<Op::LOGISTIC>},
    {"logistic_s16", fixed_output<Op::LOGISTIC, Type::s16>},
    {"neg_f32", f32<Op::NEG>},
    {"neg_s32", litert<Op::NEG, Type::s32>},
    {"neg_s64", litert<Op::NEG, Type::s64>},
    {"prelu_f32", prelu<Type::f32>},
    {"prelu_s16", prelu<Type::s16>},
    {"prelu_s8", prelu<Type::s8>},
    {"relu6_f32", relu6<Type::f32>},
    {"relu6_s16", relu6<Type::s16>},
    {"relu6_s8", relu6<Type::s8>},
    {"relu_0_to_1_f32", litert<Op::RELU_0_TO_1>},
    {"relu_f32", f32<Op::RELU>},
    {"relu_n1_to_1_f32", litert<Op::RELU_N1_TO_1>},
    {"relu_s16", quantized<Op::RELU, Type::s16>},
    {"relu_s8", quantized<Op::RELU, Type::s8>},
    {"round_f32", f32<Op::ROUND>},
    {"rsqrt_f32", f32_within<Op::RSQRT, 1, 100>},
    {"rsqrt_s8", rsqrt_s8},
    {"sign_f32", litert<Op::SIGN>},
    {"sign_s32", litert<Op::SIGN, Type::s32>},
    {"sin_f32", f32<Op::SIN>},
    {"sqrt_f32", f32_within<Op::SQRT, 0, 100>},
    {"square_f32", f32<Op::SQUARE>},
    {"tanh_f32", f32<Op::TANH>},
    {"tanh_s16", fixed_output<Op::TANH, Type::s16>},
};

}  // namespace

std::span<const ForeignFamily> foreign_unary() { return kFamilies; }

}  // namespace mote::conformance
