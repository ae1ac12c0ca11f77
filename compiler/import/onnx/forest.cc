// SPDX-License-Identifier: Apache-2.0
// See forest.h.
#include "compiler/import/onnx/forest.h"

#include <algorithm>
#include <cmath>

#include "compiler/import/onnx/scores.h"
#include "ops/nn/tree_ensemble/tree_ensemble.h"

namespace mote::onnx {
namespace {

// The branches that the roots lead to, each behind its parents.
class Order {
 public:
  Order(OperatorView& op, const Forest& forest) : op_(op), forest_(forest) {}

  std::vector<int64_t> run() {
    find_reached();
    for (size_t i = 0; forest_.whole && i < seen_.size(); ++i)
      if (!seen_[i])
        op_.refuse(
            "wrong-tree",
            forest_.branches[i].name + " lies on a cycle, its tree's root does not lead to it",
            "export the model again");
    for (int64_t root : forest_.roots)
      if (root >= 0 && parents_[size_t(root)] == 0) take(root);
    while (!open_.empty()) {
      const int64_t at = open_.back();
      open_.pop_back();
      order_.push_back(at);
      for (int64_t child : forest_.branches[size_t(at)].child)
        if (child >= 0 && --parents_[size_t(child)] == 0) take(child);
    }
    if (order_.size() < reached_) refuse_cycle();
    return std::move(order_);
  }

 private:
  void take(int64_t at) {
    if (taken_[size_t(at)]) return;
    taken_[size_t(at)] = true;
    open_.push_back(at);
  }

  void find_reached() {
    parents_.assign(forest_.branches.size(), 0);
    seen_.assign(forest_.branches.size(), false);
    std::vector<int64_t> open;
    const auto reach = [&](int64_t at) {
      if (at < 0 || seen_[size_t(at)]) return;
      seen_[size_t(at)] = true;
      ++reached_;
      open.push_back(at);
    };
    for (int64_t root : forest_.roots) reach(root);
    while (!open.empty()) {
      const Branch& b = forest_.branches[size_t(open.back())];
      open.pop_back();
      for (int64_t child : b.child) {
        if (child >= 0) ++parents_[size_t(child)];
        reach(child);
      }
    }
    taken_.assign(forest_.branches.size(), false);
  }

  [[noreturn]] void refuse_cycle() {
    for (size_t i = 0; i < parents_.size(); ++i)
      if (parents_[i] > 0)
        op_.refuse("wrong-tree", forest_.branches[i].name + " lies on a cycle",
                   "export the model again");
    op_.refuse("wrong-tree", "its trees have a cycle", "export the model again");
  }

