// SPDX-License-Identifier: Apache-2.0
// Host half of conv_2d: inputs (x NHWC, weights [out, kh, kw, depth], bias [out] or -1) -> NHWC.
// See the header.
#include "ops/nn/conv_2d/conv_2d.h"

#include <algorithm>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d/conv_2d_3x3_dsp.h"
#include "ops/nn/conv_2d/conv_2d_dsp.h"
#include "ops/nn/conv_2d/conv_2d_f32_simd128.h"
#include "ops/nn/conv_2d/conv_2d_fours_mve.h"
#include "ops/nn/conv_2d/conv_2d_mve.h"
#include "ops/nn/conv_2d/conv_2d_rows_mve.h"
#include "ops/nn/conv_2d/conv_2d_scalar.h"
#include "ops/nn/conv_2d/conv_2d_simd128.h"
#include "ops/nn/conv_2d/conv_2d_winograd.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/eights_layer.h"
#include "ops/nn/fully_connected/fully_connected_scalar.h"
#include "ops/nn/lane_call.h"
#include "ops/nn/packed_call.h"
#include "ops/nn/vector_layer.h"
#include "ops/nn/window_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

// Input channels in weights that see some of them only; 0: they do not fit.
int32_t groups_of(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(1).shape;
  if (w.size() != 4 || x.size() != 4 || w[3] < 1 || x[3] % w[3] != 0) return 0;
  const int32_t groups = x[3] / w[3];
  return groups > 0 && w[0] % groups == 0 ? groups : 0;
}

Inference infer(const NodeView& node) {
  const Shape& w = node.input(1).shape;
  if (groups_of(node) == 0)
    node.refuse(
        "wrong-shape",
        "the input must be [batches, height, width, channels] and the weights "
        "[out, kernel height, kernel width, depth]; the channels a multiple of depth, out a "
        "multiple of channels / depth",
        "reshape the input");
  LayerLimits limits{w[0], int64_t(w[1]) * w[2] * w[3]};
  limits.narrow_sums = true;
  check_layer(node, limits);
  return infer_conv_2d(node, w[0]);
}

KernelCall lower(const NodeView& node) {
  return lower_conv_2d(
      node, conv_2d_sizes(node, node.input(1).shape[0], groups_of(node)),
      {"ops/nn/conv_2d/conv_2d.h", MOTE_KERNEL(conv_2d_s8), MOTE_KERNEL(conv_2d_s16),
       MOTE_KERNEL(conv_2d_s16_narrow), MOTE_KERNEL(conv_2d_f32)});
}

std::vector<AccessOrder> order(const NodeView& node) {
  const Conv2dParams p = conv_2d_sizes(node, node.input(1).shape[0], groups_of(node));
  return {by_channels(conv_2d_walk(p), element_bytes(node.input(0).type))};
}

// The places that the kernel takes together; what it computes twice counts as written once.
AccessOrder order_3x3(const Conv2dParams& p) {
  std::vector<Positions> blocks;
  for (int64_t row = 0; row < int64_t(p.batches) * p.output_h; ++row)
    for (int32_t x = 0; x < p.output_w;) {
      const PlacesOfRow places = places_of_row(p.output_w, x);
      blocks.push_back({row * p.output_w + places.begin, row * p.output_w + x,
                        row * p.output_w + places.begin + places.count});
      x = places.begin + places.count;
    }
  return by_blocks(conv_2d_walk(p), blocks);
}

// The layer, if its windows are of 3x3 at stride 1.
std::optional<Conv2dParams> windows_of_3x3(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, node.input(1).shape[0], 1));
  if (p.kernel_h != 3 || p.kernel_w != 3 || p.stride_h != 1 || p.stride_w != 1 ||
      p.dilation_h != 1 || p.dilation_w != 1)
    return std::nullopt;
  return p;
}

