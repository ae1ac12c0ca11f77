// SPDX-License-Identifier: Apache-2.0
// Operators of several operands, broadcast, and changes of type. See rules.h.
#include <limits>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// Where an input has no elements: none, of the shape that both broadcast to.
bool set_nothing(OperatorView& op) {
  if (!op.is_empty(0) && !op.is_empty(1)) return false;
  List a = dims(op.shape(op.any_input(0))), b = dims(op.shape(op.any_input(1)));
  if (a.size() < b.size()) std::swap(a, b);
  b.insert(b.begin(), a.size() - b.size(), 1);
  for (size_t d = 0; d < a.size(); ++d) {
    if (a[d] != b[d] && a[d] != 1 && b[d] != 1)
      op.refuse("wrong-shape", "its inputs' shapes do not fit");
    if (a[d] == 1) a[d] = b[d];
  }
  op.set_empty(0, op.value(op.any_input(0)).type, a);
  return true;
}

template <const OpDef& kOp>
void import_arithmetic(OperatorView& op) {
  if (!set_nothing(op)) op.set(op.add(kOp, {op.input(0), op.input(1)}));
}

template <const OpDef& kOp>
void import_binary(OperatorView& op) {
  op.set(op.add(kOp, {op.input(0), op.input(1)}));
}

void import_not(OperatorView& op) { op.set(op.add(logical_not_op, {op.input(0)})); }
void import_bitwise_not(OperatorView& op) { op.set(op.add(bitwise_not_op, {op.input(0)})); }

// From the left, as many as there are.
template <const OpDef& kOp>
ValueId chain(OperatorView& op) {
  const std::vector<ValueId> all = op.inputs();
  if (all.empty()) op.refuse("no-input", "it has no inputs");
  ValueId sum = all[0];
  for (size_t i = 1; i < all.size(); ++i) sum = op.add(kOp, {sum, all[i]});
  return sum;
}
template <const OpDef& kOp>
void import_chain(OperatorView& op) {
  op.set(chain<kOp>(op));
}

void import_mean(OperatorView& op) {
  const ValueId sum = chain<add_op>(op);
  if (!op.is_float(sum)) op.refuse("wrong-type", "its inputs must be float32");
  op.set(op.add(div_op, {sum, op.scalar(ElementType::f32, double(op.input_count()))}));
}

// The exponent may be of another type. An integer to the power of a float is computed in float;
// what falls short of a whole number by a rounding counts as that number.
void import_pow(OperatorView& op) {
  const ValueId x = op.input(0), exponent = op.input(1);
  if (!op.is_float(x) && op.is_float(exponent)) {
    const ValueId real = op.cast(x, ElementType::f32);
    const ValueId power = op.add(pow_op, {real, exponent}, {}, "power");
    const ValueId more = op.scalar(ElementType::f32, 1 + 1.0 / (1 << 21));
    return op.set(op.cast(op.add(mul_op, {power, more}, {}, "whole"), op.value(x).type));
  }
  op.set(op.add(pow_op, {x, op.cast(exponent, op.value(x).type)}));
}

void import_mod(OperatorView& op) {
  const bool fmod = op.integer("fmod", 0) != 0;
  op.set(op.add(fmod ? remainder_op : floor_mod_op, {op.input(0), op.input(1)}));
}

void import_bit_shift(OperatorView& op) {
  const std::string direction = op.text("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    op.refuse("wrong-attribute", "direction is \"" + direction + "\"", "use LEFT or RIGHT");
  op.set(op.add(direction == "LEFT" ? shift_left_op : shift_right_op, {op.input(0), op.input(1)}));
}

void import_where(OperatorView& op) {
  op.set(op.add(where_op, {op.input(0), op.input(1), op.input(2)}));
}

// The activation that clamps to these constants; empty: none does.
std::string clamp_named(OperatorView& op, ValueId low, ValueId high) {
  const auto is = [&](ValueId id, float number) {
    return id >= 0 && op.is_constant(id) && op.is_float(id) && op.value(id).elements() == 1 &&
           *op.value(id).as<float>() == number;
  };
  if (is(low, 0) && high < 0) return "relu";
  if (is(low, 0) && is(high, 6)) return "relu6";
  if (is(low, 0) && is(high, 1)) return "relu_0_to_1";
  if (is(low, -1) && is(high, 1)) return "relu_n1_to_1";
  return "";
}

