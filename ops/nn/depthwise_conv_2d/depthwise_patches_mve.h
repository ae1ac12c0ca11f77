// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 of kernels up to 3 by 3 with stride 1 or 2 for cores with vectors: by
// patches of 4 by 4 of a channel (core/simd_patches.h), 16 channels of a block of bands at a time.
// A band is two rows of outputs with stride 1, one with stride 2. Every byte as by
// depthwise_conv_2d.h: integer sums do not depend on their order. Arguments as there, but packed,
// of each channel: bias, the kernel in columns of four rows, the numbers of the output rule
// (ops/nn/vector_output.h); places: of the stores of a block where their outputs go, then of the
// last block; work [patch_work_bytes()].
#pragma once
#include "core/simd_patches.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/vector_runs.h"

namespace mote {

struct DepthwisePatchesParams {
  Conv2dParams layer;
  int32_t bands;  // of a block, for which weights are loaded once
  bool some;      // whether some outputs have no place
  int32_t shift;  // of the exact rule
};
template <class Visitor>
void for_each_field(const DepthwisePatchesParams& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("bands", p.bands);
  field("some", p.some);
  field("shift", p.shift);
}

MOTE_INLINE constexpr int32_t patch_rows(const Conv2dParams& p) { return p.stride_h == 1 ? 2 : 1; }
MOTE_INLINE constexpr int32_t all_bands(const Conv2dParams& p) {
  return (p.output_h + patch_rows(p) - 1) / patch_rows(p);
}

// A slot is what begins every two columns of a band: a patch of two columns of outputs, or one of
// windows apart. Of a store: all its outputs are eight.
MOTE_INLINE constexpr int32_t slots_of_store(const Conv2dParams& p) {
  return p.stride_h == 1 ? 2 : 8;
}
// Whether a store may take slots of two bands. With stride 1 a band's last slot then sees the next
// one's first column, so both must be border; with stride 2 a slot between them stays idle.
MOTE_INLINE constexpr bool has_one_run(const Conv2dParams& p) {
  if (p.stride_h == 1) return p.output_w % 2 == 1 && p.pad_left == 1 && p.input_w <= p.output_w;
  return p.output_w % slots_of_store(p) != 0;
}
MOTE_INLINE constexpr int32_t stores_of_run(const Conv2dParams& p, int32_t bands) {
  const int32_t slots =
      p.stride_h == 1 ? (p.output_w + 1) / 2 : p.output_w + (has_one_run(p) ? 1 : 0);
  const int32_t all = has_one_run(p) ? slots * bands : slots;
  return (all + slots_of_store(p) - 1) / slots_of_store(p);
}
// Columns from one band to the next. What a run reads beyond its slots lies between the runs.
MOTE_INLINE constexpr int32_t band_pitch(const Conv2dParams& p) {
  if (!has_one_run(p)) return 2 * slots_of_store(p) * stores_of_run(p, 1) + 2;
  return p.stride_h == 1 ? p.output_w + 1 : 2 * p.output_w + 2;
}
MOTE_INLINE constexpr int32_t patch_work_bytes(const Conv2dParams& p, int32_t bands) {
  const int32_t columns =
      has_one_run(p) ? 2 * slots_of_store(p) * stores_of_run(p, bands) + 2 : bands * band_pitch(p);
  return kVector + columns * kPatchColumn;
}

// Columns of a band left and right of the image, and those between bands, stay the input's zero
// point.
MOTE_INLINE constexpr int32_t band_columns(const Conv2dParams& p) {
  return p.stride_w == 1 ? p.output_w + (has_one_run(p) ? 1 : 2) : 2 * p.output_w + 1;
}
MOTE_INLINE int32_t inside_columns(const Conv2dParams& p) {
  return clamp<int32_t>(p.input_w, 0, band_columns(p) - p.pad_left);
}

// Of the channels from `image` on, at most 16; the rows that a band needs. `outside` holds 16 times
// the input's zero point.
MOTE_INLINE void interleave_band(const Conv2dParams& p, const int8_t* image, int32_t band,
                                 int32_t channels, const int8_t* outside, int8_t* words) {
  const int32_t y0 = patch_rows(p) * band * p.stride_h - p.pad_top;
  FourRows from{{outside, outside, outside, outside},
                {0, 0, 0, 0},
                words + p.pad_left * kPatchColumn,
                inside_columns(p),
                channels};
  for (int32_t r = 0; r < 4; ++r) {
    if (!is_inside(y0 + r, p.input_h)) continue;
    from.rows[r] = image + (y0 + r) * p.input_w * p.input_channels;
    from.pitches[r] = p.input_channels;
  }
  if (from.pixels > 0) interleave_rows(from);
}

// Bands of which all four rows lie in the image.
struct RangeOfBands {
  int32_t begin, end;
};
MOTE_INLINE constexpr RangeOfBands bands_inside(const Conv2dParams& p) {
  const int32_t begin = (p.pad_top + 1) / 2, rows = p.input_h + p.pad_top - 4;
  const int32_t end = rows < 0 ? 0 : rows / 2 + 1;  // of two rows of the image each
  return {begin, end < begin ? begin : end};
}
MOTE_INLINE void interleave_inside(const Conv2dParams& p, const BandsOfRows& bands) {
  if (p.input_channels % kVector != 0) return interleave_bands<0>(bands);
  with_steps(
      p.input_channels / kVector, [&](auto vectors) __attribute__((always_inline)) {
        interleave_bands<vectors.count <= kMostVectorsOfPixel ? vectors.count : 0>(bands);
      });
}

// The channels from `image` on, at most 16, of the bands from `band` on.
MOTE_INLINE void interleave_block(const Conv2dParams& p, const int8_t* image, int32_t band,
                                  int32_t bands, int32_t channels, const int8_t* outside,
                                  int8_t* words) {
  const RangeOfBands inside = bands_inside(p);
  const int32_t row = p.input_w * p.input_channels, pitch = band_pitch(p) * kPatchColumn;
  for (const int32_t end = band + bands; band < end;) {
    if (band < inside.begin || band >= inside.end || inside_columns(p) == 0) {
      interleave_band(p, image, band++, channels, outside, words);
      words += pitch;
      continue;
    }
    const int32_t count = (end < inside.end ? end : inside.end) - band;
    interleave_inside(
        p, {inside_columns(p), image + (2 * band - p.pad_top) * row, row, count, p.input_channels,
            words + p.pad_left * kPatchColumn, 2 * row, pitch, channels});
    band += count, words += count * pitch;
  }
}

// A block of so many bands.
MOTE_INLINE PatchBlock block_of(const Conv2dParams& p, int32_t bands, const int8_t* words) {
  PatchBlock block{};
  for (int32_t i = 0; i < 4; ++i) block.columns[i] = i * kPatchColumn;
  block.runs = has_one_run(p) ? 1 : bands;
  block.stores = stores_of_run(p, bands);
  const int32_t run = 2 * slots_of_store(p) * block.stores;
  block.words = words + ((block.runs - 1) * band_pitch(p) + run) * kPatchColumn;
  block.skipped = (band_pitch(p) - run) * kPatchColumn;
  return block;
}

// Of four outputs one: of the words at `patch`. The kernel has 3 rows and 3 columns, or weights of
// 0.
MOTE_INLINE int32_t patch_sum(const int8_t* patch, const int8_t* weights) {
  int32_t sum = 0;
  for (int32_t k = 0; k < 3; ++k)
    for (int32_t r = 0; r < 3; ++r)
      sum = wrapping_add<int32_t>(sum, patch[k * kPatchColumn + r] * weights[4 * k + r]);
  return sum;
}
template <class Rule>
MOTE_INLINE Int32x4 four_outputs(const Rule& rule, bool apart, const int8_t*& patch,
                                 const int32_t* packed) {
  int8_t weights[kVector];
  memcpy(weights, packed + 1, kVector);
  Int32x4 sums{}, numbers[Rule::kNumbers];
  for (int32_t i = 0; i < 4; ++i) {
    if (apart || i == 0) patch -= 2 * kPatchColumn;
    const int8_t* first = apart ? patch : patch + i % 2 * kPatchColumn + i / 2;
    sums[i] = wrapping_add(packed[0], patch_sum(first, weights));
  }
  for (int32_t k = 0; k < Rule::kNumbers; ++k) numbers[k] = all_4(packed[5 + k]);
  return rule.in_highest_byte(sums, numbers) >> 24;
}

// As patch_outputs() of core/simd_patches.h.
template <class Rule>
MOTE_SHARED void plain_patch_outputs(PatchBlock& block, const Rule& rule, bool apart) {
  for (int32_t c = 0; c < block.channels; ++c, block.packed += 5 + Rule::kNumbers) {
    const int8_t* patch = block.words + 4 * c;
    const uint16_t* places = block.places;
    for (int32_t run = 0; run < block.runs; ++run, patch -= block.skipped)
      for (int32_t store = 0; store < block.stores; ++store, places += 8)
        for (int32_t half = 0; half < 2; ++half) {
          const Int32x4 outputs = four_outputs(rule, apart, patch, block.packed);
          for (int32_t i = 0; i < 4; ++i)
            if (places[2 * i + half] != kNoPlace)
              block.output[places[2 * i + half] + c] = (int8_t)outputs[i];
        }
  }
}

template <class Rule>
MOTE_INLINE void all_patch_outputs(PatchBlock& block, const Rule& rule, bool apart, bool some) {
  if constexpr (kHasPatches) {
    if (apart)
      some ? patch_outputs<true, Rule::kIsRounded, true>(block)
           : patch_outputs<true, Rule::kIsRounded, false>(block);
    else
      some ? patch_outputs<false, Rule::kIsRounded, true>(block)
           : patch_outputs<false, Rule::kIsRounded, false>(block);
  } else {
    plain_patch_outputs(block, rule, apart);
  }
}

template <class Rule>
MOTE_INLINE void depthwise_patches_s8_mve(const DepthwisePatchesParams& m, const int8_t* input,
                                          const uint32_t* packed, const uint16_t* places,
                                          int8_t* work, int8_t* output) {
  const Conv2dParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t row = p.output_w * p.input_channels;
  int8_t* const words = work + kVector;
  fill_vectors(p.input_zero_point, patch_work_bytes(p, m.bands) / kVector, work);
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t band = 0; band < all_bands(p); band += m.bands) {
      const int32_t left = all_bands(p) - band, bands = left < m.bands ? left : m.bands;
      const PatchBlock all = block_of(p, bands, words);
      PatchBlock block = all;
      block.packed = (const int32_t*)packed, block.left = rule.left;
      block.places = places;
      if (band > 0 && left <= m.bands) {
        const PatchBlock before = block_of(p, m.bands, words);
        block.places += 8 * before.runs * before.stores;
      }
      for (int32_t c = 0; c < p.input_channels; c += kVector) {
        block.channels = clamp<int32_t>(p.input_channels - c, 0, kVector);
        interleave_block(p, input + c, band, bands, block.channels, work, words);
        block.words = all.words;
        block.output = output + patch_rows(p) * band * row + c;
        all_patch_outputs(block, rule, p.stride_w == 2, m.some);
      }
    }
    input += p.input_h * p.input_w * p.input_channels;
    output += p.output_h * row;
  }
}

}  // namespace mote