std::optional<KernelCall> lower_3x3(const NodeView& node) {
  const auto windows = windows_of_3x3(node);
  if (!windows || windows->input_channels % 4 != 0 || windows->output_w < 4) return std::nullopt;
  const Conv2dParams& p = *windows;
  const auto layer = fold_layer_3x3(node, p.output_channels, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  const PackedKernels kernels{"ops/nn/conv_2d/conv_2d_3x3_dsp.h",
                              MOTE_PACKED_KERNELS(conv_2d_s8_3x3_dsp, ), "Conv2dParams"};
  return packed_call(kernels, p, *layer)
      .scratch(conv_2d_3x3_work_bytes(p))
      .output()
      .order(order_3x3(p));
}

constexpr int32_t kWinogradBytes = 10240;  // of work

// Whether Winograd's form takes fewer instructions: about, of a row of outputs in hundredths, with
// 42 a product and what it takes to transform inputs and weights, or 73 a product.
bool winograd_pays(const Conv2dParams& p) {
  const int64_t depth = p.input_channels, weights = 9 * depth * p.output_channels;
  const int64_t places = winograd_blocks(p) * kWinogradPlaces;
  return places * (42 * weights + 1200 * depth) + 340 * weights < 73 * p.output_w * weights;
}

// Row by row: what it sees is transformed before any of its outputs is written.
AccessOrder order_winograd(const Conv2dParams& p) {
  std::vector<Positions> rows;
  for (int64_t row = 0; row < int64_t(p.batches) * p.output_h; ++row)
    rows.push_back({row * p.output_w, row * p.output_w, (row + 1) * p.output_w});
  return by_blocks(conv_2d_walk(p), rows);
}

std::optional<KernelCall> lower_winograd(const NodeView& node) {
  const auto windows = windows_of_3x3(node);
  if (!windows || windows->input_channels % 8 != 0 || windows->output_w < kWinogradPlaces)
    return std::nullopt;
  const Conv2dParams& p = *windows;
  if (!winograd_pays(p) || conv_2d_winograd_work_bytes(p) > kWinogradBytes) return std::nullopt;
  auto layer = winograd_layer(node, p.output_channels, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  layer->negative = layer->signs;  // one loop for layers with and without
  layer->signs = true;
  const Kernel none{};
  const PackedKernels kernels{
      "ops/nn/conv_2d/conv_2d_winograd.h",
      {none, none, MOTE_KERNEL(conv_2d_s8_winograd<mote::ExactOutput<1, 0>>), none,
       MOTE_KERNEL(conv_2d_s8_winograd<mote::ExactOutput<1, 8>>), none,
       MOTE_KERNEL(conv_2d_s8_winograd<mote::ExactOutput<1, 9>>), none,
       MOTE_KERNEL(conv_2d_s8_winograd<mote::ExactOutput<1, 10>>), none,
       MOTE_KERNEL(conv_2d_s8_winograd<mote::ExactOutput<1, 11>>)},
      "Conv2dParams"};
  return packed_call(kernels, p, *layer)
      .scratch(conv_2d_winograd_work_bytes(p))
      .output()
      .order(order_winograd(p));
}

std::optional<KernelCall> lower_dsp(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, out, 1));
  const int32_t places = conv_2d_places(p);
  const auto layer = fold_layer(node, out, places, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  const char* const header = "ops/nn/conv_2d/conv_2d_dsp.h";
  const PackedKernels one{header, MOTE_PACKED_KERNELS_ALIKE(conv_2d_s8_dsp, 1, ), "Conv2dParams"};
  const PackedKernels four{header, MOTE_PACKED_KERNELS(conv_2d_s8_dsp, 4, ), "Conv2dParams"};
  return packed_call(places == 1 ? one : four, p, *layer)
      .scratch(conv_2d_work_bytes(p))
      .output()
      .order(by_positions(conv_2d_walk(p), places));
}

// Instructions for two places of the output, about: of the products and the outputs, and of
// gathering by vectors.
int64_t cost(const Conv2dParams& p, const RunsOfVectors& runs, int64_t gathering) {
  return (p.output_channels + 3) / 4 * (25 + (14 * runs.steps + 4) * runs.count) + gathering;
}
int64_t cost_of_rows(const Conv2dParams& p) {
  const int64_t row = 4 + 2 * whole_vectors(p.kernel_w * p.input_channels);
  return 2 * (12 + p.kernel_h * row);
}

// A layer of single pixels, or of a lone window, as one row of places.
Conv2dParams in_one_row(Conv2dParams p) {
  if (!is_one_row(p)) return p;
  p.input_w = p.output_w = p.batches * p.output_h * p.output_w;
  p.batches = p.input_h = p.output_h = 1;
  return p;
}

constexpr int32_t kGatheredBytes = 512;  // more than two windows only within so many

// How large the taps of a gathered window may be, that a load finds them: 0 if they may not. Two
// bytes at once must always lie at even addresses.
int32_t tap_bytes(const Conv2dParams& p) {
  const int32_t row = p.kernel_w * p.input_channels, image_row = p.input_w * p.input_channels;
  if (p.dilation_w != 1 || p.kernel_h == 1) return 0;
  const int32_t last = (p.kernel_h - 1) * p.dilation_h * image_row + row - 1;
  if (whole_vectors(p.kernel_h * row) <= kMostGatheredVectors && last <= 255) return 1;
  const bool even = image_row % 2 == 0 && p.stride_w * p.input_channels % 2 == 0 &&
                    p.pad_left * p.input_channels % 2 == 0;
  return even && whole_vectors(p.kernel_h * (row + row % 2)) <= kMostGatheredVectors &&
                 last <= 65535
             ? 2
             : 0;
}

// Of each tap where it lies, in bytes from the window's first; those beyond the last lie there.
std::vector<uint32_t> taps_of_window(const Conv2dMveParams& m) {
  const Conv2dParams& p = m.layer;
  const int32_t pitch = p.dilation_h * p.input_w * p.input_channels;
  const int32_t in_word = 4 / m.tap, taps = m.steps * m.runs * kVector / m.tap;
  std::vector<uint32_t> words(size_t(taps / in_word));
  for (int32_t i = 0; i < taps && i * m.tap < p.kernel_h * row_step(m); ++i) {
    const int32_t ky = i * m.tap / row_step(m), in_row = i * m.tap % row_step(m);
    words[size_t(i / in_word)] |= uint32_t(ky * pitch + in_row) << (i % in_word * 8 * m.tap);
  }
  return words;
}

// Rows of the kernel in the image, or windows as one row.
Conv2dMveParams runs_of(const Conv2dParams& p) {
  const int32_t row = p.kernel_w * p.input_channels, image_row = p.input_w * p.input_channels;
  const int32_t tap = tap_bytes(p), gathered_row = tap == 2 ? row + row % 2 : row;
  const RunsOfVectors whole = cut_in_runs(whole_vectors(p.kernel_h * gathered_row));
  const RunsOfVectors rows{whole_vectors(row), p.kernel_h};
  const auto reads_image = [&](const RunsOfVectors& runs, int32_t pitch) {
    return p.dilation_w == 1 && runs.steps <= kMostSteps &&
           (runs.count - 1) * pitch + runs.steps * kVector <= p.input_h * image_row;
  };
  Conv2dMveParams m{p, whole.steps, whole.count, whole.steps * kVector, 2, false, tap, 0};
  const int32_t pitch = p.dilation_h * image_row;
  const int64_t gathering = tap != 0 ? 2 * (3 + 2 * whole.steps) : cost_of_rows(p);
  if (p.kernel_h == 1) {
    m.from_image = reads_image(whole, m.pitch);
  } else if (reads_image(rows, pitch) && cost(p, rows, 0) <= cost(p, whole, gathering)) {
    m.steps = rows.steps, m.runs = rows.count, m.pitch = pitch;
    m.from_image = true, m.tap = 0;
  }
  const int32_t window = m.steps * m.runs * kVector;
  if (!m.from_image) m.gathered = std::clamp(kGatheredBytes / window / 2 * 2, 2, 16);
  return m;
}

// Of two channels: of each row and vector of a pixel the three taps, of each tap both.
std::vector<uint32_t> taps_of_pairs(std::span<const Channel> two) {
  std::vector<uint32_t> words;
  const size_t depth = two[0].weights.size() / 9;
  for (size_t ky = 0; ky < 3; ++ky)
    for (size_t c = 0; c < depth; c += kVector)
      for (size_t kx = 0; kx < 3; ++kx)
        for (const Channel& channel : two)
          for (size_t i = 0; i < kVector; i += 4)
            words.push_back(word_of_weights(channel, (3 * ky + kx) * depth + c + i));
  return words;
}

// Rows are copied before the outputs of the first of their windows come.
AccessOrder by_copied_rows(const Conv2dParams& p) {
  AccessOrder order;
  const int64_t in_row = int64_t(p.input_w) * p.input_channels;
  const int64_t out_row = int64_t(p.output_w) * p.output_channels;
  for (int64_t b = 0; b < p.batches; ++b) {
    int64_t next = 0;
    for (int64_t oy = 0; oy < p.output_h; ++oy) {
      const int64_t end = std::clamp<int64_t>(oy * p.stride_h - p.pad_top + 3, next, p.input_h);
      const int64_t in = b * p.input_h, out = b * p.output_h + oy;
      order.runs.push_back(
          {{(in + next) * in_row, (in + end) * in_row, out * out_row, (out + 1) * out_row}});
      next = end;
    }
  }
  return order;
}

bool has_window_rows(const Conv2dParams& p) {
  const int32_t columns = p.stride_w == 1 ? kColumnsOfFour<1> : kColumnsOfFour<2>;
  return p.kernel_h == 3 && p.kernel_w == 3 && p.dilation_h == 1 && p.dilation_w == 1 &&
         p.stride_w <= 2 && p.pad_left <= 2 && p.input_channels % kVector == 0 &&
         columns * p.input_channels <= kMostColumnBytes && p.output_w >= 4 &&
         p.output_channels % 4 == 0 && 3 * p.output_channels + 3 < 256;
}

std::optional<KernelCall> lower_rows_mve(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, out, 1));
  if (!has_window_rows(p)) return std::nullopt;
  Packing packing{4, taps_of_pairs, plain_bias, kPlainSums, true};
  packing.in_pairs = true;
  const auto layer =
      pack_layer(node, channels_of(node, out, 1), {p.output_min, p.output_max}, packing);
  if (!layer || layer->rule == OutputRule::any) return std::nullopt;
  const Kernel none{};
  const VectorKernels kernels{"ops/nn/conv_2d/conv_2d_rows_mve.h",
                              {none, MOTE_KERNEL(conv_2d_s8_rows_mve<mote::ExactVectorOutput>),
                               MOTE_KERNEL(conv_2d_s8_rows_mve<mote::RoundedVectorOutput>)},
                              "Packed<mote::Conv2dParams>"};
  return vector_call(kernels, Packed<Conv2dParams>{p, layer->shift}, *layer)
      .scratch(row_ring_bytes(p))
      .output()
      .order(by_copied_rows(p));
}

