// SPDX-License-Identifier: Apache-2.0
// For tests of the layout pass: a graph's answers, and a checker that knows nothing of orders and
// cuts. It takes a graph, puts transposes around one node so that it runs over permuted dimensions,
// lets neighbouring transposes merge and vanish, and counts. In: a graph. Out: its answers, or the
// rewrite that moves fewer bytes.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "compiler/passes/layout_rules.h"
#include "compiler/passes/passes.h"
#include "graph/verify.h"
#include "ops/run_one_node.h"

namespace mote::layout_oracle {

// Of each input tensor small numbers: halves for f32, whole ones for integers.
inline Bytes sample_of(const Graph& graph, Numbers& numbers) {
  Bytes sample(size_t(sample_bytes(graph, graph.streams.at(0))));
  for (const SamplePart& part : sample_parts(graph, graph.streams[0])) {
    const Value& value = graph.value(part.value);
    for (int64_t i = 0; i < value.elements(); ++i) {
      const float real = numbers.real(-2, 2);
      const auto whole = int8_t(numbers.integer(-128, 127));
      uint8_t* to = sample.data() + part.offset + i * element_bytes(value.type);
      if (value.type == ElementType::f32) std::memcpy(to, &real, 4);
      if (value.type == ElementType::s8) std::memcpy(to, &whole, 1);
    }
  }
  return sample;
}

inline Bytes answer(const Graph& graph, const Bytes& sample) {
  Evaluator evaluator(graph);
  evaluator.push(0, sample.data());
  return evaluator.outputs();
}

inline int64_t transposes(const Graph& graph) {
  return std::count_if(graph.nodes.begin(), graph.nodes.end(),
                       [](const Node& node) { return node.op == &transpose_op; });
}
inline int64_t moved_bytes(const Graph& graph) {
  int64_t bytes = 0;
  for (const Node& node : graph.nodes)
    if (node.op == &transpose_op) bytes += graph.value(node.outputs[0]).bytes();
  return bytes;
}

inline std::vector<std::string> findings_of(const Graph& graph) {
  Diagnostics findings;
  verify(graph, findings);
  std::vector<std::string> all;
  for (const Diagnostic& d : findings.errors()) all.push_back(d.place + ": " + d.message);
  return all;
}

// ---- the checker -------------------------------------------------------------------------------

inline Dimensions perm_of(const Node& node) {
  return std::get<Dimensions>(node.attributes.at("perm"));
}
inline Dimensions inverse_of(const Dimensions& perm) {
  Dimensions result(perm.size());
  for (size_t d = 0; d < perm.size(); ++d) result[size_t(perm[d])] = int64_t(d);
  return result;
}

// A copy of a graph made node by node; transposes and reshapes meet what stands before them.
class Rewriter {
 public:
  Rewriter(const Graph& graph, const Node* framed, Dimensions perm)
      : from_(graph), framed_(framed), perm_(std::move(perm)) {}

  // Throws UserError where an operator refuses the frame.
  Graph run() {
    to_ = from_;
    to_.nodes.clear();
    for (size_t v = 0; v < from_.values.size(); ++v) now_.push_back(ValueId(v));
    for (const Node& node : from_.nodes) &node == framed_ ? add_framed(node) : add(node);
    for (ValueId& id : to_.outputs) id = now_[size_t(id)];
    return remove_unused(merge_equal(to_));
  }

 private:
  std::string name() { return "rewritten " + std::to_string(next_++); }

  const Node* maker(ValueId id) const {
    for (const Node& node : to_.nodes)
      if (node.outputs[0] == id) return &node;
    return nullptr;
  }

  ValueId transpose(ValueId x, const Dimensions& perm) {
    const Value value = to_.value(x);
    if (value.kind == ValueKind::constant) return transposed_constant(value, perm);
    Dimensions larger;
    for (int64_t d : perm)
      if (value.shape[size_t(d)] != 1) larger.push_back(d);
    if (std::is_sorted(larger.begin(), larger.end())) {
      Dimensions shape;
      for (int64_t d : perm) shape.push_back(value.shape[size_t(d)]);
      return reshape(x, shape);
    }
    const Node* before = maker(x);
    if (before && before->op == &transpose_op) {
      const Dimensions first = perm_of(*before);
      Dimensions both;
      for (int64_t d : perm) both.push_back(first[size_t(d)]);
      return transpose(before->inputs[0], both);
    }
    // Through a view that adds or drops dimensions of 1.
    if (before && before->op == &reshape_op)
      if (const auto there = through_view(before->inputs[0], value.shape, perm)) return *there;
    return to_.add_node(transpose_op, name(), {x}, {{"perm", perm}});
  }

