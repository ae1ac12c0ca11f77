// SPDX-License-Identifier: Apache-2.0
// Operators of one operand and reductions. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

Attribute word(const char* text) { return std::string(text); }

// ---- one number from one -----------------------------------------------------------------------

void add_activation(OperatorView& op, const char* name) {
  op.set(op.add(activation_op, {op.input(0)}, op.with_output({{"activation", word(name)}})));
}
void import_relu(OperatorView& op) { add_activation(op, "relu"); }
void import_relu6(OperatorView& op) { add_activation(op, "relu6"); }
void import_relu_n1_to_1(OperatorView& op) { add_activation(op, "relu_n1_to_1"); }
void import_relu_0_to_1(OperatorView& op) { add_activation(op, "relu_0_to_1"); }

void import_logistic(OperatorView& op) { op.set(op.add(logistic_op, {op.input(0)})); }
void import_tanh(OperatorView& op) { op.set(op.add(tanh_op, {op.input(0)})); }

void add_unary(OperatorView& op, const char* function, std::vector<double> parameters = {}) {
  op.set(op.add(
      unary_op, {op.input(0)},
      op.with_output({{"function", word(function)}, {"parameters", std::move(parameters)}})));
}
void import_abs(OperatorView& op) { add_unary(op, "abs"); }
void import_ceil(OperatorView& op) { add_unary(op, "ceil"); }
void import_cos(OperatorView& op) { add_unary(op, "cos"); }
void import_elu(OperatorView& op) { add_unary(op, "elu"); }
void import_exp(OperatorView& op) { add_unary(op, "exp"); }
void import_floor(OperatorView& op) { add_unary(op, "floor"); }
void import_hard_swish(OperatorView& op) { add_unary(op, "hard_swish"); }
void import_log(OperatorView& op) { add_unary(op, "log"); }
void import_neg(OperatorView& op) { add_unary(op, "neg"); }
void import_round(OperatorView& op) { add_unary(op, "round"); }
void import_rsqrt(OperatorView& op) { add_unary(op, "rsqrt"); }
void import_sign(OperatorView& op) { add_unary(op, "sign"); }
void import_sin(OperatorView& op) { add_unary(op, "sin"); }
void import_sqrt(OperatorView& op) { add_unary(op, "sqrt"); }
void import_square(OperatorView& op) { add_unary(op, "square"); }

void import_gelu(OperatorView& op) {
  add_unary(op, op.options<format::GeluOptions>().approximate() ? "gelu_tanh" : "gelu");
}
void import_leaky_relu(OperatorView& op) {
  add_unary(op, "leaky_relu", {double(op.options<format::LeakyReluOptions>().alpha())});
}

void import_prelu(OperatorView& op) {
  op.set(op.add(prelu_op, {op.input(0), op.input(1)}, op.with_output({})));
}

// ---- normalisation -----------------------------------------------------------------------------

void import_log_softmax(OperatorView& op) { op.set(op.add(log_softmax_op, {op.input(0)})); }

void import_l2_normalization(OperatorView& op) {
  const auto fused = op.options<format::L2NormOptions>().fused_activation_function();
  if (fused != format::ActivationFunctionType::NONE)
    op.refuse("unknown-activation", "L2_NORMALIZATION with a fused activation",
              "put the activation behind it as an operator of its own");
  op.set(op.add(l2_normalization_op, {op.input(0)}));
}

void import_local_response_normalization(OperatorView& op) {
  const auto& options = op.options<format::LocalResponseNormalizationOptions>();
  op.set(op.add(local_response_normalization_op, {op.input(0)},
                {{"before", int64_t(options.radius())},
                 {"after", int64_t(options.radius())},
                 {"bias", double(options.bias())},
                 {"alpha", double(options.alpha())},
                 {"beta", double(options.beta())}}));
}

// ---- one number of many ------------------------------------------------------------------------

// The format's empty list of axes reduces nothing.
Attributes reduction(OperatorView& op) {
  const bool keep_dims = op.options<format::ReducerOptions>().keep_dims();
  const std::vector<int64_t> axes = op.integers(1);
  if (axes.empty())
    op.refuse("wrong-axes", "it reduces no dimension at all", "leave the operator out");
  return op.with_output({{"axes", axes}, {"keep_dims", int64_t(keep_dims)}});
}

