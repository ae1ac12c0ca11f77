// SPDX-License-Identifier: Apache-2.0
// lstm as UNIDIRECTIONAL_SEQUENCE_LSTM: 24 inputs, of which two are variables, the hidden state and
// the cell. See rules.h.
#include "compiler/emit/tflite/rules.h"

namespace mote::tflite {
namespace {

using flatbuffers::FlatBufferBuilder;

// What the format cannot say.
format::BuiltinOperator code(const NodeView& node) {
  const bool plain = node.text("gate_activation") == "logistic" &&
                     node.text("cell_activation") == "tanh" &&
                     node.text("hidden_activation") == "tanh" && node.number("clip") == 0 &&
                     node.integer("coupled") == 0 && node.integer("reverse") == 0;
  bool optional = node.node().outputs.size() > 1;
  for (size_t i = 13; i < node.input_count(); ++i) optional |= node.has_input(i);
  if (!plain || optional)
    node.refuse("no-tflite-operator",
                "the .tflite format has only lstm layers from the first step to the last, of "
                "logistic gates and tanh, without lengths, first and last states",
                "begin the exported part after it, or end it before it");
  return format::BuiltinOperator::UNIDIRECTIONAL_SEQUENCE_LSTM;
}

OptionsTable options(FlatBufferBuilder& builder, const NodeView& node) {
  const auto table = format::CreateUnidirectionalSequenceLSTMOptions(
      builder, format::ActivationFunctionType::TANH, float(node.number("cell_clip")), 0,
      node.integer("time_major") != 0);
  return {format::BuiltinOptions::UnidirectionalSequenceLSTMOptions, table.Union()};
}

// x; weights of the input and recurrent ones by gate; peepholes; biases by gate; a projection and
// its bias; the two states; four of layer normalisation.
std::vector<Slot> slots(const NodeView&) {
  std::vector<Slot> all(24);
  for (size_t i = 0; i < 9; ++i) all[i] = {Slot::Kind::input, i};
  for (size_t i = 9; i < 13; ++i) all[3 + i] = {Slot::Kind::input, i};
  for (size_t i = 0; i < 2; ++i) all[18 + i] = {Slot::Kind::state, i};
  return all;
}

Difference in_micro(const NodeView& node) {
  if (node.integer("keeps_state") != 0) return {};
  return {"goes on with the last run's state, as every runtime of the format",
          "reset the interpreter before each run, or deploy with mote"};
}

// Of an integer layer the format names five, without numbers (Micro takes no others); the last has
// h's scale. As TFLite's converter writes them.
std::vector<TensorSpec> intermediates(const NodeView& node) {
  std::vector<TensorSpec> all;
  if (node.input(0).type == ElementType::f32) return all;
  for (const char* name : {"/sum_of_input", "/sum_of_forget", "/sum_of_cell", "/sum_of_output"})
    all.push_back({node.node().name + name, format::TensorType::FLOAT32, {0}, {}});
  all.push_back({node.node().name + "/scale_of_hidden",
                 tensor_type(node.output().type),
                 {0},
                 node.output().quantization});
  return all;
}

}  // namespace

const Rule kLstmRule{"lstm",  code,     {1, 3, 3}, Operands::weights, options,
                     nullptr, in_micro, slots,     intermediates};

// h as the output, the cell at its power of two.
Quantization state_scale(const NodeView& node, size_t i) {
  if (i == 0 || node.state(i).type == ElementType::f32) return node.output().quantization;
  return per_tensor(float(node.number("cell_scale")), 0);
}

}  // namespace mote::tflite
