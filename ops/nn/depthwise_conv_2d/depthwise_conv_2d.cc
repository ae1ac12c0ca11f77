// SPDX-License-Identifier: Apache-2.0
// Host half of depthwise_conv_2d: inputs (x NHWC, weights [1, kh, kw, out], bias [out] or -1) ->
// NHWC; `out` is a multiple of the input's channels. See the header.
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d.h"

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(1).shape;
  if (w.size() != 4 || x.size() != 4 || w[0] != 1 || x[3] < 1 || w[3] < 1 || w[3] % x[3] != 0)
    node.refuse("wrong-shape",
                "the input must be [batches, height, width, channels] and the weights "
                "[1, kernel height, kernel width, out] with `out` a multiple of the channels",
                "reshape the input");
  check_layer(node, {w[3], int64_t(w[1]) * w[2]});
  return infer_conv_2d(node, w[3]);
}

KernelCall lower(const NodeView& node) {
  return lower_conv_2d(
      node, conv_2d_sizes(node, node.input(1).shape[3], node.input(0).shape[3]),
      {"ops/nn/depthwise_conv_2d/depthwise_conv_2d.h", MOTE_KERNEL(depthwise_conv_2d_s8),
       MOTE_KERNEL(depthwise_conv_2d_s16), Kernel{}, MOTE_KERNEL(depthwise_conv_2d_f32)});
}

int64_t macs(const NodeView& node) {
  const Shape& w = node.input(1).shape;
  return node.output().elements() * w[1] * w[2];
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const QuantizedWeights weights = quantizer.weights(node, 3);
  quantizer.replace(node, depthwise_conv_2d_op,
                    {quantizer.input(node, 0), weights.weights, weights.bias},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef depthwise_conv_2d_op{
    .name = "depthwise_conv_2d",
    .room = "nn",
    .summary = "convolution of each channel by itself; f32, s8 and s16 (s8 weights per channel)",
    .attributes = conv_2d_attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
