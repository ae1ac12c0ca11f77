// SPDX-License-Identifier: Apache-2.0
// Foreign operators of two operands with every kind of broadcasting, constants on either side,
// scales and activations; changes of type and scale. See foreign.h.
#include <algorithm>
#include <cstring>

#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

namespace format = tflite::format;
using Op = format::BuiltinOperator;
using Options = format::BuiltinOptions;
using Type = ElementType;

constexpr NumberRange kAny = {-2147483648.0, 2147483647.0};

struct Shapes {
  Shape a, b, y;
};

// `shape` with some dimensions of 1, and leading ones left out.
Shape repeated(Random& random, Shape shape) {
  for (int32_t& d : shape)
    if (random.one_in(2)) d = 1;
  while (!shape.empty() && shape[0] == 1 && random.one_in(2)) shape.erase(shape.begin());
  return shape;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape y(std::max(a.size(), b.size()), 1);
  for (const Shape* shape : {&a, &b})
    for (size_t d = 0; d < shape->size(); ++d) {
      int32_t& size = y[y.size() - 1 - d];
      size = std::max(size, (*shape)[shape->size() - 1 - d]);
    }
  return y;
}

// Ranks 1 to `most`; equal, one ends as the other, or each repeats somewhere.
Shapes random_shapes(Random& random, int32_t most = 5) {
  Shape shape;
  for (int32_t rank = random.integer(1, most); rank > 0; --rank)
    shape.push_back(random.integer(1, 4));
  shape.back() += 3;
  Shapes shapes{shape, shape, shape};
  if (random.one_in(3)) return shapes;
  if (random.one_in(2))
    shapes.a = repeated(random, shape);
  else
    shapes.b = repeated(random, shape);
  if (random.one_in(2)) shapes.b = repeated(random, shape);
  shapes.y = broadcast(shapes.a, shapes.b);
  return shapes;
}

template <class T>
std::vector<T> random_numbers(Random& random, const Shape& shape, NumberRange range) {
  std::vector<T> numbers;
  for (int64_t i = 0; i < element_count(shape); ++i) {
    if (std::is_same_v<T, float>) {
      const double position = double(random.integer(0, 1 << 24)) / (1 << 24);
      numbers.push_back(T(range.low + position * (range.high - range.low)));
    } else {
      numbers.push_back(T(random.integer(int32_t(range.low), int32_t(range.high))));
    }
  }
  return numbers;
}

std::vector<float> random_whole(Random& random, const Shape& shape) {
  std::vector<float> numbers;
  for (int64_t i = 0; i < element_count(shape); ++i)
    numbers.push_back(float(random.integer(-1, 1)));
  return numbers;
}

NumberRange whole_range(Type type) {
  if (type == Type::s8) return {-128, 127};
  if (type == Type::u8) return {0, 255};
  if (type == Type::s16) return {-32768, 32767};
  if (type == Type::boolean) return {0, 1};
  if (type == Type::f32) return {-20, 20};
  return kAny;
}

// Builds a case: operands that are inputs or constants, never all of them constants.
class CaseMaker {
 public:
  explicit CaseMaker(Random& random) : random_(random), constant_(random.integer(-3, 1)) {}

  SingleOperator& one() { return one_; }

  void operand(Type type, const Shape& shape, const Quantization& q, NumberRange range) {
    description_ += " " + describe(shape, q);
    if (position_++ == constant_) {
      description_ += "=constant";
      with_element_type(type, [&](auto element) {
        one_.constant(type, shape, random_numbers<decltype(element)>(random_, shape, range), q);
        return 0;
      });
      return;
    }
    one_.input(type, shape, q);
    ranges_.push_back(range);
  }

  ForeignCase finish(Op code, tflite::OptionsTable options = {}, Against against = Against::micro) {
    const bool first = code == Op::POW || code == Op::BITWISE_XOR || code == Op::RIGHT_SHIFT ||
                       code == Op::LOGICAL_AND || code == Op::LOGICAL_OR;
    const Bytes model = one_.finish(code, first ? 1 : 2, options);
    return {model, format::EnumNameBuiltinOperator(code) + description_, ranges_, against};
  }

  void describe_output(const Shape& shape, const Quantization& q) {
    description_ += " ->" + describe(shape, q);
  }

