// SPDX-License-Identifier: Apache-2.0
// How each of our operators is called in a .tflite file: one row an operator in rules.cc. In: a
// node. Out: the foreign operator code, its version, its options table and the constant inputs that
// the format wants and we do not have. Private to this folder: it speaks flatbuffer types.
#pragma once
#include <optional>
#include <string_view>

#include "compiler/emit/tflite/tflite_generated.h"
#include "graph/op_def.h"

namespace mote::tflite {

namespace format = ::mote::tflite_format;

struct OptionsTable {
  format::BuiltinOptions type = format::BuiltinOptions::NONE;
  flatbuffers::Offset<void> table;
};

// The version of the foreign operator that first understood these types
// (tensorflow/compiler/mlir/lite/tools/versioning).
struct Versions {
  int32_t f32 = 1;
  int32_t s8 = 1;
  int32_t s8_per_channel = 1;
};

// Whether the runtimes take the operator without a bias; where they do not, zeros are written.
enum class Bias : uint8_t { none_or_optional, needed };

struct Rule {
  std::string_view op;  // ours
  format::BuiltinOperator (*code)(const NodeView&);
  Versions versions;
  // Null: the format has no options for it, or none that matter.
  OptionsTable (*options)(flatbuffers::FlatBufferBuilder&, const NodeView&);
  // Values of an int32 input that the format appends (reshape's shape, mean's axes); null: none.
  std::vector<int32_t> (*appended_input)(const NodeView&);
  Bias bias;
};

// Null if the format has no such operator.
const Rule* find_rule(std::string_view op);

int32_t version(const Rule& rule, const NodeView& node);

// The dimensions under which a value is written: at least two.
Shape written_shape(const Value& value);

}  // namespace mote::tflite
