// SPDX-License-Identifier: Apache-2.0
// Host half of pairwise_coupling: f32 [rows, pairs] -> f32 [rows, classes]. See
// pairwise_coupling.h.
#include "ops/nn/pairwise_coupling/pairwise_coupling.h"

#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

PairwiseCouplingParams params_of(const NodeView& node) {
  return {node.input(0).shape[0], int32_t(node.integer("classes"))};
}

Inference infer(const NodeView& node) {
  if (node.input_count() != 1 || !node.has_input(0))
    node.refuse("missing-input", "it has one input");
  const Value& pairs = node.input(0);
  const int64_t n = node.integer("classes");
  if (n < 2 || n > 256) node.refuse("wrong-attribute", "classes must lie in 2 .. 256");
  if (pairs.type != ElementType::f32) node.refuse("wrong-type", "the input must be f32");
  if (pairs.shape.size() != 2 || pairs.elements() < 1 || pairs.shape[1] != n * (n - 1) / 2)
    node.refuse("wrong-shape", "the input must be [rows, classes (classes - 1) / 2]");
  return {{{ElementType::f32, {pairs.shape[0], int32_t(n)}, {}, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const PairwiseCouplingParams params = params_of(node);
  return make_kernel_call("ops/nn/pairwise_coupling/pairwise_coupling.h",
                          MOTE_KERNEL(pairwise_coupling_f32), "PairwiseCouplingParams", params)
      .input(0)
      .scratch(int64_t(params.classes) * (params.classes + 1) * 4)
      .output();
}

}  // namespace

const OpDef pairwise_coupling_op{
    .name = "pairwise_coupling",
    .room = "nn",
    .summary = "probabilities of classes from those of every pair of them; f32",
    .attributes = {{"classes", {}, "how many"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