 private:
  static std::string describe(const Shape& shape, const Quantization& q) {
    std::string text = "[";
    for (int32_t d : shape) text += (text.size() > 1 ? "," : "") + std::to_string(d);
    text += "]";
    if (!q.empty()) text += "*" + std::to_string(q.scale()) + "@" + std::to_string(q.zero_point());
    return text;
  }

  Random& random_;
  int32_t constant_;  // the operand that is one
  int32_t position_ = 0;
  SingleOperator one_;
  std::string description_;
  std::vector<NumberRange> ranges_;
};

void add_output(CaseMaker& maker, Type type, const Shape& shape, const Quantization& q = {}) {
  maker.one().output(type, shape, q);
  maker.describe_output(shape, q);
}

format::ActivationFunctionType random_fused(Random& random) {
  constexpr format::ActivationFunctionType kAll[] = {
      format::ActivationFunctionType::NONE, format::ActivationFunctionType::RELU,
      format::ActivationFunctionType::RELU6, format::ActivationFunctionType::RELU_N1_TO_1};
  return random.pick(kAll);
}

tflite::OptionsTable arithmetic_options(SingleOperator& one, Op code,
                                        format::ActivationFunctionType fused) {
  switch (code) {
    case Op::ADD:
      return {Options::AddOptions, format::CreateAddOptions(one.flat(), fused).Union()};
    case Op::SUB:
      return {Options::SubOptions, format::CreateSubOptions(one.flat(), fused).Union()};
    case Op::MUL:
      return {Options::MulOptions, format::CreateMulOptions(one.flat(), fused).Union()};
    case Op::DIV:
      return {Options::DivOptions, format::CreateDivOptions(one.flat(), fused).Union()};
    default:
      return {};
  }
}

// A scale near `scale`; now and then a simple multiple, which makes ties of rounding frequent.
Quantization output_quantization(Random& random, Type type, float scale) {
  constexpr float kSimple[] = {0.5f, 1.0f, 2.0f, 4.0f};
  const float ratio = random.one_in(3) ? random.pick(kSimple) : random.scale(0.3f, 3.0f);
  const int32_t zero_point = type == Type::s16 ? 0 : random_zero_point(random);
  return per_tensor(scale * ratio, zero_point);
}

float output_scale(Op code, float a, float b) {
  if (code == Op::MUL) return a * b * 64;
  if (code == Op::DIV) return a / b / 32;
  if (code == Op::SQUARED_DIFFERENCE) return std::max(a, b) * std::max(a, b) * 128;
  return std::max(a, b);
}

template <Op kCode, Type kType>
ForeignCase make_scaled(Random& random) {
  CaseMaker maker(random);
  const Shapes shapes = random_shapes(random);
  const Quantization a = random_quantization(random, kType);
  Quantization b = random_quantization(random, kType);
  if (random.one_in(4)) b.scales = a.scales;
  const float scale = output_scale(kCode, a.scale(), b.scale());
  const Quantization y = output_quantization(
      random, kType, kType == Type::s16 && kCode == Op::MUL ? scale * 256 : scale);
  NumberRange divisor = whole_range(kType);
  if (kCode == Op::DIV) {  // TFLM does not define division by zero
    if (b.zero_point() < 0)
      divisor.low = b.zero_point() + 1;
    else
      divisor.high = b.zero_point() - 1;
  }
  maker.operand(kType, shapes.a, a, whole_range(kType));
  maker.operand(kType, shapes.b, b, divisor);
  add_output(maker, kType, shapes.y, y);
  const auto fused = kCode == Op::ADD || kCode == Op::SUB || kCode == Op::MUL || kCode == Op::DIV
                         ? random_fused(random)
                         : format::ActivationFunctionType::NONE;
  return maker.finish(
      kCode, arithmetic_options(maker.one(), kCode, fused),
      kCode == Op::DIV || kType == Type::s16 ? Against::micro_alone : Against::micro);
}

