// SPDX-License-Identifier: Apache-2.0
// Host half of fully_connected: inputs (x [..., in], weights [out, in], bias [out] or -1) -> [...,
// out]. See the header.
#include "ops/nn/fully_connected/fully_connected.h"

#include <algorithm>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/compressed_layer.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/eights_layer.h"
#include "ops/nn/fully_connected/fully_connected_coded.h"
#include "ops/nn/fully_connected/fully_connected_dsp.h"
#include "ops/nn/fully_connected/fully_connected_nibbles.h"
#include "ops/nn/fully_connected/fully_connected_scalar.h"
#include "ops/nn/lane_call.h"
#include "ops/nn/packed_call.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/vector_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/fully_connected/fully_connected.h";

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  const Value& weights = node.input(1);
  if (weights.shape.size() != 2 || input.shape.empty() || input.shape.back() != weights.shape[1])
    node.refuse("wrong-shape", "the input's last dimension must equal the weights' second");
  LayerLimits limits{weights.shape[0], weights.shape[1]};
  limits.narrow_sums = true;
  limits.weights_zero_point = true;
  check_layer(node, limits);
  Shape shape = input.shape;
  shape.back() = weights.shape[0];
  ValueType type = like_input(node, shape);
  type.clock = joint_clock(node);
  return {{type}, {}};
}

KernelCall lower_f32(const NodeView& node, const FullyConnectedParams& sizes) {
  const ClampRange clamp = activation_range(node);
  const FullyConnectedF32Params params{sizes.batches, sizes.input_size, sizes.output_size,
                                       clamp.min, clamp.max};
  return with_layer_arguments(node,
                              make_kernel_call(kHeader, MOTE_KERNEL(fully_connected_f32),
                                               "FullyConnectedF32Params", params),
                              nullptr);
}

FullyConnectedParams sizes_of(const NodeView& node) {
  const Shape& weights = node.input(1).shape;
  FullyConnectedParams sizes{};
  sizes.input_size = weights[1];
  sizes.output_size = weights[0];
  sizes.batches = int32_t(node.input(0).elements() / sizes.input_size);
  return sizes;
}

FullyConnectedParams integer_params(const NodeView& node) {
  FullyConnectedParams params = sizes_of(node);
  const Quantization& weights = node.input(1).quantization;
  const QuantizedClampRange clamp = quantized_activation_range(node, node.output());
  params.input_zero_point = node.input(0).quantization.zero_point();
  params.weights_zero_point = weights.scales.size() == 1 ? weights.zero_point() : 0;
  params.output_zero_point = node.output().quantization.zero_point();
  params.output_min = clamp.min;
  params.output_max = clamp.max;
  return params;
}

KernelCall lower_integer(const NodeView& node) {
  const FullyConnectedParams params = integer_params(node);
  const Kernel kernel =
      kernel_for(node, {kHeader, MOTE_KERNEL(fully_connected_s8), MOTE_KERNEL(fully_connected_s16),
                        MOTE_KERNEL(fully_connected_s16_narrow), Kernel{}});
  const ChannelRatios ratios = channel_ratios(node, params.output_size);
  return with_layer_arguments(
      node, make_kernel_call(kHeader, kernel, "FullyConnectedParams", params), &ratios);
}

KernelCall lower(const NodeView& node) {
  return node.input(0).type == ElementType::f32 ? lower_f32(node, sizes_of(node))
                                                : lower_integer(node);
}

// Each row of the output is written number by number when the input's has been read.
std::vector<AccessOrder> order(const NodeView& node) {
  const FullyConnectedParams p = sizes_of(node);
  const int64_t read = element_bytes(node.input(0).type), row = p.input_size * read;
  const int64_t write = element_bytes(node.output().type);
  AccessOrder order;
  for (int64_t b = 0; b < p.batches; ++b) {
    const int64_t out = b * p.output_size * write;
    order.runs.push_back({{b * row, (b + 1) * row, out, out + write}, p.output_size, 0, write});
  }
  return {order};
}

// A row at once: its inputs are unfolded, or widened, first.
AccessOrder by_rows(const FullyConnectedParams& p) {
  const int64_t in = p.input_size, out = p.output_size;
  return {0, 1, {{{0, in, 0, out}, p.batches, in, out}}};
}

// A row is unfolded into the scratch: `taken` inputs at a time, which are read before the `made`
// bytes that they become are written; behind its last, any byte of the scratch is.
AccessOrder unfolding(const FullyConnectedParams& p, int64_t taken, int64_t made, int64_t scratch) {
  AccessOrder order;
  const int64_t in = p.input_size, steps = in / taken;
  for (int64_t row = 0; row < p.batches * in; row += in) {
    order.runs.push_back({{row, row + taken, 0, made}, steps, taken, made});
    order.runs.push_back({{row + steps * taken, row + in, steps * made, scratch}});
  }
  return order;
}

// Of a row some numbers at once, each from all inputs.
AccessOrder by_columns(const FullyConnectedParams& p, int64_t columns) {
  AccessOrder order;
  const int64_t in = p.input_size, out = p.output_size;
  for (int64_t b = 0; b < p.batches; ++b)
    for (int64_t c = 0; c < out; c += columns)
      order.runs.push_back(
          {{b * in, (b + 1) * in, b * out + c, b * out + std::min(c + columns, out)}});
  return order;
}

