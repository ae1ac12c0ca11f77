// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with DSP instructions, one group: windows of 3x3 at stride 1, input channels
// in eights, rows of 16 outputs and more. In Winograd's form F(4, 3) along rows (Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks", 2015) a tile of four outputs y of six
// columns d and three weights w takes six products, summed over the window's rows and channels
// first:
//   m0 = (4 d0 - 5 d2 + d4) w0                       m5 = (4 d1 - 5 d3 + d5) w2
//   m1 = (d4 - 4 d2 + (d3 - 4 d1)) (w0 + w1 + w2)    m3 = (d4 - d2 + 2 (d3 - d1)) (w0 + 2 w1 + 4
//   w2) m2 = (d4 - 4 d2 - (d3 - 4 d1)) (w0 - w1 + w2)    m4 = (d4 - d2 - 2 (d3 - d1)) (w0 - 2 w1 +
//   4 w2) 24 y0 = 6 m0 - 4 (m1 + m2) + m3 + m4             24 y2 = 4 (m3 + m4) - 4 (m1 + m2) 24 y1
//   = 2 (m3 - m4) - 4 (m1 - m2)                24 y3 = 8 (m3 - m4) - 4 (m1 - m2) + 24 m5
// in integers, hence every byte as by conv_2d.h. Factors stay within 10 * 128 and 7 * 128, so in
// int16; sums may leave 32 bits on the way, as all is modulo 2^32, but 192 y does not
// (kWinogradSums). Arguments as there, but `packed` by
// winograd_layer() (ops/nn/packed_layer.h), two channels at a time; work:
// conv_2d_winograd_work_bytes().
#pragma once
#include "core/simd_dsp.h"
#include "core/simd_winograd.h"
#include "ops/nn/byte_fold.h"
#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/gather_window.h"

