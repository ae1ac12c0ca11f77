// SPDX-License-Identifier: Apache-2.0
// Host half of rnn: (x, W, R, b) f32 -> [.., units]. See rnn.h.
#include "ops/nn/rnn/rnn.h"

#include "ops/nn/scale_ratio.h"
#include "ops/nn/sequence_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr RecurrentFunction kFunctions[] = {
    {"activation", "tanh", "tanh, none, relu, relu6, relu_n1_to_1, logistic, ..."}};
constexpr SequenceOptions kOptions{4, 5};

RnnParams params_of(const NodeView& node) {
  RnnParams params{};
  fill_sequence(params, sequence_sizes(node, 1));
  fill_activations(params, node, kFunctions);
  return params;
}

Inference infer(const NodeView& node) {
  if (node.input_count() < 4 || node.input_count() > 6 || !node.has_input(0) || !node.has_input(1))
    node.refuse("missing-input", "an rnn has 4 inputs, and optionally 2 more");
  const RnnParams p = params_of(node);
  expect_tensor(node, 0, ElementType::f32, node.input(0).shape);
  expect_tensor(node, 1, ElementType::f32, {p.units, p.inputs});
  expect_tensor(node, 2, ElementType::f32, {p.units, p.units});
  expect_tensor(node, 3, ElementType::f32, {p.units});
  check_options(node, sequence_sizes(node, 1), kOptions);
  Inference out{{{ElementType::f32, sequence_output(node, p.units), {}, joint_clock(node)}},
                {{"hidden", ElementType::f32, {p.batches, p.units}, {}}}};
  add_final_states(node, out);
  return out;
}

KernelCall lower(const NodeView& node) {
  const RnnParams params = params_of(node);
  KernelCall call = make_kernel_call("ops/nn/rnn/rnn.h", MOTE_KERNEL(rnn_f32), "RnnParams", params);
  for (int32_t i = 0; i < 4; ++i) call.input(i);
  add_optional(call, node, kOptions.initial);
  add_optional(call, node, kOptions.lengths);
  call.state().scratch(int64_t(params.units) * 4).output();
  add_final(call, node, 1);
  return call;
}

int64_t macs(const NodeView& node) {
  const SequenceSizes s = sequence_sizes(node, 1);
  return int64_t(s.batches) * s.steps * s.units * (s.inputs + s.units);
}

}  // namespace

const OpDef rnn_op{
    .name = "rnn",
    .room = "nn",
    .summary = "a plain recurrent layer over the steps of a sequence; f32",
    .attributes = recurrent_attributes(kFunctions),
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