// Numbers without a scale. `against`: whom LiteRT disagrees with, or who lacks the type.
template <Op kCode, Type kType, Type kResult = kType, Against kAgainst = Against::micro>
ForeignCase make_plain(Random& random) {
  CaseMaker maker(random);
  const Shapes shapes = random_shapes(random);
  NumberRange range = whole_range(kType);
  const bool compares = kResult == Type::boolean && kType != Type::boolean;
  if (compares && kType != Type::f32 && !random.one_in(3)) range = {-2, 2};
  if (kType == Type::s32 && !compares && random.one_in(2)) range = {-1000, 1000};
  NumberRange other = range;
  const bool divides = kCode == Op::DIV || kCode == Op::FLOOR_DIV || kCode == Op::FLOOR_MOD;
  if (divides) other.low = kType == Type::f32 ? 0.01 : 1;
  if (divides && random.one_in(2)) other = {-other.high, -other.low};
  maker.operand(kType, shapes.a, {}, range);
  maker.operand(kType, shapes.b, {}, other);
  add_output(maker, kResult, shapes.y);
  return maker.finish(kCode, arithmetic_options(maker.one(), kCode, random_fused(random)),
                      kAgainst);
}

// Whole quotients and exponents, where a rounded quotient's floor would be one off.
template <Op kCode, Against kAgainst>
ForeignCase make_whole_f32(Random& random) {
  CaseMaker maker(random);
  const Shapes shapes = random_shapes(random);
  maker.operand(Type::f32, shapes.a, {}, {0.1, kCode == Op::POW ? 6.0 : 1e4});
  maker.operand(Type::f32, shapes.b, {}, {kCode == Op::POW ? -5.0 : 0.001, 4.0});
  add_output(maker, Type::f32, shapes.y);
  return maker.finish(kCode, {}, kAgainst);
}

template <Op kCode, Type kType>
ForeignCase make_of_one_scale(Random& random) {
  CaseMaker maker(random);
  const Shapes shapes = random_shapes(random);
  const Quantization q = random_quantization(random, kType);
  maker.operand(kType, shapes.a, q, whole_range(kType));
  maker.operand(kType, shapes.b, q, whole_range(kType));
  add_output(maker, kType, shapes.y, q);
  return maker.finish(kCode);
}

template <Op kCode>
ForeignCase make_comparison_s8(Random& random) {
  CaseMaker maker(random);
  const Shapes shapes = random_shapes(random);
  const Quantization a = random_quantization(random, Type::s8);
  const Quantization b = random.one_in(3) ? random_quantization(random, Type::s8) : a;
  const NumberRange range = random.one_in(3) ? NumberRange{-128, 127} : NumberRange{-2, 2};
  maker.operand(Type::s8, shapes.a, a, range);
  maker.operand(Type::s8, shapes.b, b, range);
  add_output(maker, Type::boolean, shapes.y);
  return maker.finish(kCode);
}

// Numbers that are equal often enough.
template <Op kCode>
ForeignCase make_comparison_f32(Random& random) {
  if (random.one_in(4)) return make_plain<kCode, Type::f32, Type::boolean>(random);
  SingleOperator one;
  const Shapes shapes = random_shapes(random);
  const double everywhere = random.integer(-1, 1);
  one.input(Type::f32, shapes.a);
  one.constant(Type::f32, shapes.b, random_whole(random, shapes.b));
  one.output(Type::boolean, shapes.y);
  return {one.finish(kCode, 2), "comparison of whole numbers", {{everywhere, everywhere}}};
}

// LiteRT takes equal shapes alone.
ForeignCase make_atan2(Random& random) {
  SingleOperator one;
  const Shape shape = random_shapes(random).a;
  one.input(Type::f32, shape);
  one.input(Type::f32, shape);
  one.output(Type::f32, shape);
  return {one.finish(Op::ATAN2), "atan2", {}, Against::litert_tolerance};
}

ForeignCase make_logical_not(Random& random) {
  SingleOperator one;
  const Shape shape = random_shapes(random).a;
  one.input(Type::boolean, shape);
  one.output(Type::boolean, shape);
  return {one.finish(Op::LOGICAL_NOT), "logical not", {}};
}