namespace mote {

// Pairs of numbers of a window's three rows, at one point; columns that a block of outputs sees.
MOTE_INLINE constexpr int32_t winograd_pairs(const Conv2dParams& p) {
  return 3 * p.input_channels / 2;
}
constexpr int32_t kWinogradColumns = kWinogradPlaces + 2;
// Blocks of a row; the last may begin before the end of the one before it.
MOTE_INLINE constexpr int32_t winograd_blocks(const Conv2dParams& p) {
  return (p.output_w + kWinogradPlaces - 1) / kWinogradPlaces;
}
MOTE_INLINE constexpr int32_t winograd_input_words(const Conv2dParams& p) {
  return kPoints * kTiles * winograd_pairs(p);
}
// Of a row's inputs; behind them what windows over the border see, and later two channels' weights
// and their sums.
MOTE_INLINE int32_t conv_2d_winograd_work_bytes(const Conv2dParams& p) {
  const int32_t patch = has_no_border(p) ? 0 : 3 * kWinogradColumns * p.input_channels;
  const int32_t weights = 4 * 2 * kPoints * (winograd_pairs(p) + kTiles);
  return 4 * winograd_blocks(p) * winograd_input_words(p) + (patch > weights ? patch : weights);
}

// Halfwords of the six columns to the points of one tile.
MOTE_INLINE void winograd_points(const uint32_t (&d)[6], uint32_t* to) {
  const auto twice = [](uint32_t x) { return sadd16(x, x); };
  const uint32_t step = ssub16(d[4], d[2]), two = twice(ssub16(d[3], d[1]));
  const uint32_t even = ssub16(d[4], twice(twice(d[2]))), odd = ssub16(d[3], twice(twice(d[1])));
  to[0] = sadd16(twice(twice(ssub16(d[0], d[2]))), step);
  to[kTiles] = sadd16(even, odd);
  to[2 * kTiles] = ssub16(even, odd);
  to[3 * kTiles] = sadd16(step, two);
  to[4 * kTiles] = ssub16(step, two);
  to[5 * kTiles] = ssub16(ssub16(d[5], d[3]), twice(two));
}

// Of a row of pixels each four channels: the first and third, then the second and fourth.
MOTE_INLINE void winograd_inputs_of_row(const WinogradRow& row) {
  if constexpr (kHasWinograd) return winograd_row_of_inputs(row);
  uint32_t* to = row.to;
  for (int32_t c = 0; c < row.channels; c += 4)
    for (int32_t turn = 0; turn < 16; turn += 8, to += kPoints * kTiles)
      for (int32_t tile = 0; tile < kTiles; ++tile) {
        uint32_t d[6];
        for (int32_t i = 0; i < 6; ++i)
          d[i] = sxtb16(load_word(row.pixels + c + (tile * kTile + i) * row.channels) >> turn);
        winograd_points(d, to + tile);
      }
}

// What the 16 windows see whose first begins at (y, x).
MOTE_SHARED void winograd_inputs(const ImageOfWords& image, int32_t y, int32_t x, int8_t* patch,
                                 uint32_t* to) {
  const int8_t* from = patch;
  int32_t row = kWinogradColumns * image.channels;
  if (y >= 0 && y + 3 <= image.height && x >= 0 && x + kWinogradColumns <= image.width) {
    from = image.pixels + (y * image.width + x) * image.channels;
    row = image.width * image.channels;
  } else {
    gather_words(image, {y, x, 3, kWinogradColumns}, patch);
  }
  for (int32_t ky = 0; ky < 3; ++ky, from += row) {
    winograd_inputs_of_row({from, image.channels, to});
    to += kPoints * kTiles * image.channels / 2;
  }
}

// Three weights of two input channels to the points of one of two output channels.
MOTE_INLINE void winograd_weights_of_pair(uint32_t w0, uint32_t w1, uint32_t w2, uint32_t* to) {
  const uint32_t outer = sadd16(w0, w2), two = sadd16(w2, w2), wide = sadd16(w0, sadd16(two, two));
  const uint32_t slope = sadd16(w1, w1);
  to[0] = w0;
  to[2] = sadd16(outer, w1);
  to[4] = ssub16(outer, w1);
  to[6] = sadd16(wide, slope);
  to[8] = ssub16(wide, slope);
  to[10] = w2;
}

// Of two channels; returns the end of what was read.
MOTE_SHARED const uint32_t* winograd_weights(const uint32_t* packed, int32_t pairs, uint32_t* to) {
  constexpr int32_t kWords = 2 * kPoints;
  uint32_t* const end = to + kWords * pairs;
  if constexpr (kHasWinograd) return winograd_weights_4(packed, to, end);
  for (; to != end; to += 2 * kWords)
    for (int32_t c = 0; c < 2; ++c, packed += 3) {
      winograd_weights_of_pair(sxtb16(packed[0]), sxtb16(packed[1]), sxtb16(packed[2]), to + c);
      winograd_weights_of_pair(sxtb16_odd(packed[0]), sxtb16_odd(packed[1]), sxtb16_odd(packed[2]),
                               to + kWords + c);
    }
  return packed;
}

// The sums m of a tile, `apart` from one to the next, to 192 y + bias.
MOTE_INLINE void winograd_tile(const uint32_t* m, int32_t apart, uint32_t bias, uint32_t (&y)[4]) {
  const uint32_t m1 = m[apart], m2 = m[2 * apart], m3 = m[3 * apart], m4 = m[4 * apart];
  y[0] = bias + 8 * (6 * m[0] - 4 * (m1 + m2) + m3 + m4);
  y[1] = bias + 8 * (2 * (m3 - m4) - 4 * (m1 - m2));
  y[2] = bias + 8 * (4 * (m3 + m4) - 4 * (m1 + m2));
  y[3] = bias + 8 * (8 * (m3 - m4) - 4 * (m1 - m2) + 24 * m[5 * apart]);
}

// Of one or two channels 16 outputs.
template <class Rule>
MOTE_INLINE void winograd_outputs(const Rule& rule, const WinogradBlock& block) {
  if constexpr (kHasWinograd && Rule::kFixedShift != 0)
    return winograd_4x2<Rule::kFixedShift>(block);
  constexpr int32_t kSums = 2 * kTiles, kInputs = kPoints * kTiles;
  for (int32_t i = 0; i < kPoints * kSums; ++i) {
    const uint32_t* x = block.inputs + i / kSums * kTiles + i % kTiles;
    const uint32_t* w = block.weights + i / kSums * 2 + i % kSums / kTiles;
    int32_t sum = 0;
    for (const uint32_t* const end = x + (block.end - block.inputs); x != end; x += kInputs) {
      sum = smlad(*x, *w, sum);
      w += 2 * kPoints;
    }
    block.sums[i] = sum;
  }
  for (int32_t i = 0; i < kTiles / 2 * block.halves; ++i) {
    const WinogradChannel& channel = block.channel[i / kTiles];
    uint32_t y[kTile];
    winograd_tile((const uint32_t*)block.sums + i, kSums, (uint32_t)channel.bias, y);
    for (int32_t k = 0; k < kTile; ++k) {
      const int32_t own[2] = {channel.multiplier, channel.negative};
      const int32_t* numbers = own;
      channel.output[(i % kTiles * kTile + k) * channel.stride] =
          rule.output((int32_t)y[k], numbers);
    }
  }
}

// A row of outputs, whose inputs lie at the begin of `work`.
template <class Rule>
MOTE_SHARED void winograd_row(const Packed<Conv2dParams>& packed_params, const Rule& rule,
                              const uint32_t* packed, uint32_t* work, int8_t* output) {
  const Conv2dParams& p = packed_params.layer;
  const int32_t pairs = winograd_pairs(p), words = winograd_input_words(p);
  const bool has_negatives = packed_params.negative != 0;
  uint32_t* const weights = work + winograd_blocks(p) * words;
  WinogradBlock block{};
  block.weights = weights;
  block.sums = (int32_t*)(weights + 2 * kPoints * pairs);
  block.sums_end = block.sums + 2 * kPoints * kTiles;
  for (int32_t c = 0; c < p.output_channels; c += 2, output += 2) {
    const int32_t* const biases = (const int32_t*)packed;
    const int32_t* numbers = (const int32_t*)winograd_weights(packed + 2, pairs, weights);
    block.halves = p.output_channels - c < 2 ? 2 : 4;
    for (int32_t i = 0; i < 2; ++i) {
      const int32_t multiplier = *numbers++, negative = has_negatives ? *numbers++ : 0;
      block.channel[i] = {biases[i], multiplier, packed_params.offset,
                          negative,  nullptr,    p.output_channels};
    }
    packed = (const uint32_t*)numbers;
    block.inputs = work;
    for (int32_t x = 0; x < p.output_w; x += kWinogradPlaces, block.inputs += words) {
      const int32_t begin = x + kWinogradPlaces > p.output_w ? p.output_w - kWinogradPlaces : x;
      for (int32_t i = 0; i < 2; ++i)
        block.channel[i].output = output + begin * p.output_channels + i;
      block.end = block.inputs + words;
      winograd_outputs(rule, block);
    }
  }
}

template <class Rule>
MOTE_INLINE void conv_2d_s8_winograd(const Packed<Conv2dParams>& packed_params, const int8_t* input,
                                     const uint32_t* packed, uint32_t* work, int8_t* output) {
  const Conv2dParams& p = packed_params.layer;
  const Rule rule(packed_params);
  ImageOfWords image{input, p.input_h, p.input_w, p.input_channels, p.input_zero_point};
  const int32_t words = winograd_input_words(p);
  int8_t* const patch = (int8_t*)(work + winograd_blocks(p) * words);
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t oy = 0; oy < p.output_h; ++oy, output += p.output_w * p.output_channels) {
      for (int32_t i = 0; i < winograd_blocks(p); ++i) {
        const int32_t x = i * kWinogradPlaces, last = p.output_w - kWinogradPlaces;
        winograd_inputs(image, oy - p.pad_top, (x < last ? x : last) - p.pad_left, patch,
                        work + i * words);
      }
      winograd_row(packed_params, rule, packed, work, output);
    }
    image.pixels += p.input_h * p.input_w * p.input_channels;
  }
}

}  // namespace mote
