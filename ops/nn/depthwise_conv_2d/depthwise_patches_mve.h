// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 of kernels up to 3 by 3 with stride 1 or 2 for cores with vectors: by
// patches of 4 by 4 of a channel (core/simd_patches.h), 16 channels of a band of outputs at a time.
// A band is two rows with stride 1, one row with stride 2; at odd edges the last outputs are
// computed twice. Every byte as by depthwise_conv_2d.h: integer sums do not depend on their order.
// Arguments as there, but packed, of each channel: bias, the kernel in columns of four rows, the
// numbers of the output rule (ops/nn/vector_output.h); work: 16 bytes, then blocks *
// patch_block_bytes(). The output is as large as a patch's, or larger.
#pragma once
#include "core/simd_patches.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/vector_output.h"

namespace mote {

struct DepthwisePatchesParams {
  Conv2dParams layer;
  int32_t blocks;  // bands for which weights are loaded once
  int32_t shift;   // of the exact rule
};
template <class Visitor>
void for_each_field(const DepthwisePatchesParams& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("blocks", p.blocks);
  field("shift", p.shift);
}

// Of four outputs.
MOTE_INLINE constexpr int32_t patch_rows(const Conv2dParams& p) { return p.stride_h == 1 ? 2 : 1; }
MOTE_INLINE constexpr int32_t patch_columns(const Conv2dParams& p) { return 4 / patch_rows(p); }

MOTE_INLINE constexpr int32_t all_bands(const Conv2dParams& p) {
  return (p.output_h + patch_rows(p) - 1) / patch_rows(p);
}
// The first row of a band; the last two bands may share a row.
MOTE_INLINE constexpr int32_t first_row(const Conv2dParams& p, int32_t band) {
  return patch_rows(p) * (band + 1) > p.output_h ? p.output_h - patch_rows(p)
                                                 : patch_rows(p) * band;
}
// Columns of the image over which a band reaches.
MOTE_INLINE constexpr int32_t band_columns(const Conv2dParams& p) {
  return p.stride_w == 1 ? p.output_w + 2 : 2 * p.output_w + 2;
}
MOTE_INLINE constexpr int32_t patch_block_bytes(const Conv2dParams& p) {
  return band_columns(p) * kPatchColumn;
}

// Columns of the blocks left and right of the image stay the input's zero point, of which `outside`
// holds 16.
MOTE_INLINE int32_t inside_columns(const Conv2dParams& p) {
  return clamp<int32_t>(p.input_w, 0, band_columns(p) - p.pad_left);
}
MOTE_INLINE void fill_outside_columns(const Conv2dParams& p, int32_t blocks, const int8_t* outside,
                                      int8_t* block) {
  const int32_t first = p.pad_left + inside_columns(p), right = band_columns(p) - first;
  FourRows from{{outside, outside, outside, outside}, {0, 0, 0, 0}, block, p.pad_left, kVector};
  for (; blocks > 0; --blocks, block += patch_block_bytes(p)) {
    from.to = block, from.pixels = p.pad_left;
    if (p.pad_left > 0) interleave_rows(from);
    from.to = block + first * kPatchColumn, from.pixels = right;
    if (right > 0) interleave_rows(from);
  }
}

// Of the channels from `image` on, at most 16; the rows that a band needs.
MOTE_INLINE void interleave_band(const Conv2dParams& p, const int8_t* image, int32_t band,
                                 int32_t channels, const int8_t* outside, int8_t* block) {
  const int32_t y0 = first_row(p, band) * p.stride_h - p.pad_top;
  FourRows from{{outside, outside, outside, outside},
                {0, 0, 0, 0},
                block + p.pad_left * kPatchColumn,
                inside_columns(p),
                channels};
  for (int32_t r = 0; r < 4; ++r) {
    if (!is_inside(y0 + r, p.input_h)) continue;
    from.rows[r] = image + (y0 + r) * p.input_w * p.input_channels;
    from.pitches[r] = p.input_channels;
  }
  interleave_rows(from);
}

// What all bands of a layer share.
template <class Rule>
MOTE_INLINE PatchBands bands_of(const Conv2dParams& p, const Rule& rule, const uint32_t* packed) {
  const int32_t pixel = p.input_channels, row = p.output_w * pixel;
  const bool apart = p.stride_w == 2;
  const int32_t width = patch_columns(p), meet = p.output_w % width;
  PatchBands bands{};
  for (int32_t i = 0; i < 4; ++i) {
    bands.columns[i] = (i - 2) * kPatchColumn;
    bands.places[i] = apart ? i * pixel : i / 2 * row + i % 2 * pixel;
  }
  bands.fours = p.output_w / width;
  bands.to_next = 2 * kPatchColumn;  // a band reaches two columns beyond its patches' first ones
  bands.skipped = apart ? 0 : row;
  bands.packed = (const int32_t*)packed;
  bands.step = width * pixel;
  bands.left = rule.left;
  bands.first_back = (width - meet) * p.stride_w * kPatchColumn;
  bands.first_step = meet * pixel;
  return bands;
}

// Four outputs of the words at `patch`. The kernel has 3 rows and 3 columns, or weights of 0.
template <class Rule>
MOTE_INLINE void four_outputs(const PatchBands& bands, const Rule& rule, bool apart,
                              const int8_t* patch, const int32_t* packed, int8_t* output) {
  int8_t weights[kVector];
  memcpy(weights, packed + 1, kVector);
  Int32x4 sums = all_4(packed[0]), numbers[Rule::kNumbers];
  for (int32_t i = 0; i < 4; ++i)
    for (int32_t k = 0; k < 3; ++k)
      for (int32_t r = 0; r < 3; ++r) {
        const int32_t column = apart ? 2 * i : i % 2, row = apart ? 0 : i / 2;
        sums[i] += patch[(column + k) * kPatchColumn + row + r] * weights[4 * k + r];
      }
  for (int32_t k = 0; k < Rule::kNumbers; ++k) numbers[k] = all_4(packed[5 + k]);
  const Int32x4 outputs = rule.in_highest_byte(sums, numbers) >> 24;
  for (int32_t i = 0; i < 4; ++i) output[bands.places[i]] = (int8_t)outputs[i];
}

// As patch_outputs() of core/simd_patches.h.
template <class Rule>
MOTE_SHARED void plain_patch_outputs(PatchBands& bands, const Rule& rule, bool apart, bool meets) {
  const int32_t four = (apart ? 8 : 2) * kPatchColumn;
  for (int32_t c = 0; c < bands.channels; ++c, bands.packed += 5 + Rule::kNumbers) {
    int8_t* y = bands.output + c;
    const int8_t* patch = bands.words + 4 * c;
    for (int32_t left = bands.bands; left > 0; --left) {
      if (left == 1) y -= bands.last_overlap;
      if (meets) {
        four_outputs(bands, rule, apart, patch, bands.packed, y);
        patch += four - bands.first_back, y += bands.first_step;
      }
      for (int32_t i = 0; i < bands.fours; ++i, patch += four, y += bands.step)
        four_outputs(bands, rule, apart, patch, bands.packed, y);
      patch += bands.to_next, y += bands.skipped;
    }
  }
}

template <class Rule>
MOTE_INLINE void all_patch_outputs(PatchBands& bands, const Rule& rule, bool apart, bool meets) {
  if constexpr (kHasPatches) {
    if (apart)
      meets ? patch_outputs<true, Rule::kIsRounded, true>(bands)
            : patch_outputs<true, Rule::kIsRounded, false>(bands);
    else
      meets ? patch_outputs<false, Rule::kIsRounded, true>(bands)
            : patch_outputs<false, Rule::kIsRounded, false>(bands);
  } else {
    plain_patch_outputs(bands, rule, apart, meets);
  }
}

template <class Rule>
MOTE_INLINE void depthwise_patches_s8_mve(const DepthwisePatchesParams& m, const int8_t* input,
                                          const uint32_t* packed, int8_t* work, int8_t* output) {
  const Conv2dParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t row = p.output_w * p.input_channels, block = patch_block_bytes(p);
  int8_t* const blocks = work + kVector;
  memset(work, p.input_zero_point, kVector);
  fill_outside_columns(p, m.blocks, work, blocks);
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t band = 0; band < all_bands(p); band += m.blocks) {
      PatchBands bands = bands_of(p, rule, packed);
      const int32_t left = all_bands(p) - band, count = left < m.blocks ? left : m.blocks;
      if (count == left) bands.last_overlap = (all_bands(p) * patch_rows(p) - p.output_h) * row;
      for (int32_t c = 0; c < p.input_channels; c += kVector) {
        bands.channels = clamp<int32_t>(p.input_channels - c, 0, kVector);
        for (int32_t i = 0; i < count; ++i)
          interleave_band(p, input + c, band + i, bands.channels, work, blocks + i * block);
        bands.words = blocks, bands.bands = count;
        bands.output = output + patch_rows(p) * band * row + c;
        all_patch_outputs(bands, rule, p.stride_w == 2, p.output_w % patch_columns(p) != 0);
      }
    }
    input += p.input_h * p.input_w * p.input_channels;
    output += p.output_h * row;
  }
}

}  // namespace mote