// A layer whose places are rows of inputs, one behind the other.
FullyConnectedParams row_of_taps(const Conv2dParams& p) {
  return {p.batches * p.output_h * p.output_w,
          p.kernel_h * p.kernel_w * p.input_channels,
          p.output_channels,
          p.input_zero_point,
          0,
          p.output_zero_point,
          p.output_min,
          p.output_max};
}

// One place.
std::optional<KernelCall> lower_lone_mve(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, out, 1));
  if (!is_lone_run(p)) return std::nullopt;
  auto call = vector_rows_call(node, row_of_taps(p));
  if (!call) return std::nullopt;
  const bool copies = call->scratch_bytes > 0;
  return std::move(*call).output().order(copies ? by_positions(conv_2d_walk(p), 1)
                                                : by_pairs(conv_2d_walk(p), 8));
}

std::optional<KernelCall> lower_mve(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams p = in_one_row(with_quantization(node, conv_2d_sizes(node, out, 1)));
  Conv2dMveParams m = runs_of(p);
  const int32_t row = p.kernel_w * p.input_channels, run = m.steps * kVector;
  const bool in_rows = m.from_image && p.kernel_h > 1;
  const auto layer =
      vector_layer(node, channels_of(node, out, 1), {p.output_min, p.output_max},
                   m.tap == 2 || in_rows ? RowsOfWeights{row, row_step(m)}
                                         : RowsOfWeights{p.kernel_h * row, m.runs * run});
  if (!layer) return std::nullopt;
  m.shift = layer->shift;
  KernelCall call = vector_call(
      {"ops/nn/conv_2d/conv_2d_mve.h", MOTE_VECTOR_KERNELS(conv_2d_s8_mve), "Conv2dMveParams"}, m,
      *layer);
  m.tap != 0 ? call.constant("taps", ElementType::u32, taps_of_window(m)) : call.null();
  return std::move(call)
      .scratch(m.gathered * m.runs * run)
      .output()
      .order(m.from_image ? by_pairs(conv_2d_walk(p), 4)
                          : by_positions(conv_2d_walk(p), m.gathered, m.gathered));
}

