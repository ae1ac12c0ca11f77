// SPDX-License-Identifier: Apache-2.0
// Host half of write_variable: a value of the variable's type and shape; its output is the variable.
#include "ops/nn/write_variable/write_variable.h"

#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  const Value& variable = node.state(0);
  if (x.type != variable.type || x.shape != variable.shape)
    node.refuse("wrong-type", "the value is of another type or shape than the variable");
  return {{{variable.type, variable.shape, variable.quantization, x.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const VariableParams params{int32_t(node.state(0).bytes())};
  return make_kernel_call("ops/nn/write_variable/write_variable.h", MOTE_KERNEL(write_variable),
                          "VariableParams", params)
      .input(0)
      .state(0);
}

}  // namespace

const OpDef write_variable_op{
    .name = "write_variable",
    .room = "nn",
    .summary = "gives a variable of the graph a new value; any type",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .alias = Alias::state_view,
    .variable = VariableUse::writes,
};

}  // namespace mote
