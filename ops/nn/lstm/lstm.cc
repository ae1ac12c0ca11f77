// SPDX-License-Identifier: Apache-2.0
// Host half of lstm: x, then four input weights, four recurrent weights, four biases (input,
// forget, cell, output gate) -> [.., units]. f32; s8 | s16 with s8 weights, s32 | s64 biases and an
// s16 cell. See lstm.h.
#include "ops/nn/lstm/lstm.h"

#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/nn/recurrent_layer.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/sigmoid_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/lstm/lstm.h";
constexpr double kGateSumScale = 1.0 / 4096;  // Q3.12
constexpr double kGateScale = 1.0 / 32768;    // Q0.15

constexpr RecurrentFunction kFunctions[] = {
    {"gate_activation", "logistic", "of the three gates: logistic; of f32 others, too"},
    {"cell_activation", "tanh", "tanh or logistic; of f32 others, too"},
    {"hidden_activation", "tanh", "of the cell that is shown: tanh; of f32 others, too"}};
constexpr const char* kPlain =
    "an integer lstm takes logistic gates, a cell of tanh or logistic, no clip, no peepholes and "
    "no "
    "coupled gates";
constexpr size_t kInitialCell = 14, kPeepholes = 15;
constexpr SequenceOptions kOptions{13, 18};

bool is_integer(const NodeView& node) { return node.input(0).type != ElementType::f32; }

void check_types(const NodeView& node, int32_t inputs, int32_t units) {
  const ElementType type = node.input(0).type;
  if (type != ElementType::f32 && type != ElementType::s8 && type != ElementType::s16)
    node.refuse("wrong-type", std::string("the input is ") + to_string(type), "use f32, s8 or s16");
  const ElementType weights = is_integer(node) ? ElementType::s8 : ElementType::f32;
  const ElementType bias = type == ElementType::f32  ? type
                           : type == ElementType::s8 ? ElementType::s32
                                                     : ElementType::s64;
  for (size_t g = 0; g < 4; ++g) {
    expect_tensor(node, 1 + g, weights, {units, inputs});
    expect_tensor(node, 5 + g, weights, {units, units});
    expect_tensor(node, 9 + g, bias, {units});
  }
}

// With the products of a row, at most 2^46, a sum stays within what
// multiply_by_quantized_multiplier_s64 takes. Biases of 32 bits may wrap.
void check_biases(const NodeView& node) {
  constexpr int64_t kLargest = int64_t(1) << 46;
  for (size_t g = 0; g < 4; ++g) {
    const Value& bias = node.input(9 + g);
    if (bias.type != ElementType::s64) continue;
    if (bias.kind != ValueKind::constant)
      node.refuse("not-constant", "the biases of an s16 lstm must be constant");
    for (int64_t u = 0; u < bias.elements(); ++u)
      if (bias.as<int64_t>()[u] >= kLargest || bias.as<int64_t>()[u] <= -kLargest)
        node.refuse("too-large", "bias[" + std::to_string(u) + "] of a gate is 2^46 or more");
  }
}

// Functions that an integer layer takes.
bool is_plain(const NodeView& node) {
  const std::string& name = node.text("cell_activation");
  const RecurrentFunction others[] = {kFunctions[0], kFunctions[2]};
  return (name == "tanh" || name == "logistic") && is_plain_recurrent(node, others);
}

bool has_peepholes(const NodeView& node) {
  for (size_t i = kPeepholes; i < kPeepholes + 3; ++i)
    if (node.has_input(i)) return true;
  return false;
}

// Of h and the cell.
std::vector<StateForm> state_forms(const NodeView& node) {
  if (!is_integer(node)) return {{ElementType::f32, {}}, {ElementType::f32, {}}};
  return {{node.input(0).type, per_tensor(float(node.number("output_scale")),
                                          int32_t(node.integer("output_zero_point")))},
          {ElementType::s16, per_tensor(float(node.number("cell_scale")), 0)}};
}

LstmF32Params float_params(const NodeView& node) {
  LstmF32Params params{};
  fill_sequence(params, sequence_sizes(node, 1));
  fill_activations(params, node, kFunctions);
  params.coupled = node.integer("coupled") != 0;
  params.cell_limit = std::max(0.0f, float(node.number("cell_clip")));
  return params;
}

void check_lstm_options(const NodeView& node, const SequenceSizes& sizes) {
  const std::vector<StateForm> states = state_forms(node);
  check_options(node, sizes, kOptions);
  check_initial(node, sizes, kOptions.initial, states[0]);
  check_initial(node, sizes, kInitialCell, states[1]);
  for (size_t i = kPeepholes; i < kPeepholes + 3; ++i)
    if (node.has_input(i)) expect_tensor(node, i, ElementType::f32, {sizes.units});
  if (is_integer(node) && (has_peepholes(node) || node.integer("coupled") != 0))
    node.refuse("wrong-input", kPlain);
}

double positive(const NodeView& node, const std::string& name) {
  const double value = node.number(name);
  if (!(value > 0) || !std::isfinite(float(value)) || float(value) == 0)
    node.refuse("wrong-quantization", name + " is not positive");
  return double(float(value));
}

