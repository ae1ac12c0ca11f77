// SPDX-License-Identifier: Apache-2.0
// Recurrent layers over sequences; their variable tensors become states of our nodes. See rules.h.
#include "compiler/import/movement.h"
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using format::BuiltinOperator;

constexpr const char* kQuantize = "quantise the float model with mote quantize";

bool is_float(const OperatorView& view) { return view.in(0).type == format::TensorType::FLOAT32; }

// Input i of a layer; of a float layer with integer weights, these in real numbers.
ValueId weights(OperatorView& view, size_t i) {
  return is_float(view) ? view.float_constant(i) : view.input(i);
}

void expect_none(OperatorView& view, size_t first, size_t last, const std::string& what) {
  for (size_t i = first; i <= last; ++i)
    if (view.has_input(i))
      view.refuse("unsupported-option", "mote takes no lstm with " + what,
                  "build the layer without");
}

// Where the tensors of one direction of an lstm lie among the inputs.
struct LstmInputs {
  size_t first;   // four weights, four recurrent weights, three peepholes, four biases, projection
  size_t hidden;  // variables
  size_t cell;
};

struct LstmChoice {
  Attributes attributes;
  std::string part;
};

ValueId add_lstm(OperatorView& view, const LstmInputs& at, LstmChoice choice) {
  expect_none(view, at.first + 8, at.first + 10, "peepholes");
  expect_none(view, at.first + 15, at.first + 16, "a projection");
  std::vector<ValueId> inputs{view.input(0)};
  for (size_t i = 0; i < 8; ++i) inputs.push_back(weights(view, at.first + i));
  for (size_t i = 11; i < 15; ++i) inputs.push_back(view.input(at.first + i));
  const Tensor &hidden = view.in(at.hidden), &cell = view.in(at.cell);
  if (!hidden.is_variable || !cell.is_variable)
    view.refuse("wrong-input", "the states of an lstm must be variables");
  if (!is_float(view)) {
    if (cell.type != format::TensorType::INT16)
      view.refuse("wrong-type", "the cell of an integer lstm must be int16");
    choice.attributes["output_scale"] = double(hidden.quantization.scale());
    choice.attributes["output_zero_point"] = int64_t(hidden.quantization.zero_point());
    choice.attributes["cell_scale"] = double(cell.quantization.scale());
  }
  return view.add(lstm_op, inputs, choice.attributes, choice.part);
}

template <class Options>
Attributes lstm_attributes(OperatorView& view, const Options& options) {
  if (options.fused_activation_function() != format::ActivationFunctionType::TANH)
    view.refuse("wrong-activation", "the activation of an lstm must be tanh");
  return {{"time_major", int64_t(options.time_major())},
          {"cell_clip", double(options.cell_clip())}};
}

void import_lstm(OperatorView& view) {
  const auto& options = view.options<format::UnidirectionalSequenceLSTMOptions>();
  if (options.diagonal_recurrent_tensors())
    view.refuse("unsupported-option", "mote takes no lstm with diagonal recurrent weights");
  expect_none(view, 20, 23, "layer normalisation");
  view.set(add_lstm(view, {1, 18, 19}, {lstm_attributes(view, options), ""}));
}

// Both directions side by side in the last dimension, or as two outputs.
void set_directions(OperatorView& view, bool merged, ValueId forward, ValueId backward) {
  if (merged) {
    view.set(view.add(concatenate_op, {forward, backward}, {{"axis", int64_t(-1)}}));
  } else {
    view.set(0, forward);
    view.set(1, backward);
  }
}

void import_bidirectional_lstm(OperatorView& view) {
  const auto& options = view.options<format::BidirectionalSequenceLSTMOptions>();
  if (!is_float(view)) view.refuse("wrong-type", "a bidirectional lstm must be float32", kQuantize);
  expect_none(view, 39, 47, "an auxiliary input");
  const Attributes forward = lstm_attributes(view, options);
  Attributes backward = forward;
  backward["reverse"] = int64_t{1};
  const ValueId first = add_lstm(view, {1, 35, 36}, {forward, "forward"});
  const ValueId second = add_lstm(view, {18, 37, 38}, {backward, "backward"});
  set_directions(view, options.merge_outputs(), first, second);
}

Attributes rnn_attributes(OperatorView& view, format::ActivationFunctionType activation,
                          bool time_major) {
  if (!is_float(view))
    view.refuse("wrong-type", "a recurrent layer must be float32 (its weights may be int8)",
                kQuantize);
  const bool is_tanh = activation == format::ActivationFunctionType::TANH;
  return {{"activation", is_tanh ? std::string("tanh") : view.activation(activation)},
          {"time_major", int64_t(time_major)}};
}

ValueId add_rnn(OperatorView& view, ValueId x, size_t first, LstmChoice choice) {
  if (!view.in(first + 3).is_variable)
    view.refuse("wrong-input", "the state of a recurrent layer must be a variable");
  return view.add(rnn_op,
                  {x, weights(view, first), weights(view, first + 1), view.input(first + 2)},
                  choice.attributes, choice.part);
}