template <Type kType>
ForeignCase make_select(Random& random) {
  CaseMaker maker(random);
  const Shapes shapes = random_shapes(random);
  const Shape condition = random.one_in(2) ? shapes.y : repeated(random, shapes.y);
  const Quantization q = random_quantization(random, kType);
  maker.operand(Type::boolean, condition, {}, {0, 1});
  maker.operand(kType, shapes.a, q, whole_range(kType));
  maker.operand(kType, shapes.b, q, whole_range(kType));
  add_output(maker, kType, broadcast(condition, shapes.y), q);
  const bool micro = kType == Type::f32 || kType == Type::s8 || kType == Type::s16;
  return maker.finish(Op::SELECT_V2, {}, micro ? Against::micro : Against::litert_tolerance);
}

// Real numbers within the range of the result: outside C++ does not define what TFLM computes.
template <Type kFrom, Type kTo>
ForeignCase make_cast(Random& random) {
  SingleOperator one;
  const Shape shape = random_shapes(random).a;
  NumberRange range = whole_range(kFrom);
  if (kFrom == Type::u32) range = {0, 2147483647.0};
  if (kFrom == Type::f32) range = kTo == Type::s8 ? NumberRange{-128, 127} : NumberRange{-3e4, 3e4};
  if (kFrom == Type::f32 && kTo == Type::u32) range.low = 0;
  one.input(kFrom, shape);
  one.output(kTo, shape);
  return {one.finish(Op::CAST, 1,
                     {Options::CastOptions,
                      format::CreateCastOptions(one.flat(), tflite::tensor_type(kFrom),
                                                tflite::tensor_type(kTo))
                          .Union()}),
          std::string("cast ") + to_string(kFrom) + " " + to_string(kTo),
          {range},
          Against::micro_alone};
}

template <Type kFrom, Type kTo>
ForeignCase make_quantize(Random& random) {
  SingleOperator one;
  const Shape shape = random_shapes(random).a;
  Quantization from = random_quantization(random, kFrom);
  if (kFrom == Type::s32) from = per_tensor(random.scale(1e-6f, 1e-3f), 0);
  Quantization to = random_quantization(random, kTo);
  if (kTo == Type::s32) to = per_tensor(random.scale(1e-6f, 1e-3f), 0);
  const bool bytes =
      (kFrom == Type::s8 && kTo == Type::u8) || (kFrom == Type::u8 && kTo == Type::s8);
  if (bytes && random.one_in(2))  // the same real numbers
    to = per_tensor(from.scale(), from.zero_point() + (kTo == Type::u8 ? 128 : -128));
  if (!bytes && kFrom != Type::f32) {
    constexpr float kSimple[] = {0.25f, 0.5f, 1.0f, 2.0f};
    if (random.one_in(3)) to.scales = {from.scale() * random.pick(kSimple)};
  }
  std::vector<NumberRange> ranges{kFrom == Type::s32 ? NumberRange{-100000, 100000}
                                                     : whole_range(kFrom)};
  if (kFrom == Type::f32) ranges = {};
  one.input(kFrom, shape, from);
  one.output(kTo, shape, to);
  return {one.finish(Op::QUANTIZE, 1),
          std::string("quantize ") + to_string(kFrom) + " " + std::to_string(from.scale()) + " " +
              to_string(kTo) + " " + std::to_string(to.scale()),
          ranges, kFrom == Type::s32 || kTo == Type::s32 ? Against::micro_alone : Against::micro};
}

template <Type kType>
ForeignCase make_dequantize(Random& random) {
  SingleOperator one;
  const Shape shape = random_shapes(random).a;
  one.input(kType, shape, random_quantization(random, kType));
  one.output(Type::f32, shape);
  return {one.finish(Op::DEQUANTIZE, 3), "dequantize", {}};
}

template <Type kType>
ForeignCase make_add_n(Random& random) {
  SingleOperator one;
  const Shape shape = random_shapes(random).a;
  const Quantization q = random_quantization(random, kType);
  const int32_t inputs = random.integer(2, kType == Type::f32 ? 20 : 15);
  for (int32_t i = 0; i < inputs; ++i) one.input(kType, shape, q);
  const Quantization y =
      kType == Type::f32 ? Quantization{} : output_quantization(random, kType, q.scale() * 3);
  one.output(kType, shape, y);
  return {one.finish(Op::ADD_N),
          "add_n of " + std::to_string(inputs),
          {},
          kType == Type::f32 ? Against::micro : Against::micro_alone};
}

