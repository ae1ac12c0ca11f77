// SPDX-License-Identifier: Apache-2.0
// How each operator takes tensors whose numbers lie in another order: one row an operator, and the
// few kinds of rows. In: a node and a frame, the order in which it runs over its numbers. Out: the
// order that each input must have and each output gets, and the node's new attributes. Running in
// another frame computes every number of the output from the same numbers, in the same order of
// additions; but for fully_connected, whose sums follow the order of its input (layout.h).
#pragma once
#include <optional>

#include "compiler/passes/order.h"
#include "graph/op_def.h"

namespace mote {

enum class LayoutKind : uint8_t {
  fixed,      // row-major, as it is
  relabel,    // moves or views the numbers themselves: transpose, reshape
  each,       // number by number, operands broadcast
  joined,     // tensors of one rank along attribute "axis"
  lists,      // attributes with a number a dimension
  along,      // attributes that name a dimension of input 0; the output has input 0's dimensions
  reduction,  // attributes that name dimensions that go
  together,   // attribute "axes" names dimensions that are worked on together
  last,       // along the last dimension
  weights,    // fully_connected: the columns of constant weights follow the input; of f32 one row
  product,    // batch_matmul: either operand lies transposed
  one,        // number by number of input 0; the other inputs are tables
};

struct LayoutRow {
  const OpDef* op = nullptr;
  LayoutKind kind = LayoutKind::fixed;
  std::vector<const char*> attributes = {};  // that name dimensions
};
// Every operator of ops.def has one: a test holds it.
const LayoutRow* layout_row(const OpDef& op);

// In which order a node runs. `perm`: over the dimensions of its frame (those of its output, for
// along, reduction, together and last of input 0); of each and weights, whose numbers may lie in
// any order, `order` instead; of product whether the operands lie transposed. Both empty: as given.
struct Frame {
  Order order;
  Dimensions perm;
  bool natural() const { return order.empty() && perm.empty(); }
  auto operator<=>(const Frame&) const = default;
};

class LayoutRule {
 public:
  LayoutRule(const Graph& graph, const Node& node);

  // Whether there is more than one frame.
  bool movable() const { return kind_ != LayoutKind::fixed && kind_ != LayoutKind::relabel; }
  LayoutKind kind() const { return kind_; }
  // `each` where every input has all the output's numbers or one: any order at all will do.
  bool is_flat() const { return flat_; }

  // Whether the frame says how input i lies.
  bool follows(size_t i) const;
  // In the index of that input or output.
  Order of_input(const Frame& frame, size_t i) const;
  Order of_output(const Frame& frame, size_t i) const;
  // The frame in which that input or output lies in `order`; what this leaves open is as in `now`.
  // None: there is no such frame, or the operator refuses it.
  std::optional<Frame> from_input(const Order& order, size_t i, const Frame& now) const;
  std::optional<Frame> from_output(const Order& order, size_t i) const;

  // Every frame of few dimensions: a dimension that is 1 in one tensor and not in another has more
  // places than from_input and from_output tell.
  std::vector<Frame> permutations() const;

  // The shape that input i is stored in, of a frame with a permutation.
  Shape stored_input(const Frame& frame, size_t i) const;
  // The same frame with dimensions of 1 elsewhere, so that input i is stored in `shape`, where that
  // can be.
  Frame respelled(const Frame& frame, size_t i, const Shape& shape) const;
  Attributes attributes(const Frame& frame) const;

 private:
  LayoutKind kind_of_node() const;
  bool is_each_flat() const;
  size_t rank() const;
  // With dimensions of 1 in front, of as many as the frame has.
  Shape framed(const Value& value) const;
  const Value& input(size_t i) const { return graph_.value(node_.inputs[i]); }
  std::vector<bool> named() const;
  Dimensions output_perm(const Dimensions& perm) const;
  std::optional<Frame> checked(const std::optional<Dimensions>& perm) const;
  bool keeps_order(const Dimensions& perm) const;
  std::vector<bool> ordered() const;
  bool is_taken(const Frame& frame) const;

  const Graph& graph_;
  const Node& node_;
  const LayoutRow* row_ = nullptr;
  LayoutKind kind_ = LayoutKind::fixed;
  bool flat_ = false;
};

}  // namespace mote
