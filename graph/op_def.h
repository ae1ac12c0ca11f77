// SPDX-License-Identifier: Apache-2.0
// The host half of an operator: one constant OpDef in ops/<room>/<name>/<name>.cc. It says how the
// operator is typed, what kernel it lowers to, what it costs and how it is quantised. Evaluation on
// the host and emitted code are two readings of the same KernelCall, so they cannot disagree.
#pragma once
#include <functional>
#include <optional>
#include <span>

#include "graph/graph.h"
#include "graph/instruction_set.h"
#include "graph/kernel_call.h"

namespace mote {

// A node in its graph, with checked access to what it needs.
class NodeView {
 public:
  NodeView(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  const Graph& graph() const { return graph_; }
  const Node& node() const { return node_; }
  std::string place() const { return place_of(graph_, node_); }

  size_t input_count() const { return node_.inputs.size(); }
  bool has_input(size_t i) const { return i < node_.inputs.size() && node_.inputs[i] >= 0; }
  const Value& input(size_t i) const;
  const Value& output(size_t i = 0) const;
  const Value& state(size_t i = 0) const;

  int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  const std::vector<int64_t>& integers(const std::string& name) const;
  const std::vector<double>& numbers(const std::string& name) const;

  // Fails with this node's place.
  [[noreturn]] void refuse(std::string code, std::string message, std::string remedy = "") const;

 private:
  const Graph& graph_;
  const Node& node_;
};

struct ValueType {
  ElementType type = ElementType::f32;
  Shape shape;
  Quantization quantization;
  Clock clock;
};

struct StateSpec {
  std::string name;
  ElementType type = ElementType::s16;
  Shape shape;
  Bytes initial;  // empty: zeros
};

struct Inference {
  std::vector<ValueType> outputs;
  std::vector<StateSpec> states;
};

// An attribute an operator takes; without a default it must be given.
struct AttributeSpec {
  std::string name;
  std::optional<Attribute> initial;
  std::string summary;
};

// What output 0 is. none: bytes of its own, which may overlap an input as KernelCall::orders allow.
// view: input 0 under another shape, nothing is copied. state_view: state 0, valid until the
// operator runs again.
enum class Alias : uint8_t { none, view, state_view };

// What an operator does with a variable of the graph (Graph::variables), its state 0.
enum class VariableUse : uint8_t { none, reads, writes };

// A form of an operator's kernel for cores that have some instructions: every byte as by the
// portable kernel. One file beside it, <operator>_<set>.h.
struct KernelVariant {
  InstructionSet needs;
  // None where the node is not of the kind that the variant takes.
  std::optional<KernelCall> (*lower)(const NodeView&);
};

class Quantizer;  // quantize/quantizer.h's view for operators; see graph/quantizer.h

struct OpDef {
  std::string name;     // "conv_2d"
  std::string room;     // "nn", "dsp", "audio" or "rule"
  std::string summary;  // one line for the tables in the docs
  std::vector<AttributeSpec> attributes;
  Inference (*infer)(const NodeView&) = nullptr;
  // The kernel with its parameters; not called for a `view`.
  KernelCall (*lower)(const NodeView&) = nullptr;
  // Access orders of that kernel, where they follow from types and shapes (ops/element_order.h);
  // null: lower says them, or there are none.
  std::vector<AccessOrder> (*order)(const NodeView&) = nullptr;
  // The best first.
  std::vector<KernelVariant> variants = {};
  // Multiply-accumulates of one execution; null: none.
  int64_t (*macs)(const NodeView&) = nullptr;
  // Rewrites a float node into its integer form (graph/quantizer.h); null: copied as it is (signal
  // and rule operators).
  void (*quantize)(Quantizer&, const NodeView&) = nullptr;
  // Why a float node has no integer form although the operator has that rule, as the end of "the
  // layer stays in float32: "; empty: it has one. Null: every node has.
  std::string (*stays_float)(const NodeView&) = nullptr;
  Alias alias = Alias::none;
  VariableUse variable = VariableUse::none;
};

// The node's kernel for a core: the first variant that core and node allow, else the portable one.
KernelCall lower_for(InstructionSet core, const NodeView& node);

}  // namespace mote