  std::optional<ValueId> through_view(ValueId source, const Shape& viewed, const Dimensions& perm) {
    const Shape shape = to_.value(source).shape;
    Dimensions larger, of_view, turned, wanted;
    for (size_t d = 0; d < shape.size(); ++d)
      if (shape[d] != 1) larger.push_back(int64_t(d));
    for (size_t d = 0; d < viewed.size(); ++d)
      if (viewed[d] != 1) of_view.push_back(int64_t(d));
    if (larger.size() != of_view.size()) return std::nullopt;
    for (size_t i = 0; i < larger.size(); ++i)
      if (shape[size_t(larger[i])] != viewed[size_t(of_view[i])]) return std::nullopt;
    const Node* before = maker(source);
    if (!before || before->op != &transpose_op) return std::nullopt;
    for (size_t d = 0; d < shape.size(); ++d)
      if (shape[d] == 1) turned.push_back(int64_t(d));
    for (int64_t d : perm)
      if (viewed[size_t(d)] != 1)
        turned.push_back(
            larger[size_t(std::find(of_view.begin(), of_view.end(), d) - of_view.begin())]);
    for (int64_t d : perm) wanted.push_back(viewed[size_t(d)]);
    return reshape(transpose(source, turned), wanted);
  }

  ValueId reshape(ValueId x, const Dimensions& shape) {
    const Value value = to_.value(x);
    if (Dimensions(value.shape.begin(), value.shape.end()) == shape) return x;
    if (value.kind == ValueKind::constant)
      return to_.add_constant(name(), value.type, Shape(shape.begin(), shape.end()), *value.data,
                              value.quantization);
    const Node* before = maker(x);
    if (before && before->op == &reshape_op) return reshape(before->inputs[0], shape);
    return to_.add_node(reshape_op, name(), {x}, {{"shape", shape}});
  }

  ValueId transposed_constant(const Value& value, const Dimensions& perm) {
    Shape shape;
    for (int64_t d : perm) shape.push_back(value.shape[size_t(d)]);
    return to_.add_constant(name(), value.type, shape, Bytes(value.data->size()),
                            value.quantization);
  }

  void add(const Node& node) {
    Node copy = node;
    for (ValueId& id : copy.inputs)
      if (id >= 0) id = now_[size_t(id)];
    ValueId& result = now_[size_t(node.outputs[0])];
    const Shape& shape = from_.value(node.outputs[0]).shape;
    if (node.op == &transpose_op)
      result = transpose(copy.inputs[0], perm_of(node));
    else if (node.op == &reshape_op)
      result = reshape(copy.inputs[0], {shape.begin(), shape.end()});
    else
      to_.nodes.push_back(copy);
  }

  void add_framed(const Node& node) {
    const LayoutRule rule(from_, node);
    const Frame frame{{}, perm_};
    std::vector<ValueId> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id < 0 || !rule.follows(i)) {
        inputs.push_back(id < 0 ? id : now_[size_t(id)]);
        continue;
      }
      Dimensions shape(from_.value(id).shape.begin(), from_.value(id).shape.end());
      shape.insert(shape.begin(), perm_.size() - shape.size(), 1);
      inputs.push_back(transpose(reshape(now_[size_t(id)], shape), perm_));
    }
    to_.add_node(*node.op, name(), inputs,
                 rule.is_flat() ? node.attributes : rule.attributes(frame));
    const Node made = to_.nodes.back();
    for (size_t i = 0; i < node.outputs.size(); ++i)
      now_[size_t(node.outputs[i])] = transpose(made.outputs[i], inverse_of(perm_));
  }

  const Graph& from_;
  const Node* framed_;
  Dimensions perm_;
  Graph to_;
  std::vector<ValueId> now_;
  int32_t next_ = 0;
};

// The first node and permutation that would move fewer bytes; "" if there is none. Reductions that
// drop dimensions, and nodes that refuse, are left out.
inline std::string further_rewrite(const Graph& graph) {
  const int64_t bytes = moved_bytes(graph);
  if (moved_bytes(Rewriter(graph, nullptr, {}).run()) < bytes) return "neighbours merge";
  std::set<Dimensions> perms;
  for (const Node& node : graph.nodes)
    if (node.op == &transpose_op) perms.insert({perm_of(node), inverse_of(perm_of(node))});
  for (const Node& node : graph.nodes) {
    const LayoutRule rule(graph, node);
    const Shape& shape = graph.value(node.outputs[0]).shape;
    if (!rule.movable() || rule.kind() == LayoutKind::product || rule.kind() == LayoutKind::weights)
      continue;
    const bool drops = rule.kind() == LayoutKind::reduction &&
                       shape.size() != graph.value(node.inputs[0]).shape.size();
    for (const Dimensions& perm : perms) {
      if (drops || perm.size() != shape.size()) continue;
      if (rule.kind() == LayoutKind::last && perm.back() != int64_t(perm.size()) - 1) continue;
      const Order there = permuted(graph.value(node.inputs[0]).shape.size() == perm.size()
                                       ? graph.value(node.inputs[0]).shape
                                       : shape,
                                   perm);
      if (!rule.is_flat() && graph.value(node.inputs[0]).shape.size() == perm.size() &&
          (!rule.from_input(there, 0, {}) ||
           (rule.kind() != LayoutKind::reduction && !rule.from_output(permuted(shape, perm), 0))))
        continue;
      try {
        const Graph after = Rewriter(graph, &node, perm).run();
        if (moved_bytes(after) < bytes)
          return node.name + " over permuted dimensions: " + std::to_string(bytes) + " to " +
                 std::to_string(moved_bytes(after)) + " bytes";
      } catch (const UserError&) {
        continue;
      }
    }
  }
  return "";
}

}  // namespace mote::layout_oracle