void import_sequence_rnn(OperatorView& view) {
  const auto& options = view.options<format::SequenceRNNOptions>();
  const Attributes attributes =
      rnn_attributes(view, options.fused_activation_function(), options.time_major());
  view.set(add_rnn(view, view.input(0), 1, {attributes, ""}));
}

void import_bidirectional_rnn(OperatorView& view) {
  const auto& options = view.options<format::BidirectionalSequenceRNNOptions>();
  for (size_t i = 9; i < 12; ++i)
    if (view.has_input(i))
      view.refuse("unsupported-option", "mote takes no recurrent layer with an auxiliary input");
  const Attributes forward =
      rnn_attributes(view, options.fused_activation_function(), options.time_major());
  Attributes backward = forward;
  backward["reverse"] = int64_t{1};
  const ValueId x = view.input(0);
  const ValueId first = add_rnn(view, x, 1, {forward, "forward"});
  const ValueId second = add_rnn(view, x, 5, {backward, "backward"});
  set_directions(view, options.merge_outputs(), first, second);
}

// One step: a sequence of length 1.
void import_rnn(OperatorView& view) {
  const auto& options = view.options<format::RNNOptions>();
  const Shape x = view.value(view.input(0)).shape;
  if (x.size() != 2) view.refuse("wrong-shape", "the input must be [batches, inputs]");
  const std::vector<int64_t> steps{x[0], 1, x[1]};
  const ValueId sequence = view.add(reshape_op, {view.input(0)}, {{"shape", steps}}, "sequence");
  const Attributes attributes = rnn_attributes(view, options.fused_activation_function(), false);
  const ValueId y = add_rnn(view, sequence, 1, {attributes, "step"});
  const std::vector<int64_t> rows{x[0], view.value(y).shape[2]};
  view.set(view.add(reshape_op, {y}, {{"shape", rows}}));
}

// The custom operator UNIDIRECTIONAL_SEQUENCE_GRU (tensorflow/lite/experimental/kernels). Inputs: x
// [steps, batches, inputs], h [batches, units], weights [2 units, inputs + units] and biases of r
// and z, those of the candidate. Outputs: h after every step, and after the last.
void import_gru(OperatorView& view) {
  if (view.input_count() != 6) view.refuse("missing-input", "a gru has 6 inputs");
  if (!is_float(view))
    view.refuse("wrong-type", "a gru must be float32: no runtime says what its integers mean",
                kQuantize);
  Movement move(view.assembly(), view.out(0).name);
  const ValueId x = view.input(0);
  const Shape state = view.in(1).shape;
  if (view.value(x).shape.size() != 3 || state.size() != 2)
    view.refuse("wrong-shape", "x must be [steps, batches, inputs], h [batches, units]");
  const int64_t inputs = view.value(x).shape[2], units = state[1];
  const ValueId gates = weights(view, 2), candidate = weights(view, 4);
  const Shape expected{int32_t(2 * units), int32_t(inputs + units)};
  if (view.value(gates).shape != expected ||
      view.value(candidate).shape != Shape{int32_t(units), expected[1]})
    view.refuse("wrong-shape", "the weights must be [2 units, inputs + units] and [units, ...]");
  // Ours are stacked in the order z, r, candidate.
  const auto stacked = [&](ValueId both, ValueId last) {
    return move.concatenate(
        {move.slice_axis(both, 0, units, units), move.slice_axis(both, 0, 0, units), last}, 0);
  };
  const ValueId all = stacked(gates, candidate);
  const ValueId zeros =
      view.assembly().add_constant(view.out(0).name + "/zeros", ElementType::f32,
                                   {int32_t(3 * units)}, std::vector<float>(size_t(3 * units)));
  std::vector<ValueId> given{x, move.slice_axis(all, 1, 0, inputs),
                             move.slice_axis(all, 1, inputs, units),
                             stacked(view.input(3), view.input(5)), zeros};
  const bool keeps = view.in(1).is_variable;
  if (!keeps) given.push_back(view.input(1));
  const auto outputs = view.add_all(gru_op, given,
                                    {{"time_major", int64_t{1}},
                                     {"keeps_state", int64_t(keeps)},
                                     {"final_state", int64_t(view.output_count() > 1)}});
  for (size_t i = 0; i < outputs.size(); ++i) view.set(i, outputs[i]);
}

constexpr CustomImportRule kCustomRules[] = {{"UNIDIRECTIONAL_SEQUENCE_GRU", import_gru}};

constexpr ImportRule kRules[] = {
    {BuiltinOperator::BIDIRECTIONAL_SEQUENCE_LSTM, import_bidirectional_lstm},
    {BuiltinOperator::BIDIRECTIONAL_SEQUENCE_RNN, import_bidirectional_rnn},
    {BuiltinOperator::RNN, import_rnn},
    {BuiltinOperator::UNIDIRECTIONAL_SEQUENCE_LSTM, import_lstm},
    {BuiltinOperator::UNIDIRECTIONAL_SEQUENCE_RNN, import_sequence_rnn},
};

}  // namespace

std::span<const ImportRule> recurrent_rules() { return kRules; }
std::span<const CustomImportRule> recurrent_custom_rules() { return kCustomRules; }

}  // namespace mote::tflite
