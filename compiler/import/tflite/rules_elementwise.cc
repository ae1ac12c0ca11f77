// SPDX-License-Identifier: Apache-2.0
// Operators of two operands, and changes of type and scale. See rules.h.
#include "compiler/import/tflite/rules.h"
#include "graph/text.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

// Output 0 is `id`, reshaped where only dimensions of 1 differ (tensors of one element, which TFLM
// takes with any rank).
void set_elements(OperatorView& op, ValueId id) {
  const Shape& wanted = op.out().shape;
  const Shape& made = op.value(id).shape;
  if (made != wanted && element_count(made) == 1 && element_count(wanted) == 1)
    id = op.add(reshape_op, {id}, {{"shape", std::vector<int64_t>(wanted.begin(), wanted.end())}},
                "shape");
  op.set(id);
}

template <const OpDef& kOp>
void import_plain(OperatorView& op) {
  op.set(op.add(kOp, {op.input(0), op.input(1)}));
}

template <const OpDef& kOp>
void import_scaled(OperatorView& op) {
  op.set(op.add(kOp, {op.input(0), op.input(1)}, op.with_output({})));
}

// With a fused activation; none where the file has no options, as TFLM reads it.
template <const OpDef& kOp, class Options>
void import_arithmetic(OperatorView& op) {
  std::string activation = "none";
  if (op.op().table->builtin_options_type() != format::BuiltinOptions::NONE)
    activation = op.activation(op.options<Options>().fused_activation_function());
  const ValueId a = op.input(0);
  // TFLM adds int32 without the activation (micro/kernels/add.cc).
  if (&kOp == &add_op && op.value(a).type == ElementType::s32) activation = "none";
  op.set(op.add(kOp, {a, op.input(1)}, op.with_output({{"activation", activation}})));
}

void import_logical_not(OperatorView& op) { op.set(op.add(logical_not_op, {op.input(0)})); }

// More inputs than add_n takes are added to the sum so far, in the same order.
void import_add_n(OperatorView& op) {
  constexpr size_t kMost = 15;
  const std::vector<ValueId> all = op.inputs();
  std::vector<ValueId> inputs(all.begin(), all.begin() + std::min(all.size(), kMost));
  for (size_t next = inputs.size(); next < all.size();) {
    if (op.value(all[0]).type != ElementType::f32)
      op.refuse("too-large", "more than 15 quantised tensors are added", "add them in two steps");
    inputs = {op.add(add_n_op, inputs, {}, "first_" + std::to_string(next))};
    while (inputs.size() < kMost && next < all.size()) inputs.push_back(all[next++]);
  }
  op.set(op.add(add_n_op, inputs, op.with_output({})));
}

void import_select_v2(OperatorView& op) {
  set_elements(op, op.add(where_op, {op.input(0), op.input(1), op.input(2)}));
}

// The older form: a condition of one dimension chooses along the first one.
void import_select(OperatorView& op) {
  ValueId condition = op.input(0);
  const size_t rank = op.in(1).shape.size();
  if (op.in(0).shape.size() == 1 && rank > 1) {
    std::vector<int64_t> shape(rank, 1);
    shape[0] = op.in(0).shape[0];
    condition = op.add(reshape_op, {condition}, {{"shape", shape}}, "condition");
  }
  set_elements(op, op.add(where_op, {condition, op.input(1), op.input(2)}));
}

std::string output_type(OperatorView& op) {
  ElementType type = ElementType::f32;
  if (!element_type(op.out().type, type))
    op.refuse("wrong-type", std::string("output type ") +
                                format::EnumNameTensorType(op.out().type) + " is not taken");
  return to_string(type);
}

void import_cast(OperatorView& op) {
  op.set(op.add(cast_op, {op.input(0)}, {{"type", output_type(op)}}));
}

void import_quantize(OperatorView& op) {
  op.set(op.add(quantize_op, {op.input(0)}, op.with_output({{"output_type", output_type(op)}})));
}

// float16 weights are float32 already; constants of few bits become float32 here.
void import_dequantize(OperatorView& op) {
  const ValueId x = op.input(0);
  op.set(op.is_constant(x) ? op.float_constant(0) : op.add(dequantize_op, {x}));
}

constexpr ImportRule kRules[] = {
    {Op::ADD, import_arithmetic<add_op, format::AddOptions>},
    {Op::ADD_N, import_add_n},
    {Op::ATAN2, import_plain<atan2_op>},
    {Op::BITWISE_XOR, import_plain<bitwise_xor_op>},
    {Op::CAST, import_cast},
    {Op::DEQUANTIZE, import_dequantize},
    {Op::DIV, import_arithmetic<div_op, format::DivOptions>},
    {Op::EQUAL, import_plain<equal_op>},
    {Op::FLOOR_DIV, import_plain<floor_div_op>},
    {Op::FLOOR_MOD, import_plain<floor_mod_op>},
    {Op::GREATER, import_plain<greater_op>},
    {Op::GREATER_EQUAL, import_plain<greater_equal_op>},
    {Op::LESS, import_plain<less_op>},
    {Op::LESS_EQUAL, import_plain<less_equal_op>},
    {Op::LOGICAL_AND, import_plain<logical_and_op>},
    {Op::LOGICAL_NOT, import_logical_not},
    {Op::LOGICAL_OR, import_plain<logical_or_op>},
    {Op::MAXIMUM, import_plain<maximum_op>},
    {Op::MINIMUM, import_plain<minimum_op>},
    {Op::MUL, import_arithmetic<mul_op, format::MulOptions>},
    {Op::NOT_EQUAL, import_plain<not_equal_op>},
    {Op::POW, import_scaled<pow_op>},
    {Op::QUANTIZE, import_quantize},
    {Op::RIGHT_SHIFT, import_plain<shift_right_op>},
    {Op::SELECT, import_select},
    {Op::SELECT_V2, import_select_v2},
    {Op::SQUARED_DIFFERENCE, import_scaled<squared_difference_op>},
    {Op::SUB, import_arithmetic<sub_op, format::SubOptions>},
};

}  // namespace

std::span<const ImportRule> elementwise_rules() { return kRules; }

}  // namespace mote::tflite