void import_mean(OperatorView& op) { op.set(op.add(mean_op, {op.input(0)}, reduction(op))); }

void add_reduce(OperatorView& op, const char* function) {
  Attributes attributes = reduction(op);
  attributes["function"] = word(function);
  op.set(op.add(reduce_op, {op.input(0)}, attributes));
}
void import_all(OperatorView& op) { add_reduce(op, "all"); }
void import_any(OperatorView& op) { add_reduce(op, "any"); }
void import_max(OperatorView& op) { add_reduce(op, "max"); }
void import_min(OperatorView& op) { add_reduce(op, "min"); }
void import_prod(OperatorView& op) { add_reduce(op, "prod"); }
void import_sum(OperatorView& op) { add_reduce(op, "sum"); }

int64_t axis_of(OperatorView& op) {
  const std::vector<int64_t> axis = op.integers(1);
  if (axis.size() != 1)
    op.refuse("wrong-axes", "it has " + std::to_string(axis.size()) + " axes",
              "it takes exactly one");
  return axis[0];
}

void add_arg_extreme(OperatorView& op, const char* function) {
  const bool wide = op.out().type == format::TensorType::INT64;
  op.set(op.add(arg_extreme_op, {op.input(0)},
                {{"function", word(function)},
                 {"axis", axis_of(op)},
                 {"output_type", word(wide ? "s64" : "s32")}}));
}
void import_arg_max(OperatorView& op) { add_arg_extreme(op, "max"); }
void import_arg_min(OperatorView& op) { add_arg_extreme(op, "min"); }

void import_cumsum(OperatorView& op) {
  const auto& options = op.options<format::CumsumOptions>();
  op.set(op.add(cumsum_op, {op.input(0)},
                op.with_output({{"axis", axis_of(op)},
                                {"exclusive", int64_t(options.exclusive())},
                                {"reverse", int64_t(options.reverse())},
                                {"tflite_start", int64_t{1}}})));
}

constexpr ImportRule kRules[] = {
    {Op::ABS, import_abs},
    {Op::ARG_MAX, import_arg_max},
    {Op::ARG_MIN, import_arg_min},
    {Op::CEIL, import_ceil},
    {Op::COS, import_cos},
    {Op::CUMSUM, import_cumsum},
    {Op::ELU, import_elu},
    {Op::EXP, import_exp},
    {Op::FLOOR, import_floor},
    {Op::GELU, import_gelu},
    {Op::HARD_SWISH, import_hard_swish},
    {Op::L2_NORMALIZATION, import_l2_normalization},
    {Op::LEAKY_RELU, import_leaky_relu},
    {Op::LOCAL_RESPONSE_NORMALIZATION, import_local_response_normalization},
    {Op::LOG, import_log},
    {Op::LOGISTIC, import_logistic},
    {Op::LOG_SOFTMAX, import_log_softmax},
    {Op::MEAN, import_mean},
    {Op::NEG, import_neg},
    {Op::PRELU, import_prelu},
    {Op::REDUCE_ALL, import_all},
    {Op::REDUCE_ANY, import_any},
    {Op::REDUCE_MAX, import_max},
    {Op::REDUCE_MIN, import_min},
    {Op::REDUCE_PROD, import_prod},
    {Op::RELU, import_relu},
    {Op::RELU6, import_relu6},
    {Op::RELU_0_TO_1, import_relu_0_to_1},
    {Op::RELU_N1_TO_1, import_relu_n1_to_1},
    {Op::ROUND, import_round},
    {Op::RSQRT, import_rsqrt},
    {Op::SIGN, import_sign},
    {Op::SIN, import_sin},
    {Op::SQRT, import_sqrt},
    {Op::SQUARE, import_square},
    {Op::SUM, import_sum},
    {Op::TANH, import_tanh},
};

}  // namespace

std::span<const ImportRule> unary_rules() { return kRules; }

}  // namespace mote::tflite
