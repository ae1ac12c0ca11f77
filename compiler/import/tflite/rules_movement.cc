// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers unchanged. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

// What only changes the shape: the file says the new one, which the reader has checked. Where it is
// the old one, nothing is left.
void import_reshape(OperatorView& op) {
  const ValueId x = op.input(0);
  const Shape& shape = op.out().shape;
  if (op.value(x).shape == shape) return op.set(x);
  op.set(op.add(reshape_op, {x}, {{"shape", std::vector<int64_t>(shape.begin(), shape.end())}}));
}

void import_concatenation(OperatorView& op) {
  const auto& options = op.options<format::ConcatenationOptions>();
  if (op.activation(options.fused_activation_function()) != "none")
    op.refuse("wrong-activation", "a concatenation with a fused activation is not taken",
              "write the activation as a layer of its own");
  op.set(op.add(concatenate_op, op.inputs(), {{"axis", int64_t(options.axis())}}));
}

constexpr ImportRule kRules[] = {
    {Op::CONCATENATION, import_concatenation},
    {Op::EXPAND_DIMS, import_reshape},
    {Op::RESHAPE, import_reshape},
    {Op::SQUEEZE, import_reshape},
};

}  // namespace

std::span<const ImportRule> movement_rules() { return kRules; }

}  // namespace mote::tflite