// Of two channels: of each vector both.
std::vector<uint32_t> vectors_of_pairs(std::span<const Channel> two) {
  std::vector<uint32_t> words;
  for (size_t k = 0; k < two[0].weights.size(); k += kVector)
    for (const Channel& channel : two)
      for (size_t i = 0; i < kVector; i += 4) words.push_back(word_of_weights(channel, k + i));
  return words;
}

// Four places at a time, as they come.
AccessOrder by_fours(const Conv2dMveParams& m) {
  const WindowWalk walk = conv_2d_walk(m.layer);
  const int64_t all = walk.batches * walk.output_h * walk.output_w;
  const int64_t from_image = pixels_to_read(m, int32_t(all));
  std::vector<Positions> read, gathered;
  for (int64_t at = 0; at < from_image; at += 4)
    read.push_back({std::min(at, from_image - 4), at, std::min(at + 4, from_image)});
  for (int64_t at = from_image; at < all; at += m.gathered)
    gathered.push_back({std::min(at, all - 4), at, std::min(at + m.gathered, all)});
  AccessOrder order = by_tiles(walk, read, 4);
  const AccessOrder rest = by_blocks(walk, gathered);
  order.runs.insert(order.runs.end(), rest.runs.begin(), rest.runs.end());
  return order;
}

