// SPDX-License-Identifier: Apache-2.0
// Host half of gru: (x, W, R, b, d) f32 -> [.., units]. See gru.h.
#include "ops/nn/gru/gru.h"

#include "ops/nn/scale_ratio.h"
#include "ops/nn/sequence_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr RecurrentFunction kFunctions[] = {
    {"gate_activation", "logistic", "of the update and reset gate: logistic, hard_sigmoid, ..."},
    {"candidate_activation", "tanh", "tanh, relu, ..."}};
constexpr SequenceOptions kOptions{5, 6};

GruParams params_of(const NodeView& node) {
  GruParams params{};
  fill_sequence(params, sequence_sizes(node, 1, 3));
  params.reset_after = node.integer("reset_after") != 0;
  fill_activations(params, node, kFunctions);
  return params;
}

Inference infer(const NodeView& node) {
  if (node.input_count() < 5 || node.input_count() > 7 || !node.has_input(0) || !node.has_input(1))
    node.refuse("missing-input", "a gru has 5 inputs, and optionally 2 more");
  const GruParams p = params_of(node);
  const int32_t stacked = 3 * p.units;
  expect_tensor(node, 0, ElementType::f32, node.input(0).shape);
  expect_tensor(node, 1, ElementType::f32, {stacked, p.inputs});
  expect_tensor(node, 2, ElementType::f32, {stacked, p.units});
  expect_tensor(node, 3, ElementType::f32, {stacked});
  expect_tensor(node, 4, ElementType::f32, {stacked});
  check_options(node, sequence_sizes(node, 1, 3), kOptions);
  Inference out{{{ElementType::f32, sequence_output(node, p.units), {}, joint_clock(node)}},
                {{"hidden", ElementType::f32, {p.batches, p.units}, {}}}};
  add_final_states(node, out);
  return out;
}

KernelCall lower(const NodeView& node) {
  const GruParams params = params_of(node);
  KernelCall call = make_kernel_call("ops/nn/gru/gru.h", MOTE_KERNEL(gru_f32), "GruParams", params);
  for (int32_t i = 0; i < 5; ++i) call.input(i);
  add_optional(call, node, kOptions.initial);
  add_optional(call, node, kOptions.lengths);
  call.state().scratch(int64_t(params.units) * 3 * 4).output();
  add_final(call, node, 1);
  return call;
}

int64_t macs(const NodeView& node) {
  const SequenceSizes s = sequence_sizes(node, 1, 3);
  return int64_t(s.batches) * s.steps * s.units * 3 * (s.inputs + s.units);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = recurrent_attributes(kFunctions);
  all.push_back({"reset_after", Attribute(int64_t{0}),
                 "1: the reset gate follows the product (Keras, ONNX linear_before_reset)"});
  return all;
}

}  // namespace

const OpDef gru_op{
    .name = "gru",
    .room = "nn",
    .summary = "gated recurrent unit over the steps of a sequence; f32",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
