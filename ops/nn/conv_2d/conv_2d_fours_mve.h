// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 of short windows for cores with vectors, for channels of the output in fours: four
// places of the output at a time (core/simd_four_places.h). Single pixels are read from the image;
// windows, and last pixels, beyond which a vector would reach out of it, are gathered. The last
// four places may be computed a second time. Every byte as by conv_2d.h: integer sums do not depend
// on their order. Arguments as of conv_2d_s8_mve(), but packed: of channels 0 and 2, then 1 and 3
// of each four: weights, of each vector both channels; biases, multipliers, the other numbers of
// the rule (ops/nn/vector_output.h), for ExactVectorOutput also `left`.
#pragma once
#include "core/simd_four_places.h"
#include "ops/nn/conv_2d/conv_2d_mve.h"

namespace mote {

template <class Rule>
constexpr int32_t kNumbersOfPair = Rule::kIsRounded ? 8 : 7;

// Four places by two channels.
struct OutputsOfPair {
  int8_t of[2][4];
};
template <class Rule>
MOTE_INLINE OutputsOfPair plain_pair_of_fours(const Rule& rule, int32_t steps, const int8_t* first,
                                              int32_t pitch, const int32_t* packed) {
  OutputsOfPair outputs;
  const int8_t* w = (const int8_t*)packed;
  const int32_t* numbers = packed + 2 * steps * kVector / 4;
  for (int32_t k = 0; k < 2; ++k, w += kVector) {
    Int32x4 sums{}, of_channel[Rule::kNumbers];
    for (int32_t place = 0; place < 4; ++place) {
      int32_t sum = numbers[k];
      for (int32_t i = 0; i < steps * kVector; ++i)
        sum = wrapping_add<int32_t>(
            sum, first[place * pitch + i] * w[i / kVector * 2 * kVector + i % kVector]);
      sums[place] = sum;
    }
    for (int32_t n = 0; n < Rule::kNumbers; ++n) of_channel[n] = all_4(numbers[2 + 2 * n + k]);
    const Int32x4 highest = rule.in_highest_byte(sums, of_channel) >> 24;
    for (int32_t place = 0; place < 4; ++place) outputs.of[k][place] = (int8_t)highest[place];
  }
  return outputs;
}

// As four_places() of core/simd_four_places.h: both pairs of four channels before any is stored.
template <class Rule>
MOTE_SHARED void plain_four_places(const Rule& rule, int32_t steps, const FourPlaces& all) {
  int8_t* output = all.output;
  const int8_t* first = all.first;
  const int32_t pair = 2 * steps * kVector / 4 + kNumbersOfPair<Rule>;
  for (int32_t four = 0; four < all.fours; ++four, output += all.skipped, first += 4 * all.pitch)
    for (const int32_t* packed = all.packed; packed != all.packed_end;
         packed += 2 * pair, output += 4) {
      const OutputsOfPair pairs[] = {
          plain_pair_of_fours(rule, steps, first, all.pitch, packed),
          plain_pair_of_fours(rule, steps, first, all.pitch, packed + pair)};
      for (int32_t k = 0; k < 4; ++k)
        for (int32_t place = 0; place < 4; ++place)
          output[all.places[4 * place + k]] = pairs[k % 2].of[k / 2][place];
    }
}

// So many places, four at least, whose inputs lie a pitch apart.
template <class Rule>
MOTE_INLINE void outputs_of_fours(const Rule& rule, int32_t vectors, FourPlaces tiles,
                                  int32_t count, int32_t channels) {
  tiles.fours = count / 4;
  for (;;) {
    if constexpr (kHasFourPlaces)
      with_steps(
          vectors, [&](auto steps) __attribute__((always_inline)) {
            if constexpr (steps.count <= kMostStepsOfFours)
              four_places<steps.count, Rule::kIsRounded>(tiles);
          });
    else
      plain_four_places(rule, vectors, tiles);
    if (count % 4 == 0) return;
    tiles.first += (count - 4) * tiles.pitch, tiles.output += (count - 4) * channels;
    tiles.fours = 1, count = 4;
  }
}

// How many single pixels of so many are read from the image: those whose vectors lie in it, in
// fours.
MOTE_INLINE constexpr int32_t pixels_to_read(const Conv2dMveParams& m, int32_t all) {
  const int32_t pixel = m.layer.input_channels, beyond = m.steps * m.runs * kVector - pixel;
  const int32_t inside = all - (beyond + pixel - 1) / pixel;
  return !m.from_image || inside < 4 ? 0 : beyond == 0 ? all : inside / 4 * 4;
}

template <class Rule>
MOTE_INLINE void conv_2d_s8_fours_mve(const Conv2dMveParams& m, const int8_t* input,
                                      const uint32_t* packed, const uint32_t* taps, int8_t* work,
                                      int8_t* output) {
  const Conv2dParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t all = p.batches * p.output_h * p.output_w, channels = p.output_channels;
  const int32_t vectors = m.steps * m.runs, window = vectors * kVector;
  FourPlaces tiles{};
  tiles.packed = (const int32_t*)packed;
  tiles.packed_end = tiles.packed + (2 * window / 4 + kNumbersOfPair<Rule>)*(channels / 2);
  tiles.skipped = 3 * channels;
  for (int32_t i = 0; i < 16; ++i) tiles.places[i] = (uint8_t)(i / 4 * channels + i % 4);
  int32_t done = pixels_to_read(m, all);
  if (done > 0) {
    tiles.first = input, tiles.pitch = p.input_channels, tiles.output = output;
    outputs_of_fours(rule, vectors, tiles, done, channels);
  }
  tiles.first = work, tiles.pitch = window;
  ConvPlace place{input, 0, 0};
  if (done < all) place.move(p, done);
  while (done < all) {
    int32_t count = all - done < m.gathered ? all - done : m.gathered;
    if (count < 4) {
      done = all - 4, count = 4;
      place = {input, 0, 0};
      place.move(p, done);
    }
    gather_windows(m, place, taps, count, work);
    tiles.output = output + done * channels;
    outputs_of_fours(rule, vectors, tiles, count, channels);
    done += count;
  }
}

}  // namespace mote
