// SPDX-License-Identifier: Apache-2.0
// Host half of tree_ensemble: (x f32, roots, feature s16, threshold f32, children, weights f32,
// targets s16 or none, base f32 or none, flags u8 or none) -> f32 [rows, targets]. All but x are
// constants; every index in them is checked here. See tree_ensemble.h.
#include "ops/nn/tree_ensemble/tree_ensemble.h"

#include "ops/nn/scale_ratio.h"
#include "ops/nn/sequence_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kAggregates[] = {"sum", "average", "min", "max"};  // as TreeAggregate
enum Input : size_t {
  kX,
  kRoots,
  kFeature,
  kThreshold,
  kChildren,
  kWeights,
  kTargets,
  kBase,
  kFlags
};

TreeEnsembleParams params_of(const NodeView& node) {
  TreeEnsembleParams params{};
  params.rows = node.input(kX).shape[0];
  params.features = node.input(kX).shape[1];
  params.trees = node.input(kRoots).shape[0];
  params.targets = int32_t(node.integer("targets"));
  params.width = node.input(kWeights).shape[1];
  const std::string& name = node.text("aggregate");
  for (params.aggregate = 0; params.aggregate < 4; ++params.aggregate)
    if (name == kAggregates[params.aggregate]) return params;
  node.refuse("wrong-attribute", "aggregate is \"" + name + "\"", "use sum, average, min or max");
}

void expect_rank(const NodeView& node, size_t i, size_t rank) {
  if (!node.has_input(i))
    node.refuse("missing-input", "input " + std::to_string(i) + " is not given");
  const Value& value = node.input(i);
  if (value.shape.size() != rank || value.elements() < 1)
    node.refuse("wrong-shape", "input " + std::to_string(i) + " must have " + std::to_string(rank) +
                                   " dimensions");
  if (i != kX && value.kind != ValueKind::constant)
    node.refuse("not-constant", "\"" + value.name + "\" is computed, trees must be constant");
}

void check_shapes(const NodeView& node) {
  if (node.input_count() != 9) node.refuse("missing-input", "a tree ensemble has 9 inputs");
  for (size_t i : {kX, kChildren, kWeights}) expect_rank(node, i, 2);
  for (size_t i : {kRoots, kFeature, kThreshold}) expect_rank(node, i, 1);
  for (size_t i : {kTargets, kBase, kFlags})
    if (node.has_input(i)) expect_rank(node, i, 1);
  const int64_t targets = node.integer("targets");
  if (targets < 1 || targets > INT16_MAX)
    node.refuse("wrong-attribute", "targets must lie in 1 .. 32767");
  if (node.input(kX).shape[0] * targets > INT32_MAX / 4)
    node.refuse("wrong-shape", "the output is too large");
  const int32_t nodes = node.input(kFeature).shape[0], leaves = node.input(kWeights).shape[0];
  const ElementType index = node.input(kRoots).type;
  if (index != ElementType::s16 && index != ElementType::s32)
    node.refuse("wrong-type", "roots must be s16 or s32");
  expect_tensor(node, kX, ElementType::f32, node.input(kX).shape);
  expect_tensor(node, kFeature, ElementType::s16, {nodes});
  expect_tensor(node, kThreshold, ElementType::f32, {nodes});
  expect_tensor(node, kChildren, index, {nodes, 2});
  expect_tensor(node, kWeights, ElementType::f32, node.input(kWeights).shape);
  if (node.has_input(kTargets)) expect_tensor(node, kTargets, ElementType::s16, {leaves});
  if (node.has_input(kBase)) expect_tensor(node, kBase, ElementType::f32, {int32_t(targets)});
  if (node.has_input(kFlags)) expect_tensor(node, kFlags, ElementType::u8, {nodes});
}

// A node behind `at`, or a leaf.
void check_child(const NodeView& node, int64_t at, int64_t child) {
  const int64_t nodes = node.input(kFeature).shape[0], leaves = node.input(kWeights).shape[0];
  if (child >= nodes || child < -leaves)
    node.refuse("wrong-tree", "node " + std::to_string(at) + " leads to " + std::to_string(child) +
                                  ", which is neither node nor leaf");
  if (child >= 0 && child <= at)
    node.refuse("wrong-tree",
                "node " + std::to_string(at) + " leads back to node " + std::to_string(child));
}

template <class Index>
void check_indices(const NodeView& node) {
  const TreeEnsembleParams p = params_of(node);
  const Value& children = node.input(kChildren);
  for (int64_t i = 0; i < children.elements(); ++i)
    check_child(node, i / 2, children.as<Index>()[i]);
  for (int32_t t = 0; t < p.trees; ++t) check_child(node, -1, node.input(kRoots).as<Index>()[t]);
  const auto* feature = node.input(kFeature).as<int16_t>();
  for (int32_t i = 0; i < node.input(kFeature).shape[0]; ++i)
    if (feature[i] < 0 || feature[i] >= p.features)
      node.refuse("wrong-tree", "node " + std::to_string(i) + " asks for feature " +
                                    std::to_string(feature[i]) + " of " +
                                    std::to_string(p.features));
  for (int32_t leaf = 0; leaf < node.input(kWeights).shape[0]; ++leaf) {
    const int32_t first = node.has_input(kTargets) ? node.input(kTargets).as<int16_t>()[leaf] : 0;
    if (first < 0 || int64_t(first) + p.width > p.targets)
      node.refuse("wrong-tree", "leaf " + std::to_string(leaf) + " is for target " +
                                    std::to_string(first) + " of " + std::to_string(p.targets));
  }
}

bool is_wide(const NodeView& node) { return node.input(kRoots).type == ElementType::s32; }

Inference infer(const NodeView& node) {
  check_shapes(node);
  if (is_wide(node))
    check_indices<int32_t>(node);
  else
    check_indices<int16_t>(node);
  const TreeEnsembleParams p = params_of(node);
  return {{{ElementType::f32, {p.rows, p.targets}, {}, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const Kernel kernel =
      is_wide(node) ? MOTE_KERNEL(tree_ensemble_s32) : MOTE_KERNEL(tree_ensemble_s16);
  KernelCall call = make_kernel_call("ops/nn/tree_ensemble/tree_ensemble.h", kernel,
                                     "TreeEnsembleParams", params_of(node));
  for (size_t i = kX; i <= kFlags; ++i) add_optional(call, node, i);
  return call.output();
}

}  // namespace

const OpDef tree_ensemble_op{
    .name = "tree_ensemble",
    .room = "nn",
    .summary = "weights of the leaves of decision trees, summed, averaged, least or largest; f32",
    .attributes = {{"targets", {}, "how many numbers a row becomes"},
                   {"aggregate", Attribute(std::string("sum")), "sum, average, min or max"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
