// SPDX-License-Identifier: Apache-2.0
// transpose: dimension d of the output is dimension perm[d] of the input. Any element type, rank at
// most 8 -> the same numbers. One strided_copy. The scales of a tensor quantised per channel follow
// their dimension.
#include <algorithm>

#include "ops/nn/movement.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

std::vector<size_t> permutation(const NodeView& node) {
  const size_t rank = node.input(0).shape.size();
  std::vector<size_t> perm;
  for (int64_t d : node.integers("perm")) {
    const int64_t from = d < 0 ? d + int64_t(rank) : d;
    if (from < 0 || from >= int64_t(rank) ||
        std::find(perm.begin(), perm.end(), size_t(from)) != perm.end())
      node.refuse("wrong-attribute", "perm is no permutation of the dimensions");
    perm.push_back(size_t(from));
  }
  if (perm.size() != rank)
    node.refuse("wrong-attribute",
                "perm must name each of the " + std::to_string(rank) + " dimensions once");
  return perm;
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  const Value& input = node.input(0);
  const std::vector<size_t> perm = permutation(node);
  Shape shape;
  for (size_t d : perm) shape.push_back(input.shape[d]);
  Quantization quantization = input.quantization;
  if (quantization.scales.size() > 1) {
    const auto axis = std::find(perm.begin(), perm.end(), size_t(quantization.axis));
    if (axis == perm.end()) node.refuse("wrong-quantization", "the axis of the scales is none");
    quantization.axis = int32_t(axis - perm.begin());
  }
  return {{{input.type, shape, quantization, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const std::vector<int64_t> in = strides_of(node.input(0).shape);
  const std::vector<int64_t> out = strides_of(node.output().shape);
  const std::vector<size_t> perm = permutation(node);
  std::vector<Loop> loops;
  for (size_t d = 0; d < perm.size(); ++d)
    loops.push_back({node.output().shape[d], in[perm[d]], out[d]});
  return strided_copy_call(node, loops, 0);
}

}  // namespace

const OpDef transpose_op{
    .name = "transpose",
    .room = "nn",
    .summary = "dimensions in another order; any type",
    .attributes = {{"perm", {}, "which dimension of the input each dimension of the output is"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
