// SPDX-License-Identifier: Apache-2.0
// Host half of conv_2d: inputs (x NHWC, weights [out, kh, kw, in], bias [out] or -1) -> NHWC. See
// the header.
#include "ops/nn/conv_2d/conv_2d.h"

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(1).shape;
  if (w.size() != 4 || x.size() != 4 || w[3] != x[3])
    node.refuse("wrong-shape",
                "the input must be [batches, height, width, channels] and the weights "
                "[out, kernel height, kernel width, channels]",
                "reshape the input; grouped convolutions are split by the importer");
  check_conv_2d(node, w[0], int64_t(w[1]) * w[2] * w[3]);
  return infer_conv_2d(node, w[0]);
}

KernelCall lower(const NodeView& node) {
  return lower_conv_2d(
      node, node.input(1).shape[0],
      {"ops/nn/conv_2d/conv_2d.h", MOTE_KERNEL(conv_2d_s8), MOTE_KERNEL(conv_2d_f32)});
}

int64_t macs(const NodeView& node) {
  const Value& weights = node.input(1);
  return node.output().elements() * (weights.elements() / weights.shape[0]);
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const QuantizedWeights weights = quantize_weights(quantizer, node, 0);
  quantizer.replace(node, conv_2d_op, {quantizer.input(node, 0), weights.weights, weights.bias},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef conv_2d_op{
    .name = "conv_2d",
    .room = "nn",
    .summary = "2-D convolution with bias and fused activation; f32, s8 (weights per channel)",
    .attributes = conv_2d_attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
