// SPDX-License-Identifier: Apache-2.0
// Host half of depthwise_conv_2d: inputs (x NHWC, weights [1, kh, kw, out], bias [out] or -1) ->
// NHWC; `out` is a multiple of the input's channels. See the header.
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d.h"

#include <algorithm>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/depthwise_conv_2d/depthwise_bands_3x3.h"
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d_3x3.h"
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d_dsp.h"
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d_mve.h"
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d_scalar.h"
#include "ops/nn/depthwise_conv_2d/depthwise_patches_layer.h"
#include "ops/nn/depthwise_conv_2d/depthwise_windows_3x3.h"
#include "ops/nn/eights_layer.h"
#include "ops/nn/lane_call.h"
#include "ops/nn/lone_taps_call.h"
#include "ops/nn/packed_call.h"
#include "ops/nn/vector_layer.h"
#include "ops/nn/window_order.h"
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

std::vector<AccessOrder> order(const NodeView& node) {
  const int32_t in = node.input(0).shape[3], out = node.input(1).shape[3];
  const WindowWalk walk = conv_2d_walk(conv_2d_sizes(node, out, in));
  const int64_t bytes = element_bytes(node.input(0).type);
  return {in == out ? by_own_channels(walk, 1, 1, bytes) : by_channels(walk, bytes)};
}

// Of each pair of taps a word a channel, 256 times the weights.
std::vector<uint32_t> pairs_of_taps(std::span<const Channel> four) {
  const auto weight = [](const Channel& c, size_t t) {
    return t < c.weights.size() ? uint32_t(uint16_t(int16_t(256 * c.weights[t]))) : 0;
  };
  std::vector<uint32_t> words;
  for (size_t t = 0; t < four[0].weights.size(); t += 2)
    for (const Channel& c : four) words.push_back(weight(c, t) | weight(c, t + 1) << 16);
  return words;
}

// Where the taps lie in an image whose rows and pixels are so many numbers apart; 0 for a last odd
// one.
std::vector<int32_t> tap_offsets(const Conv2dParams& p, int32_t row, int32_t pixel) {
  std::vector<int32_t> offsets;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky)
    for (int32_t kx = 0; kx < p.kernel_w; ++kx) offsets.push_back(ky * row + kx * pixel);
  if (offsets.size() % 2 != 0) offsets.push_back(0);
  return offsets;
}

// Of each row of 3x3 weights w the bytes w2, w0, 0, w1.
std::vector<uint32_t> rows_of_three(std::span<const Channel> one) {
  const std::vector<int8_t>& w = one[0].weights;
  std::vector<uint32_t> words;
  for (size_t row = 0; row < 9; row += 3)
    words.push_back(uint8_t(w[row + 2]) | uint32_t(uint8_t(w[row])) << 8 |
                    uint32_t(uint8_t(w[row + 1])) << 24);
  return words;
}
std::vector<uint32_t> columns_of_three(std::span<const Channel> one) {
  const std::vector<int8_t>& w = one[0].weights;
  Channel turned = one[0];
  for (size_t i = 0; i < 9; ++i) turned.weights[i] = w[i % 3 * 3 + i / 3];
  return rows_of_three({&turned, 1});
}

// The second number of each channel, negative or shift, goes where its rows of weights leave a byte
// each: it has at most 12 bits.
void fill_rows(PackedLayer& layer) {
  if (layer.rule == OutputRule::exact && !layer.signs) return;
  std::vector<uint32_t> words;
  for (size_t first = 0; first < layer.words.size(); first += 6) {
    uint32_t* const channel = layer.words.data() + first;
    for (int32_t row = 0; row < 3; ++row)
      channel[1 + row] |= (channel[5] >> (8 * row) & 0xFF) << 16;
    words.insert(words.end(), channel, channel + 5);
  }
  layer.words = std::move(words);
}

constexpr int32_t kPlaneBytes = 1024, kBandBytes = 2048;

// With rows and columns as in the image.
Depthwise3x3Params planes_of(const Conv2dParams& p) {
  return {p.batches,
          p.input_channels,
          p.input_h,
          p.input_w,
          p.input_w * p.input_channels,
          p.input_channels,
          p.output_h,
          p.output_w,
          p.output_w * p.input_channels,
          p.input_channels,
          p.stride_h,
          p.pad_top,
          p.pad_left,
          p.input_zero_point,
          p.output_zero_point,
          p.output_min,
          p.output_max,
          1};
}
Depthwise3x3Params turned(Depthwise3x3Params p) {
  std::swap(p.input_rows, p.input_columns), std::swap(p.input_row_step, p.input_column_step);
  std::swap(p.output_rows, p.output_columns), std::swap(p.output_row_step, p.output_column_step);
  std::swap(p.pad_rows, p.pad_columns);
  return p;
}

