// SPDX-License-Identifier: Apache-2.0
// Operators of one operand and reductions. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

void import_activation(OperatorView& op, const char* name) {
  op.set(op.add(activation_op, {op.input(0)}, op.with_output({{"activation", std::string(name)}})));
}
void import_relu(OperatorView& op) { import_activation(op, "relu"); }
void import_relu6(OperatorView& op) { import_activation(op, "relu6"); }
void import_relu_n1_to_1(OperatorView& op) { import_activation(op, "relu_n1_to_1"); }

void import_logistic(OperatorView& op) { op.set(op.add(logistic_op, {op.input(0)})); }
void import_tanh(OperatorView& op) { op.set(op.add(tanh_op, {op.input(0)})); }

void import_mean(OperatorView& op) {
  const bool keep_dims = op.options<format::ReducerOptions>().keep_dims();
  op.set(op.add(mean_op, {op.input(0)},
                op.with_output({{"axes", op.integers(1)}, {"keep_dims", int64_t(keep_dims)}})));
}

constexpr ImportRule kRules[] = {
    {Op::LOGISTIC, import_logistic},
    {Op::MEAN, import_mean},
    {Op::RELU, import_relu},
    {Op::RELU6, import_relu6},
    {Op::RELU_N1_TO_1, import_relu_n1_to_1},
    {Op::TANH, import_tanh},
};

}  // namespace

std::span<const ImportRule> unary_rules() { return kRules; }

}  // namespace mote::tflite
