// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 of kernels up to 3 by 3 with stride 1 for cores with vectors. Four rows of
// the image, 16 channels at a time, are interleaved so that a word holds four rows of a channel;
// four such words are a patch of 4 by 4, which gives 2 by 2 outputs by one product with each of
// four sets of weights: the kernel at its four places in the patch. At odd edges the last outputs
// are computed twice. Every byte as by depthwise_conv_2d.h: integer sums do not depend on their
// order. Arguments as there, but packed, of each channel: bias, the kernel in columns of four rows,
// two numbers of the output rule (ops/nn/vector_output.h); work: 16 bytes, then blocks *
// patch_block_bytes(). output_h and output_w are 2 or more.
#pragma once
#include "core/simd_mve.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/vector_output.h"

namespace mote {

struct DepthwisePatchesParams {
  Conv2dParams layer;
  int32_t blocks;  // pairs of output rows for which weights are loaded once
  int32_t shift;   // of the exact rule
};
template <class Visitor>
void for_each_field(const DepthwisePatchesParams& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("blocks", p.blocks);
  field("shift", p.shift);
}

// Two rows of outputs reach over so many columns.
MOTE_INLINE constexpr int32_t patch_columns(const Conv2dParams& p) { return p.output_w + 2; }
MOTE_INLINE constexpr int32_t patch_block_bytes(const Conv2dParams& p) {
  return patch_columns(p) * kPatchColumn;
}
// The first output row of a pair; the last two may be rows of two pairs.
MOTE_INLINE int32_t first_row(const Conv2dParams& p, int32_t pair) {
  return 2 * pair + 2 > p.output_h ? p.output_h - 2 : 2 * pair;
}

// Columns of the blocks left and right of the image stay the input's zero point, of which `outside`
// holds 16.
MOTE_INLINE int32_t inside_columns(const Conv2dParams& p) {
  return clamp<int32_t>(p.input_w, 0, patch_columns(p) - p.pad_left);
}
MOTE_INLINE void fill_outside_columns(const Conv2dParams& p, int32_t blocks, const int8_t* outside,
                                      int8_t* block) {
  const FourRows rows{{outside, outside, outside, outside}, {0, 0, 0, 0}};
  const int32_t first = p.pad_left + inside_columns(p), right = patch_columns(p) - first;
  for (; blocks > 0; --blocks, block += patch_block_bytes(p)) {
    if (p.pad_left > 0) interleave_rows(rows, kVector, p.pad_left, block);
    if (right > 0) interleave_rows(rows, kVector, right, block + first * kPatchColumn);
  }
}

MOTE_INLINE void interleave_block(const Conv2dParams& p, const int8_t* image, int32_t y0,
                                  int32_t channels, const int8_t* outside, int8_t* block) {
  FourRows from{{outside, outside, outside, outside}, {0, 0, 0, 0}};
  for (int32_t r = 0; r < 4; ++r) {
    if (!is_inside(y0 + r, p.input_h)) continue;
    from.rows[r] = image + (y0 + r) * p.input_w * p.input_channels;
    from.pitches[r] = p.input_channels;
  }
  interleave_rows(from, channels, inside_columns(p), block + p.pad_left * kPatchColumn);
}

// Blocks of which each holds the inputs of two rows of outputs.
struct PatchBlocks {
  const int8_t* first;
  int32_t count;
  int32_t bytes;  // of one
  int32_t output_w;
  int32_t pixel;         // from an output to the one at its right
  int32_t last_overlap;  // bytes of output that the last block has in common with that before
};

// Up to 16 channels; returns what is behind their words.
template <class Rule>
MOTE_SHARED const int32_t* patch_channels(const PatchBlocks& blocks, const Rule& rule,
                                          int32_t channels, const int32_t* packed, int8_t* output) {
  const PatchBlocks own = blocks;
  const Rule own_rule = rule;
  const int32_t row = own.output_w * own.pixel, odd = own.output_w & 1;
  const Int32x4 columns = {0, kPatchColumn, 2 * kPatchColumn, 3 * kPatchColumn};
  const Int32x4 places = {0, own.pixel, row, row + own.pixel};
  for (int32_t c = 0; c < channels; ++c, packed += 5 + Rule::kNumbers, ++output) {
    const Int32x4 w0 = load_4(packed + 1), w1 = shift_whole_left<32>(w0);
    const Int32x4 w2 = shift_whole_left<8>(w0), w3 = shift_whole_left<32>(w2);
    const int32_t bias = packed[0];
    Int32x4 numbers[Rule::kNumbers];
    for (int32_t k = 0; k < Rule::kNumbers; ++k) numbers[k] = all_4(packed[5 + k]);
    int8_t* y = output;
    for (int32_t i = 0; i < own.count; ++i) {
      const int8_t* patch = own.first + i * own.bytes + c * 4;
      if (i + 1 == own.count) y -= own.last_overlap;
      int32_t step = 2 - odd;  // the second patch meets the first at odd widths
      for (int32_t n = (own.output_w + 1) / 2; n > 0; --n, step = 2) {
        const Int32x4 sums = add_to_all(patch_dot(patch, columns, w0, w1, w2, w3), bias);
        scatter_bytes_4(own_rule.in_highest_byte(sums, numbers) >> 24, y, places);
        patch += step * kPatchColumn, y += step * own.pixel;
      }
      y += row;
    }
  }
  return packed;
}

template <class Rule>
MOTE_INLINE void depthwise_patches_s8_mve(const DepthwisePatchesParams& m, const int8_t* input,
                                          const uint32_t* packed, int8_t* work, int8_t* output) {
  const Conv2dParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t all_pairs = (p.output_h + 1) / 2, row = p.output_w * p.input_channels;
  int8_t* const blocks = work + kVector;
  memset(work, p.input_zero_point, kVector);
  fill_outside_columns(p, m.blocks, work, blocks);
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t pair = 0; pair < all_pairs; pair += m.blocks) {
      const int32_t pairs = pair + m.blocks > all_pairs ? all_pairs - pair : m.blocks;
      const bool is_last = pair + pairs == all_pairs;
      const PatchBlocks at{blocks,
                           pairs,
                           patch_block_bytes(p),
                           p.output_w,
                           p.input_channels,
                           is_last && p.output_h % 2 ? row : 0};
      const int32_t* words = (const int32_t*)packed;
      for (int32_t c = 0; c < p.input_channels; c += kVector) {
        const int32_t channels = clamp<int32_t>(p.input_channels - c, 0, kVector);
        for (int32_t i = 0; i < pairs; ++i)
          interleave_block(p, input + c, first_row(p, pair + i) - p.pad_top, channels, work,
                           blocks + i * patch_block_bytes(p));
        words = patch_channels(at, rule, channels, words, output + 2 * pair * row + c);
      }
    }
    input += p.input_h * p.input_w * p.input_channels;
    output += p.output_h * row;
  }
}

}  // namespace mote
