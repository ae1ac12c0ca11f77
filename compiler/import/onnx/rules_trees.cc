// SPDX-License-Identifier: Apache-2.0
// Decision trees of domain ai.onnx.ml. In: nodes as lists of attributes, by number of tree and node
// (opset 1 to 4) or by position (TreeEnsemble). Out: branches of two kinds, x <= threshold and x ==
// threshold (forest.h). See scores.h.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/import/onnx/forest.h"
#include "compiler/import/onnx/scores.h"
#include "ops/nn/tree_ensemble/tree_ensemble.h"

namespace mote::onnx {
namespace {

enum class Mode { leq, lt, gte, gt, eq, neq, member, leaf };
constexpr const char* kModes[] = {"BRANCH_LEQ", "BRANCH_LT",  "BRANCH_GTE",    "BRANCH_GT",
                                  "BRANCH_EQ",  "BRANCH_NEQ", "BRANCH_MEMBER", "LEAF"};

// x < t is x <= the number below t; the others are these with their children swapped, where what is
// no number keeps going to false (but is not equal to anything).
void set_question(OperatorView& op, Branch& b, Mode mode, float value, bool missing_is_true) {
  if (std::isnan(value)) op.refuse("wrong-tree", b.name + " compares with what is no number");
  const bool equal = mode == Mode::eq || mode == Mode::neq;
  const bool swapped = mode == Mode::gte || mode == Mode::gt || mode == Mode::neq;
  if (mode == Mode::lt || mode == Mode::gte)
    value = std::nextafterf(value, -std::numeric_limits<float>::infinity());
  b.threshold = value;
  if (swapped) std::swap(b.child[0], b.child[1]);
  const bool to_true = mode == Mode::neq ? false : swapped ? !missing_is_true : missing_is_true;
  b.flags = uint8_t((equal ? kTreeEqual : 0) | (to_true ? kTreeMissingIsTrue : 0));
}

// ---- opset 1 to 4: lists by number of tree and node --------------------------------------------

class Lists {
 public:
  explicit Lists(OperatorView& op) : op_(op) {
    trees_ = op.integers("nodes_treeids");
    nodes_ = op.integers("nodes_nodeids");
    op.ignore("nodes_hitrates");
    for (const char* name :
         {"nodes_values_as_tensor", "nodes_hitrates_as_tensor", "base_values_as_tensor",
          "class_weights_as_tensor", "target_weights_as_tensor"})
      if (op.has(name))
        op.refuse("wrong-type", std::string(name) + " holds numbers of float64",
                  "export the model with float32 inputs");
    expect(nodes_.size(), "nodes_nodeids");
    for (size_t i = 0; i < trees_.size(); ++i)
      if (!places_.emplace(std::pair(trees_[i], nodes_[i]), i).second)
        op.refuse("wrong-tree", name(i) + " stands twice in nodes_nodeids");
  }

  Forest forest(const char* prefix) {
    Forest forest;
    read_nodes(forest);
    read_weights(forest, prefix);
    forest.base = op_.numbers("base_values");
    forest.whole = true;
    return forest;
  }
  // The targets that weights are for.
  const std::set<int64_t>& targets() const { return targets_; }
  bool all_positive() const { return all_positive_; }

 private:
  std::string name(size_t i) const {
    return "node " + std::to_string(nodes_[i]) + " of tree " + std::to_string(trees_[i]);
  }
  void expect(size_t size, const char* list) {
    if (size != trees_.size())
      op_.refuse("wrong-tree", std::string(list) + " has " + std::to_string(size) +
                                   " numbers, nodes_treeids " + std::to_string(trees_.size()));
  }

  void read_modes() {
    for (const std::string& text : op_.texts("nodes_modes")) {
      size_t m = 0;
      while (m < std::size(kModes) && text != kModes[m]) ++m;
      if (m == std::size(kModes) || Mode(m) == Mode::member)
        op_.refuse("wrong-tree", "nodes_modes holds \"" + text + "\"");
      modes_.push_back(Mode(m));
    }
    expect(modes_.size(), "nodes_modes");
  }

  // What node i is in the forest.
  void number_nodes(Forest& forest) {
    for (size_t i = 0; i < trees_.size(); ++i) {
      const bool leaf = modes_[i] == Mode::leaf;
      ids_.push_back(leaf ? ~int64_t(forest.leaves.size()) : int64_t(forest.branches.size()));
      if (leaf)
        forest.leaves.emplace_back();
      else
        forest.branches.emplace_back();
    }
  }

