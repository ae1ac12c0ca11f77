// SPDX-License-Identifier: Apache-2.0
// See pair_layer.h.
#include "ops/nn/pair_layer.h"

namespace mote {

Inference infer_plain_pair(const NodeView& node, const KernelsOfTypes& kernels) {
  for (size_t i = 0; i < 2; ++i)
    if (!node.input(i).quantization.empty())
      node.refuse("wrong-quantization", "input " + std::to_string(i) + " has a scale",
                  "dequantize it, or use numbers that mean themselves");
  return infer_pair_of_one_scale(node, kernels);
}

Inference infer_pair_of_one_scale(const NodeView& node, const KernelsOfTypes& kernels) {
  expect_same_types(node, 0, 2);
  expect_same_scale(node, 0);
  const Value& a = node.input(0);
  kernel_of_type(node, 0, kernels);
  if (a.quantization.scales.size() > 1)
    node.refuse("wrong-quantization", "input 0 must have one scale");
  return {{{a.type, broadcast_shape(node, 2), a.quantization, joint_clock(node)}}, {}};
}

KernelCall lower_pair(const NodeView& node, const char* header, const KernelsOfTypes& kernels) {
  return pair_call(header, kernel_of_type(node, 0, kernels), "PairParams",
                   with_pair_walk(node, PairParams{}));
}

}  // namespace mote