constexpr ForeignFamily kFamilies[] = {
    {"add_s8", make_scaled<Op::ADD, Type::s8>},
    {"add_s16", make_scaled<Op::ADD, Type::s16>},
    {"add_s32", make_plain<Op::ADD, Type::s32, Type::s32, Against::micro_alone>},
    {"add_f32", make_plain<Op::ADD, Type::f32>},
    {"sub_s8", make_scaled<Op::SUB, Type::s8>},
    {"sub_s16", make_scaled<Op::SUB, Type::s16>},
    {"sub_s32", make_plain<Op::SUB, Type::s32>},
    {"sub_f32", make_plain<Op::SUB, Type::f32>},
    {"mul_s8", make_scaled<Op::MUL, Type::s8>},
    {"mul_s16", make_scaled<Op::MUL, Type::s16>},
    {"mul_s32", make_plain<Op::MUL, Type::s32>},
    {"mul_f32", make_plain<Op::MUL, Type::f32>},
    {"div_s8", make_scaled<Op::DIV, Type::s8>},
    {"div_s32", make_plain<Op::DIV, Type::s32>},
    {"div_f32", make_plain<Op::DIV, Type::f32>},
    {"squared_difference_s8", make_scaled<Op::SQUARED_DIFFERENCE, Type::s8>},
    {"squared_difference_s16", make_scaled<Op::SQUARED_DIFFERENCE, Type::s16>},
    {"squared_difference_s32", make_plain<Op::SQUARED_DIFFERENCE, Type::s32>},
    {"squared_difference_f32", make_plain<Op::SQUARED_DIFFERENCE, Type::f32>},
    {"minimum_s8", make_of_one_scale<Op::MINIMUM, Type::s8>},
    {"minimum_s16", make_of_one_scale<Op::MINIMUM, Type::s16>},
    {"minimum_s32", make_plain<Op::MINIMUM, Type::s32>},
    {"minimum_s64", make_plain<Op::MINIMUM, Type::s64>},
    {"minimum_f32", make_plain<Op::MINIMUM, Type::f32>},
    {"maximum_s8", make_of_one_scale<Op::MAXIMUM, Type::s8>},
    {"maximum_s16", make_of_one_scale<Op::MAXIMUM, Type::s16>},
    {"maximum_s32", make_plain<Op::MAXIMUM, Type::s32>},
    {"maximum_s64", make_plain<Op::MAXIMUM, Type::s64>},
    {"maximum_f32", make_plain<Op::MAXIMUM, Type::f32>},
    {"floor_div_f32", make_whole_f32<Op::FLOOR_DIV, Against::micro_tolerance>},
    {"floor_div_signed_f32", make_plain<Op::FLOOR_DIV, Type::f32>},
    {"floor_div_s8", make_plain<Op::FLOOR_DIV, Type::s8, Type::s8, Against::litert_tolerance>},
    {"floor_div_s32", make_plain<Op::FLOOR_DIV, Type::s32, Type::s32, Against::litert_tolerance>},
    {"floor_mod_f32", make_whole_f32<Op::FLOOR_MOD, Against::micro>},
    {"floor_mod_signed_f32", make_plain<Op::FLOOR_MOD, Type::f32>},
    {"floor_mod_s8", make_plain<Op::FLOOR_MOD, Type::s8, Type::s8, Against::litert_tolerance>},
    {"floor_mod_s32", make_plain<Op::FLOOR_MOD, Type::s32, Type::s32, Against::litert_tolerance>},
    {"pow_f32", make_whole_f32<Op::POW, Against::litert_tolerance>},
    {"atan2_f32", make_atan2},
    {"bitwise_xor_s32",
     make_plain<Op::BITWISE_XOR, Type::s32, Type::s32, Against::litert_tolerance>},
    {"bitwise_xor_u8", make_plain<Op::BITWISE_XOR, Type::u8, Type::u8, Against::litert_tolerance>},
    {"right_shift_s32",
     make_plain<Op::RIGHT_SHIFT, Type::s32, Type::s32, Against::litert_tolerance>},
    {"right_shift_s8", make_plain<Op::RIGHT_SHIFT, Type::s8, Type::s8, Against::litert_tolerance>},
    {"right_shift_u8", make_plain<Op::RIGHT_SHIFT, Type::u8, Type::u8, Against::litert_tolerance>},
    {"logical_and", make_plain<Op::LOGICAL_AND, Type::boolean>},
    {"logical_or", make_plain<Op::LOGICAL_OR, Type::boolean>},
    {"logical_not", make_logical_not},
    {"equal_bool", make_plain<Op::EQUAL, Type::boolean>},
    {"not_equal_bool", make_plain<Op::NOT_EQUAL, Type::boolean>},
#define MOTE_COMPARISON(name, code)                                                 \
  {name "_s8", make_comparison_s8<code>}, {name "_f32", make_comparison_f32<code>}, \
      {name "_s32", make_plain<code, Type::s32, Type::boolean>}, {                  \
    name "_s64", make_plain<code, Type::s64, Type::boolean>                         \
  }
    MOTE_COMPARISON("equal", Op::EQUAL),
    MOTE_COMPARISON("not_equal", Op::NOT_EQUAL),
    MOTE_COMPARISON("less", Op::LESS),
    MOTE_COMPARISON("less_equal", Op::LESS_EQUAL),
    MOTE_COMPARISON("greater", Op::GREATER),
    MOTE_COMPARISON("greater_equal", Op::GREATER_EQUAL),
#undef MOTE_COMPARISON
    {"select_f32", make_select<Type::f32>},
    {"select_s8", make_select<Type::s8>},
    {"select_s16", make_select<Type::s16>},
    {"select_s32", make_select<Type::s32>},
    {"select_s64", make_select<Type::s64>},
    {"cast_f32_s8", make_cast<Type::f32, Type::s8>},
    {"cast_f32_s16", make_cast<Type::f32, Type::s16>},
    {"cast_f32_s32", make_cast<Type::f32, Type::s32>},
    {"cast_f32_u32", make_cast<Type::f32, Type::u32>},
    {"cast_s8_f32", make_cast<Type::s8, Type::f32>},
    {"cast_s8_s32", make_cast<Type::s8, Type::s32>},
    {"cast_s8_u32", make_cast<Type::s8, Type::u32>},
    {"cast_s16_s8", make_cast<Type::s16, Type::s8>},
    {"cast_s16_f32", make_cast<Type::s16, Type::f32>},
    {"cast_s32_s8", make_cast<Type::s32, Type::s8>},
    {"cast_s32_s16", make_cast<Type::s32, Type::s16>},
    {"cast_s32_f32", make_cast<Type::s32, Type::f32>},
    {"cast_u32_f32", make_cast<Type::u32, Type::f32>},
    {"cast_u32_s8", make_cast<Type::u32, Type::s8>},
    {"cast_bool_f32", make_cast<Type::boolean, Type::f32>},
    {"cast_bool_s8", make_cast<Type::boolean, Type::s8>},
    {"cast_bool_s32", make_cast<Type::boolean, Type::s32>},
    {"quantize_f32_s8", make_quantize<Type::f32, Type::s8>},
    {"quantize_f32_s16", make_quantize<Type::f32, Type::s16>},
    {"quantize_s8_s8", make_quantize<Type::s8, Type::s8>},
    {"quantize_s8_u8", make_quantize<Type::s8, Type::u8>},
    {"quantize_s8_s16", make_quantize<Type::s8, Type::s16>},
    {"quantize_s8_s32", make_quantize<Type::s8, Type::s32>},
    {"quantize_u8_s8", make_quantize<Type::u8, Type::s8>},
    {"quantize_s16_s8", make_quantize<Type::s16, Type::s8>},
    {"quantize_s16_s16", make_quantize<Type::s16, Type::s16>},
    {"quantize_s16_s32", make_quantize<Type::s16, Type::s32>},
    {"quantize_s32_s8", make_quantize<Type::s32, Type::s8>},
    {"quantize_s32_s16", make_quantize<Type::s32, Type::s16>},
    {"dequantize_s8", make_dequantize<Type::s8>},
    {"dequantize_u8", make_dequantize<Type::u8>},
    {"dequantize_s16", make_dequantize<Type::s16>},
    {"add_n_f32", make_add_n<Type::f32>},
    {"add_n_s8", make_add_n<Type::s8>},
};

}  // namespace

std::span<const ForeignFamily> foreign_elementwise() { return kFamilies; }

}  // namespace mote::conformance
