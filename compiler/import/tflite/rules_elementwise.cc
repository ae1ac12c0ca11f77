// SPDX-License-Identifier: Apache-2.0
// Operators of two operands, and changes of type and scale. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

void import_add(OperatorView& op) {
  const auto& options = op.options<format::AddOptions>();
  op.set(
      op.add(add_op, {op.input(0), op.input(1)},
             op.with_output({{"activation", op.activation(options.fused_activation_function())}})));
}

void import_quantize(OperatorView& op) {
  op.set(op.add(quantize_op, {op.input(0)}, op.with_output({})));
}

// float16 weights are float32 already; constants of few bits become float32 here.
void import_dequantize(OperatorView& op) {
  const ValueId x = op.input(0);
  op.set(op.is_constant(x) ? op.float_constant(0) : op.add(dequantize_op, {x}));
}

constexpr ImportRule kRules[] = {
    {Op::ADD, import_add},
    {Op::DEQUANTIZE, import_dequantize},
    {Op::QUANTIZE, import_quantize},
};

}  // namespace

std::span<const ImportRule> elementwise_rules() { return kRules; }

}  // namespace mote::tflite
