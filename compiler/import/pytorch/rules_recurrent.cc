// SPDX-License-Identifier: Apache-2.0
// Recurrent layers, one node a layer and direction. See rules.h. Each run begins with the states
// that the program gives; streaming models take and give them.
#include <algorithm>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

using Parts = std::vector<ValueId>;

// Weights of one layer in one direction; gates are stacked in the first dimension.
struct Layer {
  ValueId w = -1, r = -1, b = -1, d = -1;
  bool reverse = false;
  Parts states;  // before the first step, [batches, units]: h, of an lstm c; -1: zeros
};

// Rows `gate` of `gates`.
ValueId gate_of(CallView& op, ValueId stacked, int64_t gate, int64_t gates) {
  const int64_t rows = op.shape(stacked).at(0);
  if (rows % gates != 0) op.refuse("wrong-shape", "its weights are not stacked by gates");
  return op.move().slice_axis(stacked, 0, gate * (rows / gates), rows / gates);
}

// What each gives: h after every step; where final_state is 1 the states behind the last step, too.
Parts add_lstm(CallView& op, ValueId x, const Layer& layer, const Attributes& attributes) {
  Parts inputs{x};
  for (ValueId stacked : {layer.w, layer.r})
    for (int64_t gate = 0; gate < 4; ++gate) inputs.push_back(gate_of(op, stacked, gate, 4));
  const ValueId bias = op.add(add_op, {layer.b, layer.d}, {}, "bias");
  for (int64_t gate = 0; gate < 4; ++gate) inputs.push_back(gate_of(op, bias, gate, 4));
  inputs.insert(inputs.end(), layer.states.begin(), layer.states.end());
  return op.add_all(lstm_op, inputs, attributes, "layer");
}

// PyTorch stacks reset, update, candidate; ours update, reset, candidate.
Parts add_gru(CallView& op, ValueId x, const Layer& layer, Attributes attributes) {
  Parts inputs{x};
  for (ValueId stacked : {layer.w, layer.r, layer.b, layer.d}) {
    const Parts parts{gate_of(op, stacked, 1, 3), gate_of(op, stacked, 0, 3),
                      gate_of(op, stacked, 2, 3)};
    inputs.push_back(op.move().concatenate(parts, 0));
  }
  inputs.push_back(layer.states.at(0));
  attributes["reset_after"] = int64_t(1);
  return op.add_all(gru_op, inputs, attributes, "layer");
}

template <bool kTanh>
Parts add_rnn(CallView& op, ValueId x, const Layer& layer, Attributes attributes) {
  attributes["activation"] = std::string(kTanh ? "tanh" : "relu");
  const ValueId bias = op.add(add_op, {layer.b, layer.d}, {}, "bias");
  return op.add_all(rnn_op, {x, layer.w, layer.r, bias, layer.states.at(0)}, attributes, "layer");
}

bool is_zeros(CallView& op, ValueId state) {
  return op.is_constant(state) &&
         std::all_of(op.value(state).data->begin(), op.value(state).data->end(),
                     [](uint8_t byte) { return byte == 0; });
}

// Row `i` of each state [layers, batches, units].
Parts states_of(CallView& op, const Parts& all, size_t i, size_t layers) {
  Parts states;
  for (ValueId state : all) {
    const Shape shape = op.shape(state);
    if (shape.size() != 3 || size_t(shape[0]) != layers || !op.is_float(state))
      op.refuse("wrong-shape", "its first states must be [layers, batches, units] of float32");
    states.push_back(is_zeros(op, state)
                         ? -1
                         : op.move().reshape(op.move().slice_axis(state, 0, int64_t(i), 1),
                                             {shape[1], shape[2]}));
  }
  return states;
}