// Instructions a channel, about: an output, a single one at a row's end, a row.
int64_t effort(const Depthwise3x3Params& p) {
  return int64_t(p.output_rows) * (17 * p.output_columns + 6 * (p.output_columns % 2) + 29) + 150;
}

// Channel by channel, and of each the rows that a band of outputs still lacks before its outputs:
// bytes of different channels never meet.
AccessOrder by_bands(const Depthwise3x3Params& p) {
  AccessOrder order;
  order.lanes = p.channels;
  const int64_t in_image = int64_t(p.channels) * p.input_rows * p.input_columns;
  const int64_t out_image = int64_t(p.channels) * p.output_rows * p.output_columns;
  for (int64_t b = 0; b < p.batches; ++b) {
    int64_t next = 0;  // row of the input that was not read
    for (int64_t row = 0; row < p.output_rows; row += p.band) {
      const int64_t end = std::min<int64_t>(row + p.band, p.output_rows);
      const int64_t read_end =
          std::clamp<int64_t>((end - 1) * p.stride - p.pad_rows + 3, next, p.input_rows);
      AccessStep step;
      step.read_begin = b * in_image + next * p.input_row_step;
      step.read_end = next == read_end ? step.read_begin
                                       : b * in_image + (read_end - 1) * p.input_row_step +
                                             (p.input_columns - 1) * p.input_column_step + 1;
      step.write_begin = b * out_image + row * p.output_row_step;
      step.write_end = b * out_image + (end - 1) * p.output_row_step +
                       (p.output_columns - 1) * p.output_column_step + 1;
      order.runs.push_back({step});
      next = read_end;
    }
  }
  return order;
}

// The layer, if its windows are such.
std::optional<Conv2dParams> windows_of_3x3(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (!is_plain_s8(node) || node.input(1).shape[3] != channels) return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, channels, channels));
  if (p.kernel_h != 3 || p.kernel_w != 3 || p.dilation_h != 1 || p.dilation_w != 1 ||
      p.stride_h != p.stride_w || p.stride_h > 2)
    return std::nullopt;
  return p;
}

std::optional<KernelCall> lower_3x3(const NodeView& node) {
  const auto windows = windows_of_3x3(node);
  if (!windows) return std::nullopt;
  const Conv2dParams& p = *windows;
  const int32_t channels = p.input_channels;
  Depthwise3x3Params planes = planes_of(p);
  const bool turns = effort(turned(planes)) < effort(planes);
  if (turns) planes = turned(planes);
  const auto fits = [&](int32_t band) {
    Depthwise3x3Params more = planes;
    more.band = band;
    return band <= planes.output_rows && two_planes_bytes(more) <= kPlaneBytes;
  };
  while (fits(planes.band + 1)) ++planes.band;
  auto layer = pack_layer(node, channels_of(node, channels, channels), {p.output_min, p.output_max},
                          {1, turns ? columns_of_three : rows_of_three, bias_256});
  if (!layer) return std::nullopt;
  fill_rows(*layer);
  const PackedKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_conv_2d_3x3.h",
                              MOTE_PACKED_KERNELS(depthwise_conv_2d_s8_3x3, ),
                              "Depthwise3x3Params"};
  return packed_call(kernels, planes, *layer)
      .scratch(two_planes_bytes(planes))
      .output()
      .order(by_bands(planes));
}

// Instructions a channel, about: of two rows, of what is unfolded.
int64_t band_effort(const Depthwise3x3Params& p) {
  const int32_t columns = (p.output_columns + 1) / 2 * 2;
  return int64_t(p.output_rows + 1) / 2 * (24 * columns + 28 + 6 * p.input_columns) + 100;
}

// At stride 1, where it takes less than planes. Not with rows and columns exchanged, though it
// might take less: bands of columns have no order of access that lets outputs lie over inputs.
std::optional<KernelCall> lower_bands(const NodeView& node) {
  const auto windows = windows_of_3x3(node);
  if (!windows || windows->stride_h != 1) return std::nullopt;
  Depthwise3x3Params p = planes_of(*windows);
  if (band_bytes(p) > kBandBytes || band_effort(p) > std::min(effort(p), effort(turned(p))))
    return std::nullopt;
  p.band = 2;
  auto layer = pack_layer(node, channels_of(node, p.channels, p.channels),
                          {p.output_min, p.output_max}, {1, columns_of_three, bias_256});
  if (!layer) return std::nullopt;
  fill_rows(*layer);
  const PackedKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_bands_3x3.h",
                              MOTE_PACKED_KERNELS(depthwise_bands_s8_3x3, ), "Depthwise3x3Params"};
  return packed_call(kernels, p, *layer).scratch(band_bytes(p)).output().order(by_bands(p));
}

