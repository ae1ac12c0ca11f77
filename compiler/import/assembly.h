// SPDX-License-Identifier: Apache-2.0
// A Graph being put together by an importer. What all formats share: a node whose inputs are all
// constant is computed at once and becomes a constant, and names stay unique. What a constant was
// dequantised from is remembered. Knows no format.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "graph/op_def.h"

namespace mote {

class Assembly {
 public:
  explicit Assembly(std::string name) { graph_.name = std::move(name); }

  Graph& graph() { return graph_; }
  const Graph& graph() const { return graph_; }

  // The first output of the new node, or of the constants that it computes to. Fails as
  // Graph::add_node.
  ValueId add(const OpDef& op, const std::string& name, const std::vector<ValueId>& inputs,
              const Attributes& attributes = {}) {
    return add_all(op, name, inputs, attributes).at(0);
  }
  // All its outputs.
  std::vector<ValueId> add_all(const OpDef& op, const std::string& name,
                               const std::vector<ValueId>& inputs,
                               const Attributes& attributes = {});
  // A node that reads or writes a variable; never folded.
  ValueId add_with_variable(const OpDef& op, const std::string& name,
                            const std::vector<ValueId>& inputs, ValueId variable);

  ValueId add_constant(const std::string& name, ElementType type, const Shape& shape, Bytes data,
                       const Quantization& quantization = {});
  template <class T>
  ValueId add_constant(const std::string& name, ElementType type, const Shape& shape,
                       const std::vector<T>& data, const Quantization& quantization = {}) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
    return add_constant(name, type, shape, Bytes(bytes, bytes + data.size() * sizeof(T)),
                        quantization);
  }

  bool is_constant(ValueId id) const {
    return id >= 0 && graph_.value(id).kind == ValueKind::constant;
  }
  // The elements of a constant of an integer type; `id` must be one.
  std::vector<int64_t> integers(ValueId id) const;

  // Counts layers, or other work that a file asks for; fails where it is too much.
  void spend(const std::string& name, int64_t count);

  // The integers x with these scales: x itself, a copy of a constant; an input that nothing has
  // read yet takes one scale over. -1 where x has others.
  ValueId with_scales(ValueId x, const Quantization& scales);
  // What a real value was dequantised from: constants as computed ones. -1: nothing.
  ValueId integers_behind(ValueId real) const;

  // The finished graph. A constant that `dequantize` computed, perhaps moved since, is a
  // `dequantize` layer of its integers again, the only layers of a graph without a computed input:
  // fold_pairs() (quantize/pairs.h) takes them away.
  Graph take_with_pairs();

  // `wanted`, or with a number behind it where something has that name already.
  std::string unique(const std::string& wanted);

 private:
  std::vector<ValueId> fold(const OpDef& op, const std::string& name,
                            const std::vector<ValueId>& inputs, const Attributes& attributes);
  void check_budget(const Graph& alone);

  std::vector<const Value*> values(const std::vector<ValueId>& ids) const;
  void move_integers(const OpDef& op, const std::vector<ValueId>& inputs,
                     const Attributes& attributes, ValueId moved);

  Graph graph_;
  std::map<ValueId, ValueId> integers_;   // of a constant that was dequantised: what from
  std::map<std::string, int32_t> names_;  // and how often each was wanted
  int64_t spent_ = 0;
  int64_t constant_bytes_ = 0;
  int64_t folding_steps_ = 0;
};

}  // namespace mote
