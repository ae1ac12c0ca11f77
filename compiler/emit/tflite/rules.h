// SPDX-License-Identifier: Apache-2.0
// How each of our operators is called in a .tflite file: one row an operator in rules.cc. In: a
// node. Out: the foreign operator code, its version, its options table and the constant inputs that
// the format wants and we do not have. Private to this folder: it speaks flatbuffer types.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "compiler/formats/tflite/model_builder.h"
#include "graph/op_def.h"

namespace mote::tflite {

// The version of the foreign operator that first understood these types
// (tensorflow/compiler/mlir/lite/tools/versioning).
struct Versions {
  int32_t f32 = 1;
  int32_t s8 = 1;
  int32_t s8_per_channel = 1;
};

// What inputs after the first are. data: tensors like the first, written with leading ones if
// constant, too. weights: weights and a bias, in their own shapes. weights_and_bias: runtimes
// refuse the operator without a bias, so zeros are written where there is none.
enum class Operands : uint8_t { data, weights, weights_and_bias };

// An input of the foreign operator.
struct Slot {
  enum class Kind : uint8_t { none, input, state } kind = Kind::none;  // state: a variable tensor
  size_t index = 0;                                                    // among the node's
};

// What TensorFlow Lite Micro makes of a node unlike us; empty: it answers the same.
struct Difference {
  std::string what;
  std::string remedy;
};

struct Rule {
  std::string_view op;  // ours
  format::BuiltinOperator (*code)(const NodeView&);
  Versions versions;
  Operands operands;
  // Null: the format has no options for it, or none that matter.
  OptionsTable (*options)(flatbuffers::FlatBufferBuilder&, const NodeView&) = nullptr;
  // Values of an int32 input that the format appends (reshape's shape, mean's axes); null: none.
  std::vector<int32_t> (*appended_input)(const NodeView&) = nullptr;
  // Null: TensorFlow Lite Micro always answers the same.
  Difference (*micro_differs)(const NodeView&) = nullptr;
  // Of operators with states: their inputs; and what runtimes keep between (OperatorSpec's
  // intermediates). Null: the node's inputs, none.
  std::vector<Slot> (*slots)(const NodeView&) = nullptr;
  std::vector<TensorSpec> (*intermediates)(const NodeView&) = nullptr;
};

extern const Rule kLstmRule;  // lstm.cc
// Of state i of a node.
Quantization state_scale(const NodeView& node, size_t i);

// Null if the format has no such operator.
const Rule* find_rule(std::string_view op);

int32_t version_of(const Rule& rule, const NodeView& node);

// The dimensions under which a value is written: at least two.
Shape written_shape(const Value& value);

}  // namespace mote::tflite
