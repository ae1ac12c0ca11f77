// SPDX-License-Identifier: Apache-2.0
// Host half of select: [..., columns] -> [..., count]. See select.h.
#include "ops/dsp/select/select.h"

#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  const std::vector<int64_t>& indices = node.integers("indices");
  if (input.shape.empty() || indices.empty())
    node.refuse("wrong-shape", "select needs at least one dimension and one index");
  for (int64_t index : indices)
    if (index < 0 || index >= input.shape.back())
      node.refuse("wrong-index", "column " + std::to_string(index) + " is not in 0 .. " +
                                     std::to_string(input.shape.back() - 1));
  Shape shape = input.shape;
  shape.back() = int32_t(indices.size());
  return {{{input.type, shape, input.quantization, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const std::vector<int64_t>& indices = node.integers("indices");
  const int32_t columns = input.shape.back();
  const SelectParams params{int32_t(input.elements() / columns), columns, int32_t(indices.size()),
                            element_bytes(input.type)};
  return make_kernel_call("ops/dsp/select/select.h", MOTE_KERNEL(select), "SelectParams", params)
      .input(0)
      .constant("indices", ElementType::s16, std::vector<int16_t>(indices.begin(), indices.end()))
      .output();
}

}  // namespace

const OpDef select_op{
    .name = "select",
    .room = "dsp",
    .summary = "some columns of the last dimension",
    .attributes = {{"indices", {}, "columns to keep, in order"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