// Short windows and channels in fours.
std::optional<KernelCall> lower_fours_mve(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams p = in_one_row(with_quantization(node, conv_2d_sizes(node, out, 1)));
  Conv2dMveParams m = runs_of(p);
  const int32_t row = p.kernel_w * p.input_channels, window = m.steps * m.runs * kVector;
  if (out % 4 != 0 || 3 * out + 3 >= 256 || p.batches * p.output_h * p.output_w < 4 ||
      m.steps * m.runs > kMostStepsOfFours || (m.from_image && !is_one_row(p)))
    return std::nullopt;
  m.gathered = std::max(m.gathered / 4 * 4, 4);
  Packing packing{4, vectors_of_pairs, plain_bias, kPlainSums, true};
  packing.in_pairs = true;
  std::vector<Channel> channels = channels_of(node, out, 1);
  fill_up(channels,
          m.tap == 2 ? RowsOfWeights{row, row_step(m)} : RowsOfWeights{p.kernel_h * row, window});
  auto layer = pack_layer(node, std::move(channels), {p.output_min, p.output_max}, packing);
  if (!layer || layer->rule == OutputRule::any) return std::nullopt;
  m.shift = layer->shift;
  if (layer->rule == OutputRule::exact) {
    const size_t pair = size_t(window) / 2 + 6;
    for (size_t at = layer->words.size(); at > 0; at -= pair)
      layer->words.insert(layer->words.begin() + int64_t(at), uint32_t(24 - m.shift));
  }
  const Kernel none{};
  const VectorKernels kernels{"ops/nn/conv_2d/conv_2d_fours_mve.h",
                              {none, MOTE_KERNEL(conv_2d_s8_fours_mve<mote::ExactVectorOutput>),
                               MOTE_KERNEL(conv_2d_s8_fours_mve<mote::RoundedVectorOutput>)},
                              "Conv2dMveParams"};
  KernelCall call = vector_call(kernels, m, *layer);
  m.tap != 0 ? call.constant("taps", ElementType::u32, taps_of_window(m)) : call.null();
  const int32_t places = p.batches * p.output_h * p.output_w;
  pixels_to_read(m, places) == places ? call.null() : call.scratch(m.gathered * window);
  return std::move(call).output().order(by_fours(m));
}

