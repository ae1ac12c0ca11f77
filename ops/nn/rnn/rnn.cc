// SPDX-License-Identifier: Apache-2.0
// Host half of rnn: (x, W, R, b) -> [.., units]. f32; s8 | s16 with s8 weights and an s32 bias. See
// rnn.h.
#include "ops/nn/rnn/rnn.h"

#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/nn/recurrent_layer.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/sigmoid_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/rnn/rnn.h";
constexpr double kGateSumScale = 1.0 / (1 << 18);  // recurrent_integer.h
constexpr const char* kPlain =
    "an integer rnn takes tanh, logistic, none, relu, relu6 or relu_n1_to_1, no clip";

constexpr RecurrentFunction kFunctions[] = {
    {"activation", "tanh", "tanh, none, relu, relu6, relu_n1_to_1, logistic, ..."}};
constexpr SequenceOptions kOptions{4, 5};

bool is_integer(const NodeView& node) { return node.input(0).type != ElementType::f32; }

RnnParams float_params(const NodeView& node) {
  RnnParams params{};
  fill_sequence(params, sequence_sizes(node, 1));
  fill_activations(params, node, kFunctions);
  return params;
}

bool is_curve(const NodeView& node) {
  return node.text("activation") == "tanh" || node.text("activation") == "logistic";
}

// Of h, an integer.
double hidden_scale(const NodeView& node) {
  if (is_curve(node)) return std::ldexp(1.0, hidden_bits(node) - 15);
  const auto scale = float(node.number("hidden_scale"));
  if (!(scale > 0) || !std::isfinite(scale))
    node.refuse("wrong-quantization", "hidden_scale is not positive");
  return double(scale);
}

int32_t steps(float bound, double scale) {
  return int32_t(std::clamp(std::nearbyint(double(bound) / scale), -32768.0, 32767.0));
}

RnnIntegerParams integer_params(const NodeView& node) {
  const auto function = recurrent_activation(node, kFunctions[0].attribute, 0);
  const bool known = is_curve(node) || function.code == kRecurrentClamp;
  if (!known || recurrent_clip(node) != 0) node.refuse("unknown-activation", kPlain);
  const double scale = hidden_scale(node);
  RnnIntegerParams params{};
  fill_sequence(params, sequence_sizes(node, 1));
  params.activation = function.code;
  if (function.code == kRecurrentClamp) {
    params.least = steps(function.alpha, scale);
    params.most = steps(function.beta, scale);
  }
  if (is_curve(node)) params.hidden_bits = hidden_bits(node);
  fill_integer(params, node,
               {1, 2, kOptions.initial, 1, is_curve(node) ? kGateSumScale : scale / 16, scale});
  return params;
}

void check_weights(const NodeView& node, const SequenceSizes& sizes) {
  const ElementType weights = is_integer(node) ? ElementType::s8 : ElementType::f32;
  expect_tensor(node, 1, weights, {sizes.units, sizes.inputs});
  expect_tensor(node, 2, weights, {sizes.units, sizes.units});
  expect_tensor(node, 3, is_integer(node) ? ElementType::s32 : ElementType::f32, {sizes.units});
}

Inference infer(const NodeView& node) {
  if (node.input_count() < 4 || node.input_count() > 6 || !node.has_input(0) || !node.has_input(1))
    node.refuse("missing-input", "an rnn has 4 inputs, and optionally 2 more");
  const SequenceSizes sizes = sequence_sizes(node, 1);
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
  const int64_t units = node.input(1).shape[0];
  KernelCall call =
      integer ? make_kernel_call(kHeader,
                                 node.input(0).type == ElementType::s8 ? MOTE_KERNEL(rnn_s8)
                                                                       : MOTE_KERNEL(rnn_s16),
                                 "RnnIntegerParams", integer_params(node))
              : make_kernel_call(kHeader, MOTE_KERNEL(rnn_f32), "RnnParams", float_params(node));
  for (int32_t i = 0; i < 4; ++i) call.input(i);
  add_optional(call, node, kOptions.initial);
  add_optional(call, node, kOptions.lengths);
  if (integer && is_curve(node)) call.constant("table", ElementType::u16, logistic_table());
  if (integer && !is_curve(node)) call.null();
  call.state().scratch(units * (integer ? 2 : 4)).output();
  add_final(call, node, 1);
  return call;
}

// The output at its calibrated range; h without a curve in 16 bits over twice that.
void quantize(Quantizer& quantizer, const NodeView& node) {
  const ValueId x = quantizer.input(node, 0);
  const double x_scale = double(quantizer.graph().value(x).quantization.scale());
  const Quantization output = quantizer.activation(node);
  const ValueRange first = range_of_state(quantizer, node, kOptions.initial);
  const ValueRange range = widened(quantizer.range(node), first);
  Attributes attributes = with_output_quantization(node.node().attributes, output);
  const float peak = 2 * std::max(-range.min, range.max);
  attributes["hidden_scale"] = is_curve(node)
                                   ? hidden_scale_over(first)
                                   : double(symmetric_over(ElementType::s16, peak).scale());
  const QuantizedWeights w = quantize_gates(quantizer, node, {1, 3, x_scale});
  const QuantizedWeights r = quantize_gates(quantizer, node, {2, -1, 1});
  const ValueId initial = quantize_state(quantizer, node, kOptions.initial);
  quantizer.replace(
      node, rnn_op,
      {x, w.weights, r.weights, w.bias, initial, quantizer.input(node, kOptions.lengths)},
      attributes);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = recurrent_attributes(kFunctions);
  for (AttributeSpec& spec : output_quantization_attributes()) all.push_back(std::move(spec));
  all.push_back(hidden_scale_attribute(
      "scale of an integer h; behind tanh and logistic 2^-15, a larger power of two for a first h "
      "beyond 1"));
  return all;
}

int64_t macs(const NodeView& node) {
  const SequenceSizes s = sequence_sizes(node, 1);
  return int64_t(s.batches) * s.steps * s.units * (s.inputs + s.units);
}

std::string stays_float(const NodeView& node) {
  const auto function = recurrent_activation(node, kFunctions[0].attribute, 0);
  const bool known = is_curve(node) || function.code == kRecurrentClamp;
  return known && recurrent_clip(node) == 0 ? computed_weights(node, 1, 3) : kPlain;
}

}  // namespace

const OpDef rnn_op{
    .name = "rnn",
    .room = "nn",
    .summary = "a plain recurrent layer over the steps of a sequence; f32, s8, s16 (s8 weights)",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
    .stays_float = stays_float,
};

}  // namespace mote
