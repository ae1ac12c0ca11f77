// SPDX-License-Identifier: Apache-2.0
// Operators of one operand. See rules.h.
#include <algorithm>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// Rows whose function is one of ours without parameters.
struct Plain {
  std::string_view name;
  const char* function;
};
constexpr Plain kPlain[] = {{"Abs", "abs"},           {"Acos", "acos"},
                            {"Acosh", "acosh"},       {"Asin", "asin"},
                            {"Asinh", "asinh"},       {"Atan", "atan"},
                            {"Atanh", "atanh"},       {"Ceil", "ceil"},
                            {"Cos", "cos"},           {"Cosh", "cosh"},
                            {"Erf", "erf"},           {"Exp", "exp"},
                            {"Floor", "floor"},       {"HardSwish", "hard_swish"},
                            {"Log", "log"},           {"Mish", "mish"},
                            {"Neg", "neg"},           {"Reciprocal", "reciprocal"},
                            {"Round", "round"},       {"Sign", "sign"},
                            {"Sin", "sin"},           {"Sinh", "sinh"},
                            {"Softplus", "softplus"}, {"Softsign", "softsign"},
                            {"Sqrt", "sqrt"},         {"Tan", "tan"}};

void import_plain(OperatorView& op) {
  const auto* row = std::find_if(std::begin(kPlain), std::end(kPlain),
                                 [&](const Plain& plain) { return plain.name == op.type(); });
  if (op.is_empty(0)) return op.set(op.any_input(0));
  op.set(op.unary(row->function, op.input(0)));
}

void import_celu(OperatorView& op) {
  op.set(op.unary("celu", op.input(0), {op.number("alpha", 1)}));
}
void import_elu(OperatorView& op) { op.set(op.unary("elu", op.input(0), {op.number("alpha", 1)})); }
void import_gelu(OperatorView& op) {
  const bool tanh = op.text("approximate", "none") == "tanh";
  op.set(op.unary(tanh ? "gelu_tanh" : "gelu", op.input(0)));
}
void import_hard_sigmoid(OperatorView& op) {
  op.set(op.unary("hard_sigmoid", op.input(0),
                  {op.number("alpha", double(0.2f)), op.number("beta", 0.5)}));
}
void import_leaky_relu(OperatorView& op) {
  op.set(op.unary("leaky_relu", op.input(0), {op.number("alpha", double(0.01f))}));
}
void import_selu(OperatorView& op) {
  op.set(op.unary("selu", op.input(0),
                  {op.number("alpha", 1.67326319217681884765625),
                   op.number("gamma", 1.05070102214813232421875)}));
}
void import_thresholded_relu(OperatorView& op) {
  op.set(op.unary("thresholded_relu", op.input(0), {op.number("alpha", 1)}));
}
void import_relu(OperatorView& op) {
  const ValueId x = op.input(0);
  if (!op.is_float(x)) return op.set(op.add(maximum_op, {x, op.scalar(op.value(x).type, 0)}));
  op.set(op.add(activation_op, {x}, {{"activation", std::string("relu")}}));
}
void import_sigmoid(OperatorView& op) { op.set(op.add(logistic_op, {op.input(0)})); }
void import_tanh(OperatorView& op) { op.set(op.add(tanh_op, {op.input(0)})); }

// x sigmoid(alpha x).
void import_swish(OperatorView& op) {
  const ValueId x = op.input(0);
  const double alpha = op.number("alpha", 1);
  if (alpha == 1) return op.set(op.unary("silu", x));
  const ValueId scaled = op.add(mul_op, {x, op.scalar(ElementType::f32, alpha)}, {}, "scaled");
  op.set(op.add(mul_op, {x, op.add(logistic_op, {scaled}, {}, "gate")}));
}

// x + bias below -lambd, x - bias above lambd, 0 between.
void import_shrink(OperatorView& op) {
  const ValueId x = op.input(0);
  const double bias = op.number("bias", 0), lambd = op.number("lambd", 0.5);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const auto number = [&](double n) { return op.scalar(ElementType::f32, n); };
  const ValueId above = op.add(greater_op, {x, number(lambd)}, {}, "above");
  const ValueId below = op.add(less_op, {x, number(-lambd)}, {}, "below");
  const ValueId high = op.add(sub_op, {x, number(bias)}, {}, "high");
  const ValueId low = op.add(add_op, {x, number(bias)}, {}, "low");
  const ValueId upper = op.add(where_op, {above, high, number(0)}, {}, "upper");
  op.set(op.add(where_op, {below, low, upper}));
}

constexpr ImportRule kRules[] = {
    {"Abs", import_plain},
    {"Acos", import_plain},
    {"Acosh", import_plain},
    {"Asin", import_plain},
    {"Asinh", import_plain},
    {"Atan", import_plain},
    {"Atanh", import_plain},
    {"Ceil", import_plain},
    {"Celu", import_celu},
    {"Cos", import_plain},
    {"Cosh", import_plain},
    {"Elu", import_elu},
    {"Erf", import_plain},
    {"Exp", import_plain},
    {"Floor", import_plain},
    {"Gelu", import_gelu},
    {"HardSigmoid", import_hard_sigmoid},
    {"HardSwish", import_plain},
    {"LeakyRelu", import_leaky_relu},
    {"Log", import_plain},
    {"Mish", import_plain},
    {"Neg", import_plain},
    {"Reciprocal", import_plain},
    {"Relu", import_relu},
    {"Round", import_plain},
    {"Selu", import_selu},
    {"Shrink", import_shrink},
    {"Sigmoid", import_sigmoid},
    {"Sign", import_plain},
    {"Sin", import_plain},
    {"Sinh", import_plain},
    {"Softplus", import_plain},
    {"Softsign", import_plain},
    {"Sqrt", import_plain},
    {"Swish", import_swish},
    {"Tan", import_plain},
    {"Tanh", import_tanh},
    {"ThresholdedRelu", import_thresholded_relu},
};

}  // namespace

std::span<const ImportRule> unary_rules() { return kRules; }

}  // namespace mote::onnx
