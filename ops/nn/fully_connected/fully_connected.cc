// SPDX-License-Identifier: Apache-2.0
// Host half of fully_connected: inputs (x [..., in], weights [out, in], bias [out] or -1) -> [...,
// out]. See the header.
#include "ops/nn/fully_connected/fully_connected.h"

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  const Value& weights = node.input(1);
  if (weights.shape.size() != 2 || input.shape.empty() || input.shape.back() != weights.shape[1])
    node.refuse("wrong-shape", "the input's last dimension must equal the weights' second");
  check_conv_2d(node, weights.shape[0],
                weights.shape[1]);  // the same rules: types, bias, scales, size of a sum
  Shape shape = input.shape;
  shape.back() = weights.shape[0];
  return {{like_input(node, shape)}, {}};
}

KernelCall lower_f32(const NodeView& node, FullyConnectedParams sizes) {
  const ClampRange clamp = activation_range(node);
  const FullyConnectedF32Params params{sizes.batches, sizes.input_size, sizes.output_size,
                                       clamp.min, clamp.max};
  KernelCall call =
      make_kernel_call("ops/nn/fully_connected/fully_connected.h", MOTE_KERNEL(fully_connected_f32),
                       "FullyConnectedF32Params", params);
  call.input(0).input(1);
  node.has_input(2) ? call.input(2) : call.null();
  return call.output();
}

KernelCall lower_s8(const NodeView& node, FullyConnectedParams params) {
  const Value& output = node.output();
  const QuantizedClampRange clamp = quantized_activation_range(node, output);
  params.input_zero_point = node.input(0).quantization.zero_point();
  params.output_zero_point = output.quantization.zero_point();
  params.output_min = clamp.min;
  params.output_max = clamp.max;
  const ChannelMultipliers m =
      channel_multipliers(node.input(0), node.input(1), output, params.output_size);
  KernelCall call =
      make_kernel_call("ops/nn/fully_connected/fully_connected.h", MOTE_KERNEL(fully_connected_s8),
                       "FullyConnectedParams", params);
  call.input(0).input(1);
  node.has_input(2) ? call.input(2) : call.null();
  call.constant("multipliers", ElementType::s32, m.multipliers);
  call.constant("shifts", ElementType::s32, m.shifts);
  return call.output();
}

KernelCall lower(const NodeView& node) {
  const Value& weights = node.input(1);
  FullyConnectedParams sizes{};
  sizes.input_size = weights.shape[1];
  sizes.output_size = weights.shape[0];
  sizes.batches = int32_t(node.input(0).elements() / sizes.input_size);
  return node.input(0).type == ElementType::f32 ? lower_f32(node, sizes) : lower_s8(node, sizes);
}

int64_t macs(const NodeView& node) { return node.input(0).elements() * node.input(1).shape[0]; }

void quantize(Quantizer& quantizer, const NodeView& node) {
  const QuantizedWeights weights = quantize_weights(quantizer, node, 0);
  quantizer.replace(node, fully_connected_op,
                    {quantizer.input(node, 0), weights.weights, weights.bias},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef fully_connected_op{
    .name = "fully_connected",
    .room = "nn",
    .summary = "matrix product with bias and fused activation; f32, s8 (weights per channel)",
    .attributes = fused_activation_attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