uint32_t pair_of(int32_t first, int32_t second) {
  return uint32_t(uint16_t(int16_t(256 * first))) | uint32_t(256 * second) << 16;
}

// Of each pair of taps a word a channel; of the last, alone, a word for channels 0 and 2, and 1 and
// 3.
std::vector<uint32_t> windows_of_four(std::span<const Channel> four) {
  std::vector<uint32_t> words;
  for (size_t i = 0; i < 8; i += 2)
    for (const Channel& c : four)
      words.push_back(
          pair_of(c.weights[size_t(kPairsOfTaps[i])], c.weights[size_t(kPairsOfTaps[i + 1])]));
  const auto last = size_t(kPairsOfTaps[8]);
  for (const size_t c : {0, 1})
    words.push_back(pair_of(four[c].weights[last], four[c + 2].weights[last]));
  return words;
}

constexpr int32_t kLeastUneven = 16;  // channels; of fewer those that are left are too many

// At stride 2 neighbours share so little that planes do not pay.
std::optional<KernelCall> lower_windows(const NodeView& node) {
  const auto windows = windows_of_3x3(node);
  if (!windows || windows->stride_h != 2) return std::nullopt;
  const Conv2dParams& p = *windows;
  const int32_t channels = p.input_channels;
  if (channels % 4 != 0 && channels < kLeastUneven) return std::nullopt;
  const auto layer = pack_layer(node, channels_of(node, channels, channels),
                                {p.output_min, p.output_max}, {4, windows_of_four, bias_256});
  if (!layer) return std::nullopt;
  const PackedKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_windows_3x3.h",
                              MOTE_PACKED_KERNELS(depthwise_windows_s8_3x3, ), "Conv2dParams"};
  return packed_call(kernels, p, *layer)
      .scratch(9 * channels)
      .output()
      .order(by_own_channels(conv_2d_walk(p), channels % 4 == 0 ? 4 : 1, 1));
}

// Instructions a channel, about: two rows of outputs at once, in twos.
int64_t lane_effort(const Depthwise3x3Params& p) {
  const int32_t columns = (p.output_columns + 1) / 2 * 2;
  return int64_t(lower_rows(p)) * (75 * columns + 10 * p.stride * p.input_columns + 40);
}

std::optional<KernelCall> lower_3x3_scalar(const NodeView& node) {
  const auto windows = windows_of_3x3(node);
  if (!windows) return std::nullopt;
  const Conv2dParams& p = *windows;
  Depthwise3x3Params planes = planes_of(p);
  const bool turns =
      p.output_h > 1 && (p.output_w == 1 || lane_effort(turned(planes)) < lane_effort(planes));
  if (turns) planes = turned(planes);
  if (planes.output_columns < 2) return std::nullopt;
  while (planes.band < lower_rows(planes) && lane_plane_bytes(planes) < kPlaneBytes) ++planes.band;
  const auto layer = lane_layer_3x3(node, p.input_channels, {p.output_min, p.output_max}, turns);
  if (!layer) return std::nullopt;
  const LaneKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_conv_2d_scalar.h",
                            MOTE_KERNEL(depthwise_conv_2d_3x3_scalar), Kernel{},
                            "Depthwise3x3Params"};
  KernelCall call = lane_call(kernels, planes, *layer).scratch(lane_plane_bytes(planes)).output();
  // Of several bands the later ones read rows that lie where upper halves were written.
  if (planes.band < lower_rows(planes)) return call;
  planes.band = planes.output_rows;
  return call.order(by_bands(planes));
}

std::optional<KernelCall> lower_lone_scalar(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (!is_plain_s8(node) || node.input(1).shape[3] != channels) return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, channels, channels));
  if (!is_lone_run(p)) return std::nullopt;
  const auto layer = lane_layer_by_taps(node, channels, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  const LaneKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_conv_2d_scalar.h",
                            MOTE_KERNEL(depthwise_conv_2d_lone_scalar), Kernel{}, "Conv2dParams"};
  return lane_call(kernels, p, *layer).output().order(by_own_channels(conv_2d_walk(p), 1, 1));
}

