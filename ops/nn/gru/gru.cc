// SPDX-License-Identifier: Apache-2.0
// Host half of gru: (x, W, R, b, d) -> [.., units]. f32; s8 | s16 with s8 weights, one scale a
// gate, and s32 biases. See gru.h.
#include "ops/nn/gru/gru.h"

#include "ops/activation.h"
#include "ops/nn/recurrent_layer.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/sigmoid_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/gru/gru.h";
constexpr int32_t kGates = 3;
constexpr double kGateSumScale = 1.0 / (1 << 18);  // recurrent_integer.h
constexpr const char* kPlain = "an integer gru takes logistic gates, a candidate of tanh, no clip";

constexpr RecurrentFunction kFunctions[] = {
    {"gate_activation", "logistic", "of the update and reset gate: logistic, hard_sigmoid, ..."},
    {"candidate_activation", "tanh", "tanh, relu, ..."}};
constexpr SequenceOptions kOptions{5, 6};

bool is_integer(const NodeView& node) { return node.input(0).type != ElementType::f32; }

SequenceSizes sizes_of(const NodeView& node) { return sequence_sizes(node, 1, kGates); }

GruParams float_params(const NodeView& node) {
  GruParams params{};
  fill_sequence(params, sizes_of(node));
  params.reset_after = node.integer("reset_after") != 0;
  fill_activations(params, node, kFunctions);
  return params;
}

GruIntegerParams integer_params(const NodeView& node) {
  if (!is_plain_recurrent(node, kFunctions)) node.refuse("unknown-activation", kPlain);
  GruIntegerParams params{};
  fill_sequence(params, sizes_of(node));
  params.reset_after = node.integer("reset_after") != 0;
  params.hidden_bits = hidden_bits(node);
  fill_integer(params, node,
               {1, 2, kOptions.initial, kGates, kGateSumScale, node.number("hidden_scale")});
  return params;
}

void check_weights(const NodeView& node, const SequenceSizes& sizes) {
  const int32_t stacked = kGates * sizes.units;
  const ElementType weights = is_integer(node) ? ElementType::s8 : ElementType::f32;
  const ElementType biases = is_integer(node) ? ElementType::s32 : ElementType::f32;
  expect_tensor(node, 1, weights, {stacked, sizes.inputs});
  expect_tensor(node, 2, weights, {stacked, sizes.units});
  expect_tensor(node, 3, biases, {stacked});
  expect_tensor(node, 4, biases, {stacked});
}

Inference infer(const NodeView& node) {
  if (node.input_count() < 5 || node.input_count() > 7 || !node.has_input(0) || !node.has_input(1))
    node.refuse("missing-input", "a gru has 5 inputs, and optionally 2 more");
  const SequenceSizes sizes = sizes_of(node);
  ValueType output{ElementType::f32, sequence_output(node, sizes.units), {}, joint_clock(node)};
  if (is_integer(node)) output = integer_output(node, sizes.units);
  check_weights(node, sizes);
  check_options(node, sizes, kOptions);
  if (is_integer(node))
    integer_params(node);
  else
    float_params(node);
  const ElementType state = is_integer(node) ? ElementType::s16 : ElementType::f32;
  Inference out{{output}, {{"hidden", state, {sizes.batches, sizes.units}, {}}}};
  add_final_states(node, out, {{output.type, output.quantization}});
  return out;
}

KernelCall lower(const NodeView& node) {
  const bool integer = is_integer(node);
  const int64_t work = int64_t(sizes_of(node).units) * kGates;
  KernelCall call =
      integer ? make_kernel_call(kHeader,
                                 node.input(0).type == ElementType::s8 ? MOTE_KERNEL(gru_s8)
                                                                       : MOTE_KERNEL(gru_s16),
                                 "GruIntegerParams", integer_params(node))
              : make_kernel_call(kHeader, MOTE_KERNEL(gru_f32), "GruParams", float_params(node));
  for (int32_t i = 0; i < 5; ++i) call.input(i);
  add_optional(call, node, kOptions.initial);
  add_optional(call, node, kOptions.lengths);
  if (integer) call.constant("table", ElementType::u16, logistic_table());
  call.state().scratch(work * (integer ? 2 : 4)).output();
  add_final(call, node, 1);
  return call;
}

// The weights by gate, the output at its calibrated range.
void quantize(Quantizer& quantizer, const NodeView& node) {
  const ValueId x = quantizer.input(node, 0);
  const double x_scale = double(quantizer.graph().value(x).quantization.scale());
  const Quantization output = quantizer.activation(node);
  const double hidden_scale = hidden_scale_over(range_of_state(quantizer, node, kOptions.initial));
  const QuantizedWeights w = quantize_gates(quantizer, node, {1, 3, x_scale, kGates});
  const QuantizedWeights r = quantize_gates(quantizer, node, {2, 4, hidden_scale, kGates});
  const ValueId initial = quantize_state(quantizer, node, kOptions.initial);
  Attributes attributes = with_output_quantization(node.node().attributes, output);
  attributes["hidden_scale"] = hidden_scale;
  quantizer.replace(
      node, gru_op,
      {x, w.weights, r.weights, w.bias, r.bias, initial, quantizer.input(node, kOptions.lengths)},
      attributes);
}

int64_t macs(const NodeView& node) {
  const SequenceSizes s = sizes_of(node);
  return int64_t(s.batches) * s.steps * s.units * kGates * (s.inputs + s.units);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = recurrent_attributes(kFunctions);
  for (AttributeSpec& spec : output_quantization_attributes()) all.push_back(std::move(spec));
  all.push_back(hidden_scale_attribute(
      "scale of an integer h, a power of two: 2^-15, more for a first h beyond 1"));
  all.push_back({"reset_after", Attribute(int64_t{0}),
                 "1: the reset gate follows the product (Keras, ONNX linear_before_reset)"});
  return all;
}

std::string stays_float(const NodeView& node) {
  return is_plain_recurrent(node, kFunctions) ? computed_weights(node, 1, 4) : kPlain;
}

}  // namespace

const OpDef gru_op{
    .name = "gru",
    .room = "nn",
    .summary = "gated recurrent unit over the steps of a sequence; f32, s8, s16 (s8 weights)",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
    .stays_float = stays_float,
};

}  // namespace mote