void check_scales(const NodeView& node) {
  for (size_t i = 0; i < 9; ++i) {
    const Quantization& q = node.input(i).quantization;
    if (q.scales.size() != 1 || (i > 0 && q.zero_point() != 0))
      node.refuse("wrong-quantization",
                  "input " + std::to_string(i) + " must have one scale, weights no zero point");
  }
}

// What is multiplied by 2^shift must stay in the kernel's words; beyond, a model is no use anyway.
QuantizedMultiplier multiplier(const NodeView& node, double real) {
  const bool usable = std::isfinite(real) && real >= 0;
  const QuantizedMultiplier m = quantize_multiplier(usable ? real : 0);
  if (!usable || m.shift > 7)
    node.refuse("wrong-quantization", "the scales of the layer lie too far apart");
  return m;
}

void set_gate_multipliers(const NodeView& node, LstmParams& params) {
  const float x_scale = node.input(0).quantization.scale();
  const auto h_scale = float(node.number("output_scale"));
  for (size_t g = 0; g < 4; ++g) {
    // The products of scales are double, as in the runtime (its published source rounds them).
    const double x_product = double(x_scale) * double(node.input(1 + g).quantization.scale());
    const double h_product = double(h_scale) * double(node.input(5 + g).quantization.scale());
    const QuantizedMultiplier x = multiplier(node, x_product / kGateSumScale);
    const QuantizedMultiplier h = multiplier(node, h_product / kGateSumScale);
    params.x_multiplier[g] = x.multiplier, params.x_shift[g] = x.shift;
    params.h_multiplier[g] = h.multiplier, params.h_shift[g] = h.shift;
  }
}

void set_cell(const NodeView& node, LstmParams& params) {
  const double cell_scale = positive(node, "cell_scale"), clip = node.number("cell_clip");
  const auto power = int32_t(std::lround(std::log2(cell_scale)));
  const int32_t left = 12 + power;
  if (left < -15 || left > 12)
    node.refuse("wrong-quantization", "cell_scale must lie within 2^-27 .. 1");
  params.tanh_multiplier = left < 0 ? 3 : 3 << left;
  params.tanh_shift = left < 0 ? -left : 0;
  params.cell_limit = -1;
  if (clip > 0) params.cell_limit = int32_t(std::min(double(float(clip)) / cell_scale, 32767.0));
  const QuantizedMultiplier forget = multiplier(node, kGateScale * cell_scale / cell_scale);
  const QuantizedMultiplier update = multiplier(node, kGateScale * kGateScale / cell_scale);
  params.forget_multiplier = forget.multiplier, params.forget_shift = forget.shift;
  params.update_multiplier = update.multiplier, params.update_shift = update.shift;
}

LstmParams integer_params(const NodeView& node) {
  LstmParams params{};
  fill_sequence(params, sequence_sizes(node, 1));
  params.logistic_cell = node.text("cell_activation") == "logistic";
  params.input_zero_point = node.input(0).quantization.zero_point();
  params.hidden_zero_point = int32_t(node.integer("output_zero_point"));
  set_gate_multipliers(node, params);
  set_cell(node, params);
  const QuantizedMultiplier hidden =
      multiplier(node, kGateScale * kGateScale / positive(node, "output_scale"));
  params.hidden_multiplier = hidden.multiplier, params.hidden_shift = hidden.shift;
  return params;
}

Inference infer(const NodeView& node) {
  if (node.input_count() < 13 || node.input_count() > 19)
    node.refuse("missing-input", "an lstm has 13 inputs, and optionally 6 more");
  for (size_t i = 0; i < 13; ++i)
    if (!node.has_input(i))
      node.refuse("missing-input", "input " + std::to_string(i) + " is not given",
                  "couple no gates and give every bias");
  const SequenceSizes sizes = sequence_sizes(node, 1);
  check_types(node, sizes.inputs, sizes.units);
  check_biases(node);
  check_lstm_options(node, sizes);
  if (is_integer(node) && !is_plain(node)) node.refuse("unknown-activation", kPlain);
  if (!is_integer(node)) float_params(node);
  if (!(std::fabs(node.number("cell_clip")) < 1e30))
    node.refuse("wrong-attribute", "cell_clip is not a finite number");
  ValueType output = like_input(node, sequence_output(node, sizes.units));
  output.clock = joint_clock(node);
  const ElementType type = node.input(0).type;
  const Shape state{sizes.batches, sizes.units};
  Bytes hidden;
  if (is_integer(node)) {
    check_scales(node);
    const int64_t zero_point = node.integer("output_zero_point");
    if (zero_point < -128 || zero_point > 127 || (type == ElementType::s16 && zero_point != 0))
      node.refuse("wrong-quantization", "the zero point of the output does not fit");
    if (type == ElementType::s8)
      hidden.assign(size_t(element_count(state)), uint8_t(int8_t(zero_point)));
    integer_params(node);
  }
  Inference out{{output},
                {{"hidden", type, state, hidden},
                 {"cell", is_integer(node) ? ElementType::s16 : ElementType::f32, state, {}}}};
  add_final_states(node, out, state_forms(node));
  return out;
}

