// SPDX-License-Identifier: Apache-2.0
// Host half of rnn: (x, W, R, b) f32 -> [.., units]. See rnn.h.
#include "ops/nn/rnn/rnn.h"

#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/sequence_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

RnnParams params_of(const NodeView& node) {
  RnnParams params{};
  fill_sequence(params, sequence_sizes(node, 1));
  params.is_tanh = node.text("activation") == "tanh";
  if (!params.is_tanh) {
    const ClampRange clamp = activation_range(node);
    params.output_min = clamp.min;
    params.output_max = clamp.max;
  }
  return params;
}

Inference infer(const NodeView& node) {
  if (node.input_count() != 4 || !node.has_input(0) || !node.has_input(1))
    node.refuse("missing-input", "an rnn has 4 inputs");
  const RnnParams p = params_of(node);
  expect_tensor(node, 0, ElementType::f32, node.input(0).shape);
  expect_tensor(node, 1, ElementType::f32, {p.units, p.inputs});
  expect_tensor(node, 2, ElementType::f32, {p.units, p.units});
  expect_tensor(node, 3, ElementType::f32, {p.units});
  return {{{ElementType::f32, sequence_output(node, p.units), {}, joint_clock(node)}},
          {{"hidden", ElementType::f32, {p.batches, p.units}, {}}}};
}

KernelCall lower(const NodeView& node) {
  const RnnParams params = params_of(node);
  KernelCall call = make_kernel_call("ops/nn/rnn/rnn.h", MOTE_KERNEL(rnn_f32), "RnnParams", params);
  for (int32_t i = 0; i < 4; ++i) call.input(i);
  return call.state().scratch(int64_t(params.units) * 4).output();
}

int64_t macs(const NodeView& node) {
  const SequenceSizes s = sequence_sizes(node, 1);
  return int64_t(s.batches) * s.steps * s.units * (s.inputs + s.units);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = sequence_attributes();
  all.push_back(
      {"activation", Attribute(std::string("tanh")), "tanh, none, relu, relu6 or relu_n1_to_1"});
  return all;
}

}  // namespace

const OpDef rnn_op{
    .name = "rnn",
    .room = "nn",
    .summary = "a plain recurrent layer over the steps of a sequence; f32",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
