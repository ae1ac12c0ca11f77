// SPDX-License-Identifier: Apache-2.0
// Operators of several operands, broadcast, and changes of type. See rules.h.
#include <algorithm>
#include <cmath>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// ---- arithmetic --------------------------------------------------------------------------------

// The type that an operator's operands share: float32 where one is, else the wider integer. A
// number takes the tensors' type, unless it is real and they are not.
ElementType common_type(CallView& op, const std::vector<std::string>& names) {
  ElementType type = ElementType::boolean;
  bool real = false;
  for (const std::string& name : names) {
    if (op.is_number(name)) {
      const double number = op.number(name, 0);
      real = real || number != std::floor(number) || !std::isfinite(number);
      continue;
    }
    const ElementType other = op.value(op.tensor(name)).type;
    if (other == ElementType::f32) return other;
    const bool wider = element_bytes(other) > element_bytes(type);
    if (type == ElementType::boolean || wider) type = other;
  }
  return real ? ElementType::f32 : type;
}

// What the source says of the answer, else `otherwise`.
ElementType answer_type(CallView& op, ElementType otherwise) {
  const TensorMeta* said = op.output_meta(0);
  return said ? said->type : otherwise;
}

struct Operands {
  ValueId a, b;
};
Operands operands(CallView& op, ElementType type) {
  return {op.cast(op.operand("self", type), type), op.cast(op.operand("other", type), type)};
}

template <const OpDef& kOp>
void import_arithmetic(CallView& op) {
  const auto [a, b] = operands(op, answer_type(op, common_type(op, {"self", "other"})));
  op.set(op.add(kOp, {a, b}));
}

ValueId times(CallView& op, ValueId x, const std::string& name) {
  const double factor = op.number(name, 1);
  return factor == 1 ? x : op.add(mul_op, {x, op.scalar(op.value(x).type, factor)}, {}, "scaled");
}

// self + alpha other.
template <const OpDef& kOp>
void import_scaled(CallView& op) {
  const auto [a, b] = operands(op, answer_type(op, common_type(op, {"self", "other"})));
  op.set(op.add(kOp, {a, times(op, b, "alpha")}));
}

// other - alpha self.
void import_reverse_sub(CallView& op) {
  const auto [a, b] = operands(op, answer_type(op, common_type(op, {"self", "other"})));
  op.set(op.add(sub_op, {b, times(op, a, "alpha")}));
}

void import_div(CallView& op) {
  const auto [a, b] = operands(op, ElementType::f32);
  op.set(op.add(div_op, {a, b}));
}

void import_div_mode(CallView& op) {
  const std::string mode = op.text("rounding_mode", "");
  if (mode.empty()) return import_div(op);
  if (mode == "floor") return import_arithmetic<floor_div_op>(op);
  if (mode != "trunc") op.refuse("wrong-argument", "rounding_mode is \"" + mode + "\"");
  if (answer_type(op, common_type(op, {"self", "other"})) == ElementType::f32)
    op.refuse("wrong-argument", "real quotients are not cut to integers",
              "use rounding_mode=\"floor\"");
  import_arithmetic<div_op>(op);
}

void import_pow(CallView& op) {
  const bool plain = !op.is_number("self") && op.is_number("exponent");
  const ElementType type = answer_type(op, common_type(op, {"self", "exponent"}));
  const ValueId x = op.cast(op.operand("self", type), type);
  const double exponent = plain ? op.number("exponent", 0) : 0;
  if (plain && exponent == 2) return op.set(op.add(mul_op, {x, x}));
  if (plain && exponent == 0.5 && type == ElementType::f32) return op.set(op.unary("sqrt", x));
  op.set(op.add(pow_op, {x, op.cast(op.operand("exponent", type), type)}));
}

// self + value tensor1 tensor2, or tensor1 / tensor2.
template <const OpDef& kOp>
void import_add_of_two(CallView& op) {
  const ValueId some = op.add(kOp, {op.tensor("tensor1"), op.tensor("tensor2")}, {}, "both");
  op.set(op.add(add_op, {op.tensor("self"), times(op, some, "value")}));
}

// self + weight (end - self).
void import_lerp(CallView& op) {
  const ValueId x = op.float_tensor("self");
  const ValueId way = op.add(sub_op, {op.float_tensor("end"), x}, {}, "way");
  op.set(op.add(add_op, {x, times(op, way, "weight")}));
}