  int64_t child(size_t i, int64_t node, const char* list, std::vector<bool>& is_child) {
    const auto at = places_.find({trees_[i], node});
    if (at == places_.end())
      op_.refuse("wrong-tree", name(i) + " leads to node " + std::to_string(node) +
                                   ", which the tree has not (" + list + ")");
    is_child[at->second] = true;
    return ids_[at->second];
  }

  void read_nodes(Forest& forest) {
    read_modes();
    number_nodes(forest);
    const List features = op_.integers("nodes_featureids"), yes = op_.integers("nodes_truenodeids"),
               no = op_.integers("nodes_falsenodeids"),
               missing = op_.integers("nodes_missing_value_tracks_true");
    const std::vector<double> values = op_.numbers("nodes_values");
    expect(features.size(), "nodes_featureids");
    expect(yes.size(), "nodes_truenodeids");
    expect(no.size(), "nodes_falsenodeids");
    expect(values.size(), "nodes_values");
    if (!missing.empty()) expect(missing.size(), "nodes_missing_value_tracks_true");
    std::vector<bool> is_child(trees_.size());
    for (size_t i = 0; i < trees_.size(); ++i) {
      if (modes_[i] == Mode::leaf) continue;
      Branch& b = forest.branches[size_t(ids_[i])];
      b.name = name(i);
      b.feature = features[i];
      b.child[0] = child(i, no[i], "nodes_falsenodeids", is_child);
      b.child[1] = child(i, yes[i], "nodes_truenodeids", is_child);
      set_question(op_, b, modes_[i], float(values[i]), !missing.empty() && missing[i] != 0);
    }
    find_roots(forest, is_child);
  }

  // The one node of each tree that no other leads to.
  void find_roots(Forest& forest, const std::vector<bool>& is_child) {
    std::map<int64_t, int64_t> roots;
    for (size_t i = 0; i < trees_.size(); ++i)
      if (!is_child[i] && !roots.emplace(trees_[i], ids_[i]).second)
        op_.refuse("wrong-tree", name(i) + " is a second root of its tree");
    for (size_t i = 0; i < trees_.size(); ++i)
      if (!roots.count(trees_[i]))
        op_.refuse("wrong-tree", name(i) + " lies on a cycle, its tree has no root",
                   "export the model again");
    for (const auto& [tree, root] : roots) forest.roots.push_back(root);
  }

  // A branch's weights count for nothing.
  void read_weights(Forest& forest, const std::string& prefix) {
    const List trees = op_.integers(prefix + "_treeids"), nodes = op_.integers(prefix + "_nodeids"),
               ids = op_.integers(prefix + "_ids");
    const std::vector<double> weights = op_.numbers(prefix + "_weights");
    if (nodes.size() != trees.size() || ids.size() != trees.size() ||
        weights.size() != trees.size())
      op_.refuse("wrong-tree", "the lists " + prefix + "_... have different lengths");
    const bool least = op_.text("aggregate_function", "SUM") == "MIN";
    const bool largest = op_.text("aggregate_function", "SUM") == "MAX";
    for (size_t i = 0; i < trees.size(); ++i) {
      const auto at = places_.find({trees[i], nodes[i]});
      if (at == places_.end())
        op_.refuse("wrong-tree", prefix + "_nodeids names node " + std::to_string(nodes[i]) +
                                     " of tree " + std::to_string(trees[i]) + ", which it has not");
      targets_.insert(ids[i]);
      all_positive_ = all_positive_ && weights[i] >= 0;
      if (ids_[at->second] >= 0) continue;
      const auto weight = float(weights[i]);
      const auto [entry, is_new] = forest.leaves[size_t(~ids_[at->second])].emplace(ids[i], weight);
      if (is_new) continue;
      entry->second = least     ? std::min(entry->second, weight)
                      : largest ? std::max(entry->second, weight)
                                : entry->second + weight;
    }
  }

