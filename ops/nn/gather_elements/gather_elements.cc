// SPDX-License-Identifier: Apache-2.0
// Host half of gather_elements: inputs (x of any type, indices s32 of x's rank) -> the indices'
// shape. The rule of ONNX GatherElements.
#include "ops/nn/gather_elements/gather_elements.h"

#include "ops/nn/elements_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  elements_params(node);
  return moved(node, node.input(1).shape);
}

KernelCall lower(const NodeView& node) {
  return make_kernel_call("ops/nn/gather_elements/gather_elements.h", MOTE_KERNEL(gather_elements),
                          "ElementsParams", elements_params(node))
      .input_bytes(0)
      .input(1)
      .output();
}

}  // namespace

const OpDef gather_elements_op{
    .name = "gather_elements",
    .room = "nn",
    .summary = "for each index the number at that place along one dimension; any type",
    .attributes = {{"axis", Attribute(int64_t{0}), "the dimension; negative counts from the last"},
                   {"from_last", Attribute(int64_t{0}),
                    "1: negative indices count from the end; else they are taken as 0"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