void import_atan2(CallView& op) {
  op.set(op.add(atan2_op, {op.float_tensor("self"), op.float_tensor("other")}));
}

// ---- truth -------------------------------------------------------------------------------------

template <const OpDef& kOp>
void import_comparison(CallView& op) {
  const auto [a, b] = operands(op, common_type(op, {"self", "other"}));
  op.set(op.add(kOp, {a, b}));
}

ValueId truth(CallView& op, ValueId x) {
  const ElementType type = op.value(x).type;
  return type == ElementType::boolean ? x
                                      : op.add(not_equal_op, {x, op.scalar(type, 0)}, {}, "truth");
}

template <const OpDef& kOp>
void import_logical(CallView& op) {
  op.set(op.add(kOp, {truth(op, op.tensor("self")), truth(op, op.tensor("other"))}));
}
void import_logical_not(CallView& op) {
  op.set(op.add(logical_not_op, {truth(op, op.tensor("self"))}));
}

template <const OpDef& kBits, const OpDef& kTruth>
void import_bitwise(CallView& op) {
  const ElementType type = common_type(op, {"self", "other"});
  const auto [a, b] = operands(op, type);
  op.set(op.add(type == ElementType::boolean ? kTruth : kBits, {a, b}));
}
void import_bitwise_not(CallView& op) {
  const ValueId x = op.tensor("self");
  const bool is_truth = op.value(x).type == ElementType::boolean;
  op.set(op.add(is_truth ? logical_not_op : bitwise_not_op, {x}));
}

void import_where(CallView& op) {
  const ElementType type = answer_type(op, common_type(op, {"self", "other"}));
  const auto [a, b] = operands(op, type);
  op.set(op.add(where_op, {truth(op, op.tensor("condition")), a, b}));
}

void import_masked_fill(CallView& op) {
  const ValueId x = op.tensor("self");
  const ElementType type = op.value(x).type;
  const ValueId mask = truth(op, op.tensor("mask"));
  op.set(op.add(where_op, {mask, op.cast(op.operand("value", type), type), x}));
}

void import_is_nan(CallView& op) {
  const ValueId x = op.float_tensor("self");
  op.set(op.add(not_equal_op, {x, x}));
}

// ---- types -------------------------------------------------------------------------------------

void import_to(CallView& op) {
  const ValueId x = op.tensor("self");
  op.set(op.cast(x, op.type("dtype").value_or(op.value(x).type)));
}
void import_type_as(CallView& op) {
  op.set(op.cast(op.tensor("self"), op.value(op.tensor("other")).type));
}

constexpr std::string_view kTwo = "self other", kScaled = "self other alpha";
constexpr std::string_view kThree = "self tensor1 tensor2 value", kWhere = "condition self other";
constexpr auto kBitAnd = import_bitwise<bitwise_and_op, logical_and_op>;
constexpr auto kBitOr = import_bitwise<bitwise_or_op, logical_or_op>;
constexpr auto kBitXor = import_bitwise<bitwise_xor_op, logical_xor_op>;