std::optional<KernelCall> lower_dsp(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (!is_plain_s8(node) || node.input(1).shape[3] != channels || channels % 4 != 0)
    return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, channels, channels));
  const auto layer = pack_layer(node, channels_of(node, channels, channels),
                                {p.output_min, p.output_max}, {4, pairs_of_taps, bias_256});
  if (!layer) return std::nullopt;
  const PackedKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_conv_2d_dsp.h",
                              MOTE_PACKED_KERNELS(depthwise_conv_2d_s8_dsp, ), "Conv2dParams"};
  KernelCall call = packed_call(kernels, p, *layer);
  call.constant("taps_inside", ElementType::s32,
                tap_offsets(p, p.dilation_h * p.input_w * channels, p.dilation_w * channels))
      .constant("taps_gathered", ElementType::s32, tap_offsets(p, p.kernel_w * channels, channels));
  if (has_no_border(p))
    call.null();
  else  // windows over it are gathered
    call.scratch(int64_t(p.kernel_h) * p.kernel_w * channels);
  return call.output().order(by_own_channels(conv_2d_walk(p), 4, 1));
}

// Of each tap 16 channels; of an odd last one another with weights of 0.
std::vector<uint32_t> taps_of_16(std::span<const Channel> group) {
  std::vector<uint32_t> words;
  const size_t taps = (group[0].weights.size() + 1) / 2 * 2;
  for (size_t t = 0; t < taps; ++t)
    for (size_t c = 0; c < group.size(); c += 4) {
      uint32_t word = 0;
      for (size_t i = 0; i < 4 && t < group[c].weights.size(); ++i)
        word |= uint32_t(uint8_t(group[c + i].weights[t])) << (8 * i);
      words.push_back(word);
    }
  return words;
}

// As ChannelDot16 (core/simd_mve.h) holds sums.
size_t lane_order(size_t i) {
  constexpr size_t kFirst[] = {0, 2, 1, 3};
  return kFirst[i / 4] + i % 4 * 4;
}

std::optional<KernelCall> lower_mve(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (!is_plain_s8(node) || node.input(1).shape[3] != channels || has_least_weight(node))
    return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, channels, channels));
  Packing packing{kVector, taps_of_16, plain_bias, kPlainSums, true, lane_order};
  const auto layer = pack_layer(node, channels_of(node, channels, channels),
                                {p.output_min, p.output_max}, packing);
  if (!layer) return std::nullopt;
  return vector_call({"ops/nn/depthwise_conv_2d/depthwise_conv_2d_mve.h",
                      MOTE_VECTOR_KERNELS(depthwise_conv_2d_s8_mve), "Packed<mote::Conv2dParams>"},
                     Packed<Conv2dParams>{p, layer->shift}, *layer)
      .constant("taps_inside", ElementType::s32,
                tap_offsets(p, p.dilation_h * p.input_w * channels, p.dilation_w * channels))
      .constant("taps_gathered", ElementType::s32, tap_offsets(p, p.kernel_w * channels, channels))
      .scratch(int64_t(p.kernel_h) * p.kernel_w * channels + kVector)
      .output()
      .order(by_own_channels(conv_2d_walk(p), channels % kVector == 0 ? kVector : 1, 1));
}

std::optional<KernelCall> lower_simd128(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (node.input(1).shape[3] != channels) return std::nullopt;
  const Conv2dParams sizes = conv_2d_sizes(node, channels, channels);
  if (node.input(0).type == ElementType::f32) return depthwise_eights_call_f32(node, sizes);
  if (!is_plain_s8(node)) return std::nullopt;
  const Conv2dParams p = with_quantization(node, sizes);
  return depthwise_eights_call(
      node, p, tap_offsets(p, p.dilation_h * p.input_w * channels, p.dilation_w * channels),
      tap_offsets(p, p.kernel_w * channels, channels));
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
    .order = order,
    .variants = {{InstructionSet::mve, lower_patches},
                 {InstructionSet::mve, lower_mve},
                 {InstructionSet::dsp, lone_taps_call},
                 {InstructionSet::dsp, lower_windows},
                 {InstructionSet::dsp, lower_bands},
                 {InstructionSet::dsp, lower_3x3},
                 {InstructionSet::dsp, lower_dsp},
                 {InstructionSet::scalar, lower_lone_scalar},
                 {InstructionSet::scalar, lower_3x3_scalar},
                 {InstructionSet::simd128, lower_simd128}},
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