// Up to two places whose windows lie one after the other: of four at a time half would be idle.
std::optional<KernelCall> lower_rows_scalar(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, out, 1));
  const int32_t places = p.batches * p.output_h * p.output_w;
  if (!is_lone_run(p) && !(places == 2 && is_one_row(p))) return std::nullopt;
  const auto layer = lane_layer_by_channels(node, out, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  const LaneKernels kernels{"ops/nn/fully_connected/fully_connected_scalar.h",
                            MOTE_KERNEL(fully_connected_s8_scalar_clamped),
                            MOTE_KERNEL(fully_connected_s8_scalar), "FullyConnectedParams"};
  const FullyConnectedParams rows = row_of_taps(p);
  return lane_call(kernels, rows, *layer)
      .scratch(4 * lane_words(rows.input_size))
      .output()
      .order(by_positions(conv_2d_walk(p), 1));
}

std::optional<KernelCall> lower_scalar(const NodeView& node) {
  if (!is_plain_s8(node) || groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, out, 1));
  if (p.batches * p.output_h * p.output_w == 1) return std::nullopt;  // of four places three idle
  const auto layer = lane_layer_by_places(node, out, {p.output_min, p.output_max});
  if (!layer) return std::nullopt;
  const LaneKernels kernels{"ops/nn/conv_2d/conv_2d_scalar.h",
                            MOTE_KERNEL(conv_2d_s8_scalar_clamped), MOTE_KERNEL(conv_2d_s8_scalar),
                            "Conv2dParams"};
  const int32_t taps = p.kernel_h * p.kernel_w * p.input_channels;
  return lane_call(kernels, p, *layer)
      .scratch(conv_2d_lane_bytes(taps))
      .output()
      .order(by_positions(conv_2d_walk(p), kLanePlaces));
}

std::optional<KernelCall> lower_simd128(const NodeView& node) {
  if (groups_of(node) != 1) return std::nullopt;
  const int32_t out = node.input(1).shape[0];
  const Conv2dParams sizes = conv_2d_sizes(node, out, 1);
  if (node.input(0).type == ElementType::f32) return eights_call_f32(node, sizes);
  if (!is_plain_s8(node)) return std::nullopt;
  return eights_call(node, with_quantization(node, sizes));
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = conv_2d_attributes();
  all.push_back(sum_bits_attribute());
  return all;
}

int64_t macs(const NodeView& node) {
  const Value& weights = node.input(1);
  return node.output().elements() * (weights.elements() / weights.shape[0]);
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const QuantizedWeights weights = quantizer.weights(node, 0);
  quantizer.replace(node, conv_2d_op, {quantizer.input(node, 0), weights.weights, weights.bias},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef conv_2d_op{
    .name = "conv_2d",
    .room = "nn",
    .summary =
        "2-D convolution with bias and fused activation, in groups of channels; f32, s8 and s16 "
        "(s8 weights per channel)",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = order,
    .variants = {{InstructionSet::mve, lower_lone_mve},
                 {InstructionSet::mve, lower_rows_mve},
                 {InstructionSet::mve, lower_fours_mve},
                 {InstructionSet::mve, lower_mve},
                 {InstructionSet::dsp, lower_winograd},
                 {InstructionSet::dsp, lower_3x3},
                 {InstructionSet::dsp, lower_dsp},
                 {InstructionSet::scalar, lower_rows_scalar},
                 {InstructionSet::scalar, lower_scalar},
                 {InstructionSet::simd128, lower_simd128}},
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