constexpr ImportRule kRules[] = {
    {"aten.__and__.Scalar", kTwo, kBitAnd},
    {"aten.__and__.Tensor", kTwo, kBitAnd},
    {"aten.__or__.Scalar", kTwo, kBitOr},
    {"aten.__or__.Tensor", kTwo, kBitOr},
    {"aten.__xor__.Scalar", kTwo, kBitXor},
    {"aten.__xor__.Tensor", kTwo, kBitXor},
    {"aten._to_copy.default", "self dtype layout device pin_memory non_blocking memory_format",
     import_to},
    {"aten.add.Scalar", kScaled, import_scaled<add_op>},
    {"aten.add.Tensor", kScaled, import_scaled<add_op>},
    {"aten.addcdiv.default", kThree, import_add_of_two<div_op>},
    {"aten.addcmul.default", kThree, import_add_of_two<mul_op>},
    {"aten.atan2.default", kTwo, import_atan2},
    {"aten.bitwise_and.Scalar", kTwo, kBitAnd},
    {"aten.bitwise_and.Tensor", kTwo, kBitAnd},
    {"aten.bitwise_not.default", "self", import_bitwise_not},
    {"aten.bitwise_or.Scalar", kTwo, kBitOr},
    {"aten.bitwise_or.Tensor", kTwo, kBitOr},
    {"aten.bitwise_xor.Scalar", kTwo, kBitXor},
    {"aten.bitwise_xor.Tensor", kTwo, kBitXor},
    {"aten.div.Scalar", kTwo, import_div},
    {"aten.div.Scalar_mode", "self other rounding_mode", import_div_mode},
    {"aten.div.Tensor", kTwo, import_div},
    {"aten.div.Tensor_mode", "self other rounding_mode", import_div_mode},
    {"aten.eq.Scalar", kTwo, import_comparison<equal_op>},
    {"aten.eq.Tensor", kTwo, import_comparison<equal_op>},
    {"aten.floor_divide.default", kTwo, import_arithmetic<floor_div_op>},
    {"aten.fmod.Scalar", kTwo, import_arithmetic<remainder_op>},
    {"aten.fmod.Tensor", kTwo, import_arithmetic<remainder_op>},
    {"aten.ge.Scalar", kTwo, import_comparison<greater_equal_op>},
    {"aten.ge.Tensor", kTwo, import_comparison<greater_equal_op>},
    {"aten.gt.Scalar", kTwo, import_comparison<greater_op>},
    {"aten.gt.Tensor", kTwo, import_comparison<greater_op>},
    {"aten.isnan.default", "self", import_is_nan},
    {"aten.le.Scalar", kTwo, import_comparison<less_equal_op>},
    {"aten.le.Tensor", kTwo, import_comparison<less_equal_op>},
    {"aten.lerp.Scalar", "self end weight", import_lerp},
    {"aten.logical_and.default", kTwo, import_logical<logical_and_op>},
    {"aten.logical_not.default", "self", import_logical_not},
    {"aten.logical_or.default", kTwo, import_logical<logical_or_op>},
    {"aten.logical_xor.default", kTwo, import_logical<logical_xor_op>},
    {"aten.lt.Scalar", kTwo, import_comparison<less_op>},
    {"aten.lt.Tensor", kTwo, import_comparison<less_op>},
    {"aten.masked_fill.Scalar", "self mask value", import_masked_fill},
    {"aten.masked_fill.Tensor", "self mask value", import_masked_fill},
    {"aten.max.other", kTwo, import_arithmetic<maximum_op>},
    {"aten.maximum.default", kTwo, import_arithmetic<maximum_op>},
    {"aten.min.other", kTwo, import_arithmetic<minimum_op>},
    {"aten.minimum.default", kTwo, import_arithmetic<minimum_op>},
    {"aten.mul.Scalar", kTwo, import_arithmetic<mul_op>},
    {"aten.mul.Tensor", kTwo, import_arithmetic<mul_op>},
    {"aten.ne.Scalar", kTwo, import_comparison<not_equal_op>},
    {"aten.ne.Tensor", kTwo, import_comparison<not_equal_op>},
    {"aten.pow.Scalar", "self exponent", import_pow},
    {"aten.pow.Tensor_Scalar", "self exponent", import_pow},
    {"aten.pow.Tensor_Tensor", "self exponent", import_pow},
    {"aten.remainder.Scalar", kTwo, import_arithmetic<floor_mod_op>},
    {"aten.remainder.Tensor", kTwo, import_arithmetic<floor_mod_op>},
    {"aten.rsub.Scalar", kScaled, import_reverse_sub},
    {"aten.rsub.Tensor", kScaled, import_reverse_sub},
    {"aten.sub.Scalar", kScaled, import_scaled<sub_op>},
    {"aten.sub.Tensor", kScaled, import_scaled<sub_op>},
    {"aten.to.device", "self device dtype non_blocking copy memory_format", import_to},
    {"aten.to.dtype", "self dtype non_blocking copy memory_format", import_to},
    {"aten.to.dtype_layout", "self dtype layout device pin_memory non_blocking copy memory_format",
     import_to},
    {"aten.type_as.default", kTwo, import_type_as},
    {"aten.where.Scalar", kWhere, import_where},
    {"aten.where.ScalarOther", kWhere, import_where},
    {"aten.where.ScalarSelf", kWhere, import_where},
    {"aten.where.self", kWhere, import_where},
    {"dim_order_ops._to_dim_order_copy.default",
     "self dtype layout device pin_memory non_blocking dim_order", import_to},
};

}  // namespace

std::span<const ImportRule> elementwise_rules() { return kRules; }

}  // namespace mote::pytorch