  OperatorView& op_;
  List trees_, nodes_;
  std::map<std::pair<int64_t, int64_t>, size_t> places_;
  std::vector<Mode> modes_;
  std::vector<int64_t> ids_;
  std::set<int64_t> targets_;
  bool all_positive_ = true;
};

std::string aggregate_named(OperatorView& op) {
  const std::string name = op.text("aggregate_function", "SUM");
  for (const auto& [theirs, ours] :
       {std::pair("SUM", "sum"), {"AVERAGE", "average"}, {"MIN", "min"}, {"MAX", "max"}})
    if (name == theirs) return ours;
  op.refuse("wrong-attribute", "aggregate_function is \"" + name + "\"");
}

// ---- TreeEnsemble: lists by position -----------------------------------------------------------

std::vector<float> tensor_numbers(OperatorView& op, const char* name) {
  const auto* tensor = op.tensor(name);
  if (!tensor) return {};
  const Tensor read = read_tensor(*tensor, op.place());
  if (read.type != ElementType::f32)
    op.refuse("wrong-type", std::string(name) + " must be float32");
  const auto* data = reinterpret_cast<const float*>(read.data.data());
  return {data, data + read.data.size() / 4};
}

// A set as a chain of questions of one number each.
void add_member(Forest& forest, size_t at, const std::vector<float>& set, bool missing_is_true) {
  const Branch asked = forest.branches[at];
  size_t here = at;
  for (size_t i = 0; i < set.size(); ++i) {
    const bool last = i + 1 == set.size();
    const int64_t next = last ? asked.child[0] : int64_t(forest.branches.size());
    if (!last) forest.branches.push_back(asked);
    Branch& b = forest.branches[here];
    b.threshold = set[i];
    b.flags = uint8_t(kTreeEqual | (missing_is_true ? kTreeMissingIsTrue : 0));
    b.child[0] = next;
    here = size_t(next);
  }
  if (!set.empty()) return;
  forest.branches[at].child[1] = asked.child[0];
}

class Positions {
 public:
  explicit Positions(OperatorView& op) : op_(op) {}

  Forest forest() {
    Forest forest;
    forest.targets = op_.integer("n_targets");
    constexpr const char* kAggregates[] = {"average", "sum", "min", "max"};
    const int64_t aggregate = op_.integer("aggregate_function", 1);
    if (aggregate < 0 || aggregate > 3)
      op_.refuse("wrong-attribute", "aggregate_function is " + std::to_string(aggregate));
    forest.aggregate = kAggregates[aggregate];
    read_leaves(forest);
    read_branches(forest);
    for (int64_t root : op_.integers("tree_roots"))
      forest.roots.push_back(child(forest, root, false, "tree_roots"));
    return forest;
  }

 private:
  void read_leaves(Forest& forest) {
    const std::vector<float> weights = tensor_numbers(op_, "leaf_weights");
    const List targets = op_.integers("leaf_targetids");
    if (weights.size() != targets.size())
      op_.refuse("wrong-tree", "leaf_weights and leaf_targetids have different lengths");
    for (size_t i = 0; i < weights.size(); ++i) forest.leaves.push_back({{targets[i], weights[i]}});
  }

  int64_t child(const Forest& forest, int64_t number, bool leaf, const std::string& where) const {
    const size_t count = leaf ? forest.leaves.size() : nodes_;
    if (number < 0 || number >= int64_t(count))
      op_.refuse("wrong-tree", where + " names " + (leaf ? "leaf " : "node ") +
                                   std::to_string(number) + " of " + std::to_string(count));
    return leaf ? ~number : number;
  }

  std::vector<Mode> modes() {
    const auto* tensor = op_.tensor("nodes_modes");
    if (!tensor) op_.refuse("wrong-attribute", "attribute \"nodes_modes\" is missing");
    const Tensor read = read_tensor(*tensor, op_.place());
    if (read.type != ElementType::u8) op_.refuse("wrong-type", "nodes_modes must be uint8");
    std::vector<Mode> all;
    for (uint8_t mode : read.data) {
      if (mode > 6) op_.refuse("wrong-tree", "nodes_modes holds " + std::to_string(mode));
      all.push_back(Mode(mode));
    }
    return all;
  }

  // The next set of membership_values; what is no number parts them.
  std::vector<float> next_set() {
    std::vector<float> set;
    while (member_ < members_.size() && !std::isnan(members_[member_]))
      set.push_back(members_[member_++]);
    if (member_ < members_.size()) ++member_;
    return set;
  }

