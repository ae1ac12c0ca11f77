// SPDX-License-Identifier: Apache-2.0
// lookup: inputs (x s8 of any shape, table s8 [256], constant) -> table[x + 128] of x's shape, at
// the scale that the attributes give. A function of one number as a format hands it over
// (ExecuTorch's cortex_m::quantized_activation). Kernel: ops/nn/lookup.h.
#include "ops/nn/lookup.h"

#include "ops/activation.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value &x = node.input(0), &table = node.input(1);
  if (x.type != ElementType::s8 || table.type != ElementType::s8)
    node.refuse("wrong-type",
                std::string("input is ") + to_string(x.type) + ", table " + to_string(table.type),
                "use s8 for both");
  if (table.kind != ValueKind::constant || table.elements() != 256)
    node.refuse("wrong-shape", "the table must be a constant of 256 numbers");
  ValueType type = like_input(node, x.shape);
  type.clock = x.clock;
  return {{type}, {}};
}

KernelCall lower(const NodeView& node) {
  const LookupParams params{int32_t(node.output().elements())};
  return make_kernel_call("ops/nn/lookup.h", MOTE_KERNEL(lookup_s8), "LookupParams", params)
      .input(0)
      .input(1)
      .output();
}

}  // namespace

const OpDef lookup_op{
    .name = "lookup",
    .room = "nn",
    .summary = "a function of one number as a constant table of its 256 values; s8",
    .attributes = output_quantization_attributes(),
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