// Attributes before opset 11, inputs since.
void import_clip(OperatorView& op) {
  ValueId x = op.input(0), low = -1, high = -1;
  if (op.opset() < 11) {
    if (op.has("min")) low = op.scalar(op.value(x).type, op.number("min", 0));
    if (op.has("max")) high = op.scalar(op.value(x).type, op.number("max", 0));
  } else {
    low = op.optional_input(1);
    high = op.optional_input(2);
  }
  const std::string named = op.is_float(x) ? clamp_named(op, low, high) : "";
  if (!named.empty()) return op.set(op.add(activation_op, {x}, {{"activation", named}}));
  if (low >= 0) x = op.add(maximum_op, {x, low}, {}, "min");
  if (high >= 0) x = op.add(minimum_op, {x, high});
  op.set(x);
}

void import_prelu(OperatorView& op) { op.set(op.add(prelu_op, {op.input(0), op.input(1)})); }

void cast_to(OperatorView& op, int32_t to) {
  ElementType type = ElementType::f32;
  if (!element_type(to, type))
    op.refuse("wrong-type", "it casts to " + type_name(to), "use float32 or an integer type");
  op.ignore("saturate");
  op.ignore("round_mode");
  if (op.is_empty(0)) return op.set_empty(0, type, dims(op.shape(op.any_input(0))));
  op.set(op.cast(op.input(0), type));
}
void import_cast(OperatorView& op) { cast_to(op, int32_t(op.integer("to"))); }
void import_cast_like(OperatorView& op) {
  op.ignore("saturate");
  op.ignore("round_mode");
  op.set(op.cast(op.input(0), op.value(op.input(1)).type));
}

// Infinite numbers never come from a sensor, but a model may ask.
void import_is_inf(OperatorView& op) {
  const ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const bool low = op.integer("detect_negative", 1) != 0;
  const bool high = op.integer("detect_positive", 1) != 0;
  const double infinity = std::numeric_limits<double>::infinity();
  if (!low && !high) return op.set(op.add(less_op, {x, x}));
  const ValueId compared = low && high ? op.unary("abs", x) : x;
  op.set(op.add(equal_op, {compared, op.scalar(ElementType::f32, high ? infinity : -infinity)}));
}
void import_is_nan(OperatorView& op) {
  const ValueId x = op.input(0);
  op.set(op.add(not_equal_op, {x, x}));
}

constexpr ImportRule kRules[] = {
    {"Add", import_arithmetic<add_op>},
    {"And", import_binary<logical_and_op>},
    {"BitShift", import_bit_shift},
    {"BitwiseAnd", import_binary<bitwise_and_op>},
    {"BitwiseNot", import_bitwise_not},
    {"BitwiseOr", import_binary<bitwise_or_op>},
    {"BitwiseXor", import_binary<bitwise_xor_op>},
    {"Cast", import_cast},
    {"CastLike", import_cast_like},
    {"Clip", import_clip},
    {"Div", import_arithmetic<div_op>},
    {"Equal", import_binary<equal_op>},
    {"Greater", import_binary<greater_op>},
    {"GreaterOrEqual", import_binary<greater_equal_op>},
    {"IsInf", import_is_inf},
    {"IsNaN", import_is_nan},
    {"Less", import_binary<less_op>},
    {"LessOrEqual", import_binary<less_equal_op>},
    {"Max", import_chain<maximum_op>},
    {"Mean", import_mean},
    {"Min", import_chain<minimum_op>},
    {"Mod", import_mod},
    {"Mul", import_arithmetic<mul_op>},
    {"Not", import_not, "", "", 1},
    {"Or", import_binary<logical_or_op>},
    {"PRelu", import_prelu},
    {"Pow", import_pow},
    {"Sub", import_arithmetic<sub_op>},
    {"Sum", import_chain<add_op>},
    {"Where", import_where},
    {"Xor", import_binary<logical_xor_op>},
};

}  // namespace

std::span<const ImportRule> elementwise_rules() { return kRules; }

}  // namespace mote::onnx
