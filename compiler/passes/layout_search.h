// SPDX-License-Identifier: Apache-2.0
// The choice of a frame for every node, so that the fewest bytes are transposed. In: a graph. Out:
// frames. Reshapes and transposes are no nodes here: each value is a *root* (something computes it)
// or a root in another order. A reader that wants a root in an order other than the one that its
// maker gives costs a transpose of the root's bytes; readers that want the same order share it.
#pragma once
#include "compiler/passes/layout_rules.h"

namespace mote {

class LayoutSearch {
 public:
  // `work`: how many steps it may take; when they are spent it keeps the best it has.
  LayoutSearch(const Graph& graph, int64_t work);

  // From the frames as they are to the best found.
  void run();

  // What the frames cost: bytes that transposes move.
  int64_t cost() const;
  const Frame& frame(size_t node) const { return frames_[node]; }
  void set_frame(size_t node, Frame frame) { frames_[node] = std::move(frame); }
  const LayoutRule& rule(size_t node) const { return rules_[node]; }

  // Whether a node is a view or a transpose that needs no work of its own.
  bool is_relabel(size_t node) const { return relabel_[node]; }
  ValueId root(ValueId id) const { return root_[size_t(id)]; }
  // A value's row-major order in its root's index.
  const Order& label(ValueId id) const { return label_[size_t(id)]; }
  // How the maker of `root` gives it, and how input i of a node wants its root; in the root's
  // index. None: the root cannot lie like that.
  Order given(ValueId root) const { return given(root, frame_of_maker(root)); }
  std::optional<Order> wanted(size_t node, size_t i) const {
    return wanted(node, i, frames_[node]);
  }
  // Other frames of a node that a neighbour would have it in.
  std::vector<Frame> alternatives(size_t node) const;

 private:
  struct Reader {
    size_t node;
    size_t input;
  };
  struct Move;

  void label_values();
  bool label_node(size_t n);
  void make_root(size_t n);
  bool break_before(size_t n);
  void collect_readers();
  Order given(ValueId root, const Frame& frame) const;
  std::optional<Order> wanted(size_t node, size_t i, const Frame& frame) const;
  const Frame& frame_of_maker(ValueId root) const;
  bool is_constant(ValueId id) const { return graph_.value(id).kind == ValueKind::constant; }
  bool is_movable(size_t node) const { return rules_[node].movable(); }

  int64_t cost_of(ValueId root) const;
  std::vector<ValueId> roots_of(size_t node) const;
  std::optional<Frame> maker_frame(ValueId root, const Order& order) const;
  std::optional<Frame> reader_frame(const Reader& reader, const Order& order) const;

  bool improve();
  bool try_from(size_t node, const Frame& frame);
  Move spread(size_t node, const Frame& frame);
  void spread_over(ValueId root, const Order& order, Move& move);
  bool cut(Move& move);
  bool apply(const Move& move, const std::vector<bool>& moved);
  bool descend();

  const Graph& graph_;
  int64_t work_;
  std::vector<LayoutRule> rules_;
  std::vector<Frame> frames_;
  std::vector<bool> relabel_;
  std::vector<ValueId> root_;
  std::vector<Order> label_;
  std::vector<int32_t> maker_;  // node of a root; -1: a stream, a constant
  std::vector<size_t> maker_output_;
  std::vector<std::vector<Reader>> readers_;  // of a root, through all its names
  std::vector<std::vector<Order>> outside_;   // of a root: orders of the graph's outputs
  std::vector<std::vector<std::pair<size_t, Frame>>> tried_;  // of a node, since the last success
};

}  // namespace mote