std::optional<KernelCall> lower_nibbles(const NodeView& node, const FullyConnectedParams& p) {
  const auto layer = nibble_layer(node, p.output_size, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  const PackedKernels kernels{"ops/nn/fully_connected/fully_connected_nibbles.h",
                              MOTE_PACKED_KERNELS_ALIKE(fully_connected_s8_nibbles, ),
                              "FullyConnectedParams"};
  return packed_call(kernels, p, *layer)
      .scratch(2 * in_eights(p.input_size))
      .scratch_order(unfolding(p, 2, 4, 2 * in_eights(p.input_size)))
      .output()
      .order(by_rows(p));
}

// Where at least a sixteenth of the weights' bytes is saved: less is not worth the time.
std::optional<KernelCall> lower_coded(const FullyConnectedParams& p, PackedLayer layer) {
  const auto plain = int64_t(layer.words.size() * sizeof(uint32_t));
  const CodedWeights coded = code_weights(take_weights(layer, filled_up(1, p.input_size)));
  if (16 * (coded.bytes() + int64_t(layer.words.size() * sizeof(uint32_t))) > 15 * plain)
    return std::nullopt;
  const PackedKernels kernels{"ops/nn/fully_connected/fully_connected_coded.h",
                              MOTE_PACKED_KERNELS_ALIKE(fully_connected_s8_coded, ),
                              "CodedFullyConnectedParams"};
  const CodedFullyConnectedParams params{p.batches,           p.input_size, p.output_size,
                                         p.output_zero_point, p.output_min, p.output_max,
                                         coded.longest};
  return packed_call(kernels, params, layer)
      .constant("codes", ElementType::u8, coded.codes)
      .constant("table", ElementType::u16, coded.table)
      .scratch(coded_work_bytes(p.input_size))
      .scratch_order(unfolding(p, 4, 8, coded_work_bytes(p.input_size)))
      .output()
      .order(by_rows(p));
}

std::optional<KernelCall> lower_dsp(const NodeView& node) {
  if (!is_plain_s8(node)) return std::nullopt;
  const FullyConnectedParams p = integer_params(node);
  const bool compressed = node.integer("compressed") != 0;
  if (compressed)
    if (auto call = lower_nibbles(node, p)) return call;
  const auto layer = fold_layer(node, p.output_size, 1, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  if (compressed)
    if (auto call = lower_coded(p, *layer)) return call;
  const PackedKernels kernels{"ops/nn/fully_connected/fully_connected_dsp.h",
                              MOTE_PACKED_KERNELS_ALIKE(fully_connected_s8_dsp, ),
                              "FullyConnectedParams"};
  return packed_call(kernels, p, *layer)
      .scratch(2 * filled_up(1, p.input_size))
      .scratch_order(unfolding(p, 4, 8, 2 * filled_up(1, p.input_size)))
      .output()
      .order(by_rows(p));
}

std::optional<KernelCall> lower_mve(const NodeView& node) {
  if (!is_plain_s8(node)) return std::nullopt;
  const FullyConnectedParams p = integer_params(node);
  auto call = vector_rows_call(node, p);
  if (!call) return std::nullopt;
  const bool copies = call->scratch_bytes > 0;
  return std::move(*call).output().order(copies ? by_rows(p) : by_columns(p, 8));
}

std::optional<KernelCall> lower_scalar(const NodeView& node) {
  if (!is_plain_s8(node)) return std::nullopt;
  const FullyConnectedParams p = integer_params(node);
  const auto layer = lane_layer_by_channels(node, p.output_size, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  const LaneKernels kernels{"ops/nn/fully_connected/fully_connected_scalar.h",
                            MOTE_KERNEL(fully_connected_s8_scalar_clamped),
                            MOTE_KERNEL(fully_connected_s8_scalar), "FullyConnectedParams"};
  return lane_call(kernels, p, *layer)
      .scratch(4 * lane_words(p.input_size))
      .scratch_order(unfolding(p, 2, 12, 4 * lane_words(p.input_size)))
      .output()
      .order(by_rows(p));
}

// Rows of inputs are pixels, rows of weights windows of one.
std::optional<KernelCall> lower_simd128(const NodeView& node) {
  const bool is_f32 = node.input(0).type == ElementType::f32;
  if (!is_f32 && !is_plain_s8(node)) return std::nullopt;
  const FullyConnectedParams p = is_f32 ? sizes_of(node) : integer_params(node);
  Conv2dParams row{};
  row.batches = row.input_h = row.output_h = row.groups = row.kernel_h = row.kernel_w = 1;
  row.stride_h = row.stride_w = row.dilation_h = row.dilation_w = 1;
  row.input_w = row.output_w = p.batches;
  row.input_channels = p.input_size, row.output_channels = p.output_size;
  if (is_f32) return eights_call_f32(node, row);
  row.input_zero_point = p.input_zero_point, row.output_zero_point = p.output_zero_point;
  row.output_min = p.output_min, row.output_max = p.output_max;
  return eights_call(node, row);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = fused_activation_attributes();
  all.push_back(sum_bits_attribute());
  all.push_back({"compressed", Attribute(int64_t{0}),
                 "1: weights take fewer bytes of flash, where a core can decode them"});
  for (AttributeSpec& spec : ratio_attributes("of each output channel"))
    all.push_back(std::move(spec));
  return all;
}

int64_t macs(const NodeView& node) { return node.input(0).elements() * node.input(1).shape[0]; }

void quantize(Quantizer& quantizer, const NodeView& node) {
  const QuantizedWeights weights = quantizer.weights(node, 0);
  quantizer.replace(node, fully_connected_op,
                    {quantizer.input(node, 0), weights.weights, weights.bias},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef fully_connected_op{
    .name = "fully_connected",
    .room = "nn",
    .summary =
        "matrix product with bias and fused activation; f32, s8 and s16 (s8 weights per channel)",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = order,
    .variants = {{InstructionSet::mve, lower_mve},
                 {InstructionSet::dsp, lower_dsp},
                 {InstructionSet::scalar, lower_scalar},
                 {InstructionSet::simd128, lower_simd128}},
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
