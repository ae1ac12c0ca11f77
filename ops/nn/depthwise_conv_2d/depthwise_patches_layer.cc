// SPDX-License-Identifier: Apache-2.0
// See depthwise_patches_layer.h.
#include "ops/nn/depthwise_conv_2d/depthwise_patches_layer.h"

#include <algorithm>

#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/depthwise_conv_2d/depthwise_patches_mve.h"
#include "ops/nn/vector_layer.h"

namespace mote {
namespace {

// A kernel up to 3 by 3 in columns of four rows.
template <int kWidth>
std::vector<uint32_t> columns_of_four(std::span<const Channel> one) {
  const std::vector<int8_t>& weights = one[0].weights;
  std::vector<uint32_t> words(4);
  for (size_t t = 0; t < weights.size(); ++t)
    words[t % kWidth] |= uint32_t(uint8_t(weights[t])) << (8 * (t / kWidth));
  return words;
}
constexpr std::vector<uint32_t> (*kColumnsOfFour[])(std::span<const Channel>) = {
    columns_of_four<1>, columns_of_four<2>, columns_of_four<3>};

// Of fewer outputs than four a channel it is better to take channels together.
bool has_patches(const Conv2dParams& p) {
  return p.kernel_h <= 3 && p.kernel_w <= 3 && p.stride_h == p.stride_w && p.stride_h <= 2 &&
         (p.dilation_h == 1 || p.kernel_h == 1) && (p.dilation_w == 1 || p.kernel_w == 1) &&
         p.output_h >= patch_rows(p) && p.output_w >= 4 / patch_rows(p);
}

// As in by_bands(), but rows are read again.
AccessOrder by_patches(const Conv2dParams& p, int32_t bands) {
  AccessOrder order;
  order.lanes = p.input_channels;
  const int64_t c = p.input_channels, in_row = p.input_w * c, out_row = p.output_w * c;
  for (int64_t b = 0; b < p.batches; ++b)
    for (int64_t row = 0; row < p.output_h; row += bands * patch_rows(p)) {
      const int64_t end = std::min<int64_t>(row + bands * patch_rows(p), p.output_h);
      const int64_t y0 = std::clamp<int64_t>(row * p.stride_h - p.pad_top, 0, p.input_h);
      const int64_t y1 =
          std::clamp<int64_t>((end - 1) * p.stride_h - p.pad_top + p.kernel_h, y0, p.input_h);
      AccessStep step;
      step.read_begin = (b * p.input_h + y0) * in_row;
      step.read_end = y0 == y1 ? step.read_begin : (b * p.input_h + y1) * in_row - c + 1;
      step.write_begin = (b * p.output_h + row) * out_row;
      step.write_end = (b * p.output_h + end) * out_row - c + 1;
      order.runs.push_back({step});
    }
  return order;
}

// Where output i of those of a slot goes, -1 where nobody needs it: of a block of bands of which so
// many rows are outputs.
int64_t place_of(const Conv2dParams& p, int64_t rows, int64_t slot, int32_t i) {
  const int64_t slots = band_pitch(p) / 2, band = slot / slots;
  int64_t y = band, x = slot % slots;
  if (p.stride_h == 1) y = 2 * band + i / 2, x = 2 * x + i % 2;
  return y < rows && x < p.output_w ? (y * p.output_w + x) * p.input_channels : -1;
}

// All stores of a block, in their order: four outputs and the four after them in turn.
std::vector<int64_t> places_of_block(const Conv2dParams& p, int32_t bands, int64_t rows) {
  const PatchBlock block = block_of(p, bands, nullptr);
  const bool apart = p.stride_h == 2;
  std::vector<int64_t> places;
  for (int32_t run = block.runs - 1; run >= 0; --run)
    for (int32_t store = block.stores - 1; store >= 0; --store) {
      const int64_t first = int64_t(run) * (band_pitch(p) / 2) + store * slots_of_store(p);
      for (int32_t i = 0; i < 4; ++i) {
        places.push_back(place_of(p, rows, first + (apart ? 7 - i : 1), i));
        places.push_back(place_of(p, rows, first + (apart ? 3 - i : 0), i));
      }
    }
  return places;
}

// Outputs that nobody needs go where a later store writes. Whether there always is one.
bool find_places(std::vector<int64_t>& places) {
  int64_t later = -1;
  bool all = true;
  for (size_t store = places.size(); store > 0; store -= 8) {
    int64_t one = later;
    for (size_t i = store - 8; i < store; ++i) {
      if (places[i] >= 0)
        one = places[i];
      else if (later >= 0)
        places[i] = later;
      else
        all = false;
    }
    later = one;
  }
  return all;
}

constexpr int32_t kBlockBytes = 3072;  // more than one band only within so many

// Of blocks as equal as can be.
int32_t bands_of_block(const Conv2dParams& p) {
  int32_t most = 1;
  while (most < all_bands(p) && patch_work_bytes(p, most + 1) <= kBlockBytes) ++most;
  const int32_t blocks = (all_bands(p) + most - 1) / most;
  return (all_bands(p) + blocks - 1) / blocks;
}

}  // namespace

std::optional<KernelCall> lower_patches(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (!is_plain_s8(node) || node.input(1).shape[3] != channels) return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, channels, channels));
  if (!has_patches(p)) return std::nullopt;
  const Packing packing{1, kColumnsOfFour[p.kernel_w - 1], plain_bias, kPlainSums, true};
  const auto layer = pack_layer(node, channels_of(node, channels, channels),
                                {p.output_min, p.output_max}, packing);
  if (!layer || layer->rule == OutputRule::any) return std::nullopt;
  DepthwisePatchesParams m{p, bands_of_block(p), false, layer->shift};
  const int32_t last = (all_bands(p) - 1) / m.bands * m.bands, rows = m.bands * patch_rows(p);
  std::vector<uint16_t> places;
  for (const int32_t band : {0, last}) {
    if (band == 0 && last == 0 && !places.empty()) break;  // one block
    const int32_t left = p.output_h - band * patch_rows(p);
    std::vector<int64_t> block =
        places_of_block(p, std::min(m.bands, all_bands(p) - band), std::min(rows, left));
    if (!find_places(block)) m.some = true;
    if (*std::max_element(block.begin(), block.end()) > INT16_MAX) return std::nullopt;
    places.insert(places.end(), block.begin(), block.end());  // -1 becomes kNoPlace
  }
  const Kernel none{};
  const VectorKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_patches_mve.h",
                              {none, MOTE_KERNEL(depthwise_patches_s8_mve<mote::ExactVectorOutput>),
                               MOTE_KERNEL(depthwise_patches_s8_mve<mote::RoundedVectorOutput>)},
                              "DepthwisePatchesParams"};
  return vector_call(kernels, m, *layer)
      .constant("places", ElementType::u16, places)
      .scratch(patch_work_bytes(p, m.bands))
      .output()
      .order(by_patches(p, m.bands));
}

}  // namespace mote
