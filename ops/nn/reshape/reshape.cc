// SPDX-License-Identifier: Apache-2.0
// reshape: the same elements in the same order under another shape, a view without a kernel. Input
// of any type and shape -> the shape in attribute `shape`; one -1 in it stands for what is left.
#include "graph/quantizer.h"
#include "ops/registry.h"

namespace mote {
namespace {

[[noreturn]] void refuse_shape(const NodeView& node) {
  node.refuse("wrong-shape",
              "the shape does not hold the input's " + std::to_string(node.input(0).elements()) +
                  " elements",
              "give dimensions of that product; one of them may be -1");
}

Shape wanted_shape(const NodeView& node) {
  Shape shape;
  int64_t known = 1;
  int32_t open = -1;
  for (int64_t d : node.integers("shape")) {
    if (d == -1 && open < 0)
      open = int32_t(shape.size());
    else if (d < 1 || d > INT32_MAX || known > INT64_MAX / d)
      refuse_shape(node);
    else
      known *= d;
    shape.push_back(int32_t(d));
  }
  const int64_t elements = node.input(0).elements();
  if (elements % known != 0 || (open < 0 && known != elements)) refuse_shape(node);
  if (open >= 0) shape[size_t(open)] = int32_t(elements / known);
  return shape;
}

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  // The axis of the scales would lose its meaning.
  if (input.quantization.scales.size() > 1)
    node.refuse("wrong-quantization", "a tensor quantised per channel cannot be reshaped");
  return {{{input.type, wanted_shape(node), input.quantization, input.clock}}, {}};
}

}  // namespace

const OpDef reshape_op{
    .name = "reshape",
    .room = "nn",
    .summary = "another shape for the same elements; nothing is copied",
    .attributes = {{"shape", {}, "the new dimensions; one may be -1"}},
    .infer = infer,
    .quantize = quantize_same_scale,
    .alias = Alias::view,
};

}  // namespace mote