  void read_branches(Forest& forest) {
    const std::vector<Mode> mode = modes();
    nodes_ = mode.size();
    const std::vector<float> splits = tensor_numbers(op_, "nodes_splits");
    members_ = tensor_numbers(op_, "membership_values");
    op_.ignore("nodes_hitrates");
    const List features = op_.integers("nodes_featureids"), yes = op_.integers("nodes_truenodeids"),
               no = op_.integers("nodes_falsenodeids"), yes_leaf = op_.integers("nodes_trueleafs"),
               no_leaf = op_.integers("nodes_falseleafs"),
               missing = op_.integers("nodes_missing_value_tracks_true");
    for (size_t size : {splits.size(), features.size(), yes.size(), no.size(), yes_leaf.size(),
                        no_leaf.size(), missing.empty() ? nodes_ : missing.size()})
      if (size != nodes_) op_.refuse("wrong-tree", "the lists nodes_... have different lengths");
    forest.branches.resize(nodes_);
    for (size_t i = 0; i < nodes_; ++i) {
      Branch& b = forest.branches[i];
      b.name = "node " + std::to_string(i);
      b.feature = features[i];
      b.child[0] = child(forest, no[i], no_leaf[i] != 0, b.name + " in nodes_falsenodeids");
      b.child[1] = child(forest, yes[i], yes_leaf[i] != 0, b.name + " in nodes_truenodeids");
      if (mode[i] != Mode::member)
        set_question(op_, b, mode[i], splits[i], !missing.empty() && missing[i] != 0);
    }
    for (size_t i = 0; i < nodes_; ++i)
      if (mode[i] == Mode::member)
        add_member(forest, i, next_set(), !missing.empty() && missing[i] != 0);
  }

  OperatorView& op_;
  size_t nodes_ = 0, member_ = 0;
  std::vector<float> members_;
};

// Two classes with weights for one of them only: one score s. Positive weights are probabilities, s
// > 0.5 is the second class; else s > 0. Weights under the first class's number are the second's.
void import_binary(OperatorView& op, const Lists& lists, Forest forest, const Labels& labels) {
  const std::string transform = op.text("post_transform", "NONE");
  const int64_t id = *lists.targets().begin();
  forest.targets = 1;
  for (Leaf& leaf : forest.leaves)
    if (!leaf.empty()) leaf = {{0, leaf.begin()->second}};
  if ((id != 0 && id != 1) || forest.base.size() > (id == 0 ? 1 : 0))
    op.refuse("unsupported-option", "mote takes no base_values of both of two classes",
              "give one, for the score of the second class");
  const ValueId s = add_forest(op, forest);
  set_label(op, labels, is_above(op, s, lists.all_positive() ? 0.5 : 0));
  if (id == 1) {
    const ValueId zeros = op.add(mul_op, {s, op.scalar(ElementType::f32, 0)}, {}, "first");
    return op.set(1, transformed(op, op.move().concatenate({zeros, s}, 1), transform));
  }
  if (transform != "NONE" && transform != "LOGISTIC")
    op.refuse("unsupported-option",
              "mote takes no post_transform " + transform + " of one score for two classes");
  if (lists.all_positive()) return op.set(1, with_complement(op, s));
  op.set(1, transformed(op, with_negative(op, s), transform));
}

}  // namespace

// onnxruntime does not transform a single score but by PROBIT, the specification does.
void import_tree_regressor(OperatorView& op) {
  Forest forest = Lists(op).forest("target");
  forest.targets = op.integer("n_targets", 1);
  forest.aggregate = aggregate_named(op);
  const std::string transform = op.text("post_transform", "NONE");
  if (forest.targets == 1 && transform != "NONE" && transform != "PROBIT")
    op.refuse("unsupported-option",
              "runtimes disagree about post_transform " + transform + " of one target",
              "export it with NONE and put the function behind it");
  op.set(transformed(op, add_forest(op, forest), transform));
}

void import_tree_ensemble(OperatorView& op) {
  constexpr const char* kTransforms[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
  const int64_t transform = op.integer("post_transform", 0);
  if (transform < 0 || transform > 4)
    op.refuse("wrong-attribute", "post_transform is " + std::to_string(transform));
  op.set(transformed(op, add_forest(op, Positions(op).forest()), kTransforms[transform]));
}

void import_tree_classifier(OperatorView& op) {
  const Labels labels = read_labels(op, "classlabels_int64s", "classlabels_strings");
  Lists lists(op);
  Forest forest = lists.forest("class");
  forest.targets = labels.count();
  if (labels.count() == 2 && lists.targets().size() == 1)
    return import_binary(op, lists, std::move(forest), labels);
  // onnxruntime's label is then whether the second score is above 0, the specification's the
  // larger.
  if (labels.count() == 2 && (op.has_output(0) || !forest.base.empty()))
    op.refuse("unsupported-option",
              "runtimes disagree about the label of two classes with weights for both",
              "export weights of the second class alone, or leave the label unused");
  const ValueId scores = add_forest(op, forest);
  set_label(op, labels, best_class(op, scores));
  op.set(1, transformed(op, scores, op.text("post_transform", "NONE")));
}

}  // namespace mote::onnx
