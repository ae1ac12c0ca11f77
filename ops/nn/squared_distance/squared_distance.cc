// SPDX-License-Identifier: Apache-2.0
// Host half of squared_distance: (x, centers) f32 -> f32 [rows, centers]. See squared_distance.h.
#include "ops/nn/squared_distance/squared_distance.h"

#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

SquaredDistanceParams params_of(const NodeView& node) {
  return {node.input(0).shape[0], node.input(1).shape[0], node.input(0).shape[1]};
}

Inference infer(const NodeView& node) {
  if (node.input_count() != 2 || !node.has_input(0) || !node.has_input(1))
    node.refuse("missing-input", "it has two inputs");
  const Value &x = node.input(0), &centers = node.input(1);
  if (x.type != ElementType::f32 || centers.type != ElementType::f32)
    node.refuse("wrong-type", "the inputs must be f32");
  if (x.shape.size() != 2 || centers.shape.size() != 2 || x.shape[1] != centers.shape[1] ||
      x.elements() < 1 || centers.elements() < 1)
    node.refuse("wrong-shape", "the inputs must be [rows, features] and [centers, features]");
  if (int64_t(x.shape[0]) * centers.shape[0] > INT32_MAX / 4)
    node.refuse("wrong-shape", "the output is too large");
  return {{{ElementType::f32, {x.shape[0], centers.shape[0]}, {}, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  return make_kernel_call("ops/nn/squared_distance/squared_distance.h",
                          MOTE_KERNEL(squared_distance_f32), "SquaredDistanceParams",
                          params_of(node))
      .input(0)
      .input(1)
      .output();
}

int64_t macs(const NodeView& node) {
  const SquaredDistanceParams p = params_of(node);
  return int64_t(p.rows) * p.centers * p.features;
}

}  // namespace

const OpDef squared_distance_op{
    .name = "squared_distance",
    .room = "nn",
    .summary = "squared Euclidean distance of every row to every center; f32",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
