// SPDX-License-Identifier: Apache-2.0
// Host half of read_variable: its input is only what lets it run (any value of the same push); its
// output has the variable's type, shape and scale.
#include "ops/nn/read_variable/read_variable.h"

#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& variable = node.state(0);
  return {{{variable.type, variable.shape, variable.quantization, node.input(0).clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const VariableParams params{int32_t(node.state(0).bytes())};
  return make_kernel_call("ops/nn/read_variable/read_variable.h", MOTE_KERNEL(read_variable),
                          "VariableParams", params)
      .state(0)
      .output();
}

}  // namespace

const OpDef read_variable_op{
    .name = "read_variable",
    .room = "nn",
    .summary = "what a variable of the graph holds; any type",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .variable = VariableUse::reads,
};

}  // namespace mote