// The weights in the order of the argument: layer by layer, forwards before backwards.
std::vector<Layer> layers_of(CallView& op, bool both_ways) {
  const Parts params = op.tensors("params");
  const bool biased = op.flag("has_biases", true);
  const int64_t count = op.integer("num_layers");
  const size_t each = biased ? 4 : 2;
  const auto wanted = size_t(both_ways ? 2 : 1);
  if (count < 1 || count > 64 || params.size() != size_t(count) * wanted * each)
    op.refuse("unsupported-argument", "it does not have two or four weights a layer",
              "leave out proj_size");
  std::vector<Layer> layers;
  for (size_t i = 0; i < params.size(); i += each) {
    for (size_t p = i; p < i + each; ++p)
      if (!op.is_constant(params[p]) || op.shape(params[p]).empty())
        op.refuse("not-constant", "its weights are computed");
    Layer layer{params[i], params[i + 1], -1, -1, i / each % wanted == 1, {}};
    const Shape rows{op.shape(layer.w)[0]};
    const std::vector<float> none(size_t(rows[0]), 0.0f);
    layer.b = biased ? params[i + 2] : op.constant(ElementType::f32, rows, none);
    layer.d = biased ? params[i + 3] : layer.b;
    layers.push_back(layer);
  }
  return layers;
}

// The hidden state behind the last step of a layer: [1, batches, units].
ValueId last_step(CallView& op, ValueId y, bool batch_first, bool reverse) {
  const Shape shape = op.shape(y);
  const size_t time = batch_first ? 1 : 0;
  const ValueId step = op.move().slice_axis(y, time, reverse ? 0 : shape[time] - 1, 1);
  return op.move().reshape(step, {1, shape[1 - time], shape[2]});
}

template <auto kAdd>
void import_recurrent(CallView& op) {
  ValueId x = op.float_tensor("input");
  if (op.is_constant(x))
    op.refuse("constant-input", "its input is a constant", "compute it before exporting");
  op.ignore("dropout");
  op.ignore("train");
  const bool both_ways = op.flag("bidirectional", false);
  const bool batch_first = op.flag("batch_first", false);
  if (op.shape(x).size() != 3)
    op.refuse("wrong-shape", "its input must be a batch of sequences", "add a batch dimension");
  const bool has_cell = op.rule_target() == "aten.lstm.input";
  const Parts first = has_cell ? op.tensors("hx") : Parts{op.tensor("hx")};
  if (first.size() != (has_cell ? 2u : 1u)) op.refuse("wrong-argument", "its states are not given");
  Parts answers, states, cells;
  std::vector<Layer> layers = layers_of(op, both_ways);
  for (size_t i = 0; i < layers.size(); ++i) {
    Layer& layer = layers[i];
    layer.states = states_of(op, first, i, layers.size());
    const Parts outputs = kAdd(op, x, layer,
                               {{"time_major", int64_t(!batch_first)},
                                {"reverse", int64_t(layer.reverse)},
                                {"keeps_state", int64_t(0)},
                                {"final_state", int64_t(op.has_output(2))}});
    answers.push_back(outputs[0]);
    if (op.has_output(1)) states.push_back(last_step(op, outputs[0], batch_first, layer.reverse));
    if (op.has_output(2)) cells.push_back(outputs.at(2));
    if (both_ways && !layer.reverse) continue;
    x = op.move().concatenate(answers, 2);
    answers.clear();
  }
  op.set(0, x);
  // PyTorch 2.9 notes the states of an lstm as [layers, 1, batches, units] and traces what follows
  // with that, though its answers are [layers, batches, units].
  const TensorMeta* said = op.output_meta(1);
  if (said && said->shape.size() == 4) op.import().extra_ones = true;
  if (op.has_output(1)) op.set(1, op.move().concatenate(states, 0));
  if (op.has_output(2)) op.set(2, op.move().stack(cells, 0));
}

constexpr std::string_view kSchema =
    "input hx params has_biases num_layers dropout train bidirectional batch_first";

constexpr ImportRule kRules[] = {
    {"aten.gru.input", kSchema, import_recurrent<add_gru>},
    {"aten.lstm.input", kSchema, import_recurrent<add_lstm>},
    {"aten.rnn_relu.input", kSchema, import_recurrent<add_rnn<false>>},
    {"aten.rnn_tanh.input", kSchema, import_recurrent<add_rnn<true>>},
};

}  // namespace

std::span<const ImportRule> recurrent_rules() { return kRules; }

}  // namespace mote::pytorch
