// SPDX-License-Identifier: Apache-2.0
// Host half of transpose_conv: inputs (x NHWC, weights [out, kh, kw, in], bias [out] or -1) -> NHWC
// of the height and width that the attributes give: several fit one input, so they are not
// inferred. See the header.
#include "ops/nn/transpose_conv/transpose_conv.h"

#include <algorithm>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

// The padding in front of the output, seen as the input of the convolution that this one transposes
// (TFLite's ComputePaddingHeightWidth on the output's size). At most (kernel - 1) / 2 for same; may
// be positive for valid only where the kernel is larger than the output.
int32_t pad_before(bool same, int64_t output, int64_t kernel, int64_t stride) {
  const int64_t windows =
      same ? (output + stride - 1) / stride : (output + stride - kernel) / stride;
  return int32_t(std::max<int64_t>(0, ((windows - 1) * stride + kernel - output) / 2));
}

Conv2dParams sizes(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(1).shape;
  const std::string& padding = node.text("padding");
  if (padding != "same" && padding != "valid")
    node.refuse("wrong-attribute", "padding is '" + padding + "'", "use same or valid");
  Conv2dParams p{};
  p.batches = x[0], p.input_h = x[1], p.input_w = x[2], p.input_channels = x[3];
  p.output_h = extent(node, "output_h"), p.output_w = extent(node, "output_w");
  p.output_channels = w[0];
  p.groups = 1;
  p.kernel_h = w[1], p.kernel_w = w[2];
  p.stride_h = extent(node, "stride_h"), p.stride_w = extent(node, "stride_w");
  p.dilation_h = p.dilation_w = 1;
  p.pad_top = pad_before(padding == "same", p.output_h, p.kernel_h, p.stride_h);
  p.pad_left = pad_before(padding == "same", p.output_w, p.kernel_w, p.stride_w);
  return p;
}

Inference infer(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(1).shape;
  if (x.size() != 4 || w.size() != 4 || w[3] != x[3] || element_count(x) == 0)
    node.refuse("wrong-shape",
                "the input must be [batches, height, width, channels] and the weights "
                "[out, kernel height, kernel width, channels]",
                "reshape the input");
  if (w[1] > 65535 || w[2] > 65535) node.refuse("too-large", "the kernel is larger than 65535");
  LayerLimits limits{w[0], int64_t(w[1]) * w[2] * w[3]};
  limits.s16_bias = true;
  check_layer(node, limits);
  if (node.input(0).type == ElementType::s16 &&
      (node.input(0).quantization.zero_point() != 0 || node.integer("output_zero_point") != 0))
    node.refuse("wrong-quantization", "the zero points of s16 must be 0");
  const Conv2dParams p = sizes(node);
  ValueType type = like_input(node, {p.batches, p.output_h, p.output_w, p.output_channels});
  type.clock = joint_clock(node);
  return {{type}, {}};
}

KernelCall lower(const NodeView& node) {
  return lower_conv_2d(
      node, sizes(node),
      {"ops/nn/transpose_conv/transpose_conv.h", MOTE_KERNEL(transpose_conv_s8),
       MOTE_KERNEL(transpose_conv_s16), Kernel{}, MOTE_KERNEL(transpose_conv_f32)});
}

// Of every input pixel with every weight; what falls outside the output is not computed.
int64_t macs(const NodeView& node) {
  const Value& weights = node.input(1);
  return node.input(0).elements() / weights.shape[3] * weights.elements();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const QuantizedWeights weights = quantize_weights(quantizer, node, 0);
  quantizer.replace(node, transpose_conv_op,
                    {quantizer.input(node, 0), weights.weights, weights.bias},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all{{"output_h", {}, "rows of the output"},
                                 {"output_w", {}, "columns of the output"}};
  for (AttributeSpec& spec : window_2d_attributes(Dilation::none)) all.push_back(std::move(spec));
  for (AttributeSpec& spec : fused_activation_attributes()) all.push_back(std::move(spec));
  for (AttributeSpec& spec : ratio_attributes("of each output channel"))
    all.push_back(std::move(spec));
  return all;
}

}  // namespace

const OpDef transpose_conv_op{
    .name = "transpose_conv",
    .room = "nn",
    .summary =
        "transposed 2-D convolution with bias and fused activation; f32, s8 and s16 (s8 weights "
        "per "
        "channel)",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