  OperatorView& op_;
  const Forest& forest_;
  std::vector<int64_t> order_, open_;
  std::vector<int64_t> parents_;
  std::vector<bool> seen_, taken_;
  size_t reached_ = 0;
};

// ---- packing -----------------------------------------------------------------------------------

constexpr int64_t kMostWeights = 1 << 22;

bool is_single(const Forest& forest) {
  return std::all_of(forest.leaves.begin(), forest.leaves.end(),
                     [](const Leaf& leaf) { return leaf.size() <= 1; });
}

// Each different leaf once; one weight a leaf where none has more, else one for each target.
struct PackedLeaves {
  std::vector<int64_t> number;  // of each leaf of the forest
  std::vector<float> weights;
  std::vector<int16_t> targets;
  int64_t width = 1;
  int32_t count = 0;
};

float no_weight(const Forest& forest) {
  if (forest.aggregate == "min") return kTreeNothing;
  return forest.aggregate == "max" ? -kTreeNothing : 0.0f;
}

PackedLeaves packed(const Forest& forest) {
  PackedLeaves out;
  const bool single = is_single(forest);
  out.width = single ? 1 : forest.targets;
  std::map<std::pair<int64_t, std::vector<float>>, int64_t> known;
  for (const Leaf& leaf : forest.leaves) {
    const int64_t first = single && !leaf.empty() ? leaf.begin()->first : 0;
    std::vector<float> row(size_t(out.width), no_weight(forest));
    for (const auto& [target, weight] : leaf) row[size_t(target - first)] = weight;
    const auto [at, is_new] = known.try_emplace({first, row}, out.count);
    out.number.push_back(at->second);
    if (!is_new) continue;
    ++out.count;
    out.weights.insert(out.weights.end(), row.begin(), row.end());
    out.targets.push_back(int16_t(first));
  }
  return out;
}

template <class Index>
std::vector<Index> as(const std::vector<int64_t>& list) {
  return {list.begin(), list.end()};
}

struct PackedTrees {
  std::vector<int64_t> roots, children;
  std::vector<int16_t> features;
  std::vector<float> thresholds;
  std::vector<uint8_t> flags;
};

PackedTrees packed(OperatorView& op, const Forest& forest, const PackedLeaves& leaves) {
  const std::vector<int64_t> order = Order(op, forest).run();
  std::vector<int64_t> place(forest.branches.size());
  for (size_t i = 0; i < order.size(); ++i) place[size_t(order[i])] = int64_t(i);
  const auto moved = [&](int64_t child) {
    return child >= 0 ? place[size_t(child)] : ~leaves.number[size_t(~child)];
  };
  PackedTrees out;
  for (int64_t root : forest.roots) out.roots.push_back(moved(root));
  for (int64_t at : order) {
    const Branch& b = forest.branches[size_t(at)];
    out.features.push_back(int16_t(b.feature));
    out.thresholds.push_back(b.threshold);
    out.flags.push_back(b.flags);
    for (int64_t child : b.child) out.children.push_back(moved(child));
  }
  if (order.empty()) {  // leaves alone: a branch that nothing leads to, tables are not empty
    out.features = {0};
    out.thresholds = {0};
    out.flags = {0};
    out.children = {-1, -1};
  }
  return out;
}

void check(OperatorView& op, ValueId x, const Forest& forest) {
  if (forest.roots.empty()) op.refuse("wrong-tree", "it has no trees");
  if (forest.targets < 1 || forest.targets > INT16_MAX)
    op.refuse("wrong-attribute", "it has " + std::to_string(forest.targets) + " targets",
              "1 to 32767 are taken");
  const int64_t features = std::min<int64_t>(op.shape(x)[1], INT16_MAX);
  for (const Branch& b : forest.branches)
    if (b.feature < 0 || b.feature >= features)
      op.refuse("wrong-tree", b.name + " asks for feature " + std::to_string(b.feature) +
                                  ", its input has " + std::to_string(features));
  for (const Leaf& leaf : forest.leaves)
    for (const auto& [target, weight] : leaf)
      if (target < 0 || target >= forest.targets || !std::isfinite(weight))
        op.refuse("wrong-tree", "a leaf has weight " + std::to_string(weight) + " for target " +
                                    std::to_string(target) + " of " +
                                    std::to_string(forest.targets));
  if (!is_single(forest) && int64_t(forest.leaves.size()) * forest.targets > kMostWeights)
    op.refuse("too-large", "its leaves hold more than " + std::to_string(kMostWeights) + " weights",
              "mote is for microcontrollers; use fewer or smaller trees");
}

}  // namespace

ValueId add_forest(OperatorView& op, const Forest& forest) {
  const ValueId x = feature_rows(op);
  check(op, x, forest);
  if (!forest.base.empty() && int64_t(forest.base.size()) != forest.targets)
    op.refuse("wrong-attribute", "base_values must be one a target");
  const PackedLeaves leaves = packed(forest);
  const PackedTrees trees = packed(op, forest, leaves);
  const auto nodes = int32_t(trees.features.size());
  const bool narrow = std::max(nodes, leaves.count) <= INT16_MAX;
  const auto index = [&](const Shape& shape, const std::vector<int64_t>& list) {
    return narrow ? op.constant(ElementType::s16, shape, as<int16_t>(list))
                  : op.constant(ElementType::s32, shape, as<int32_t>(list));
  };
  const ValueId roots = index({int32_t(trees.roots.size())}, trees.roots);
  const ValueId features = op.constant(ElementType::s16, {nodes}, trees.features);
  const ValueId thresholds = op.constant(ElementType::f32, {nodes}, trees.thresholds);
  const ValueId children = index({nodes, 2}, trees.children);
  const ValueId weights =
      op.constant(ElementType::f32, {leaves.count, int32_t(leaves.width)}, leaves.weights);
  const bool spread = leaves.width < forest.targets;
  const bool flags = std::any_of(trees.flags.begin(), trees.flags.end(), [](auto f) { return f; });
  const ValueId targets =
      spread ? op.constant(ElementType::s16, {leaves.count}, leaves.targets) : -1;
  const ValueId base =
      forest.base.empty() ? -1
                          : op.constant(ElementType::f32, {int32_t(forest.targets)},
                                        std::vector<float>(forest.base.begin(), forest.base.end()));
  const ValueId mask = flags ? op.constant(ElementType::u8, {nodes}, trees.flags) : -1;
  return op.add(tree_ensemble_op,
                {x, roots, features, thresholds, children, weights, targets, base, mask},
                {{"targets", forest.targets}, {"aggregate", forest.aggregate}}, "trees");
}

}  // namespace mote::onnx