KernelCall lower(const NodeView& node) {
  const int32_t units = node.input(1).shape[0];
  KernelCall call;
  if (is_integer(node)) {
    const Kernel kernel =
        node.input(0).type == ElementType::s8 ? MOTE_KERNEL(lstm_s8) : MOTE_KERNEL(lstm_s16);
    call = make_kernel_call(kHeader, kernel, "LstmParams", integer_params(node));
  } else {
    call = make_kernel_call(kHeader, MOTE_KERNEL(lstm_f32), "LstmF32Params", float_params(node));
  }
  for (int32_t i = 0; i < 13; ++i) call.input(i);
  for (size_t i = kOptions.initial; i <= kOptions.lengths; ++i)
    if (!is_integer(node) || i < kPeepholes || i == kOptions.lengths) add_optional(call, node, i);
  if (is_integer(node)) call.constant("table", ElementType::u16, logistic_table());
  call.state(0).state(1).scratch(int64_t(units) * 4 * (is_integer(node) ? 2 : 4)).output();
  add_final(call, node, 1);
  add_final(call, node, 2);
  return call;
}

int64_t macs(const NodeView& node) {
  const SequenceSizes s = sequence_sizes(node, 1);
  return int64_t(s.batches) * s.steps * s.units * 4 * (s.inputs + s.units);
}

// 16 bits over the cell's calibrated range, widened to a power of two: the rule of TFLite's
// converter (tensorflow/lite/tools/optimize/operator_property.cc).
double cell_scale(const ValueRange& range) {
  const double peak = std::max({-double(range.min), double(range.max), 0x1p-12});
  return std::exp2(std::min(std::ceil(std::log2(peak)), 15.0) - 15);
}

// After every step from zeros; before the first and behind the last, where these are in the graph.
ValueRange cell_range(Quantizer& quantizer, const NodeView& node) {
  const size_t outputs = node.node().outputs.size();
  ValueRange range = quantizer.range(node, outputs + 1);  // of state 1, behind the outputs
  if (outputs > 2) range = widened(range, quantizer.range(node, 2));
  return widened(range, range_of_state(quantizer, node, kInitialCell));
}

// As TFLite's converter does for the kernel's types: weights of each gate by their largest
// magnitude, the hidden state at the output's calibrated range (and that of a first one).
void quantize(Quantizer& quantizer, const NodeView& node) {
  const ElementType type = quantizer.type(node);
  const ElementType bias = type == ElementType::s8 ? ElementType::s32 : ElementType::s64;
  const ValueId x = quantizer.input(node, 0);
  const double x_scale = double(quantizer.graph().value(x).quantization.scale());
  const Quantization output =
      node.has_input(kOptions.initial)
          ? quantization_over(type, widened(quantizer.range(node),
                                            range_of_state(quantizer, node, kOptions.initial)))
          : quantizer.activation(node);
  const double cell = cell_scale(cell_range(quantizer, node));
  std::vector<ValueId> inputs(kOptions.lengths + 1, -1);
  inputs[0] = x;
  for (size_t g = 0; g < 4; ++g) {
    const QuantizedWeights w =
        quantize_gates(quantizer, node, {1 + g, int32_t(9 + g), x_scale, 1, bias});
    inputs[1 + g] = w.weights, inputs[9 + g] = w.bias;
    inputs[5 + g] = quantize_gates(quantizer, node, {5 + g, -1, 1}).weights;
  }
  inputs[kOptions.initial] = quantize_state(quantizer, node, kOptions.initial, type, output);
  inputs[kInitialCell] =
      quantize_state(quantizer, node, kInitialCell, ElementType::s16, per_tensor(float(cell), 0));
  inputs[kOptions.lengths] = quantizer.input(node, kOptions.lengths);
  Attributes attributes = with_output_quantization(node.node().attributes, output);
  attributes["cell_scale"] = cell;
  quantizer.replace(node, lstm_op, inputs, attributes);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = recurrent_attributes(kFunctions);
  for (AttributeSpec& spec : output_quantization_attributes()) all.push_back(std::move(spec));
  all.push_back({"cell_scale", Attribute(1.0 / 2048), "scale of an integer cell, a power of two"});
  all.push_back({"cell_clip", Attribute(0.0), "magnitude that the cell is clipped to; 0: none"});
  all.push_back({"coupled", Attribute(int64_t{0}), "1: the forget gate is 1 - input gate"});
  return all;
}

std::string stays_float(const NodeView& node) {
  if (!is_plain(node) || has_peepholes(node) || node.integer("coupled") != 0) return kPlain;
  return computed_weights(node, 1, 12);
}

}  // namespace

const OpDef lstm_op{
    .name = "lstm",
    .room = "nn",
    .summary = "long short-term memory over the steps of a sequence; f32, s8, s16 (s8 weights)",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
    .stays_float = stays_float,
};

}  // namespace mote
