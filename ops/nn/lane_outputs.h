// SPDX-License-Identifier: Apache-2.0
// Outputs of layers whose sums are added two in a word (core/simd_lanes.h). In: inputs as words,
// `packed` by ops/nn/lane_layer.h. Out: int8.
#pragma once
#include <stdint.h>

#include "core/simd_lanes.h"
#include "ops/nn/clamped_output.h"

namespace mote {

// Words of the inputs of a fully connected layer.
MOTE_INLINE constexpr int32_t lane_words(int32_t count, int32_t run) {
  return (count + run - 1) / run * (run + 1);
}

MOTE_INLINE uint32_t two_places(int32_t low, int32_t high) {
  return (uint32_t)low + ((uint32_t)high << 16);
}

// Four places of the output, all channels.
struct LaneBlock {
  const uint32_t* inputs;  // [taps][2]
  int32_t taps;
  int32_t channels;
  const uint32_t* packed;
  int8_t* outputs[4];
};

template <class Rule>
MOTE_SHARED void lane_outputs(const Rule& rule, const LaneBlock& block) {
  const Rule own = rule;
  const uint32_t* packed = block.packed;
  int8_t *y0 = block.outputs[0], *y1 = block.outputs[1], *y2 = block.outputs[2],
         *y3 = block.outputs[3];
  for (int32_t left = block.channels; left > 0; left -= 8) {
    const int8_t* weights = (const int8_t*)packed;
    packed += 2 * block.taps;
    for (const int8_t* const end = weights + (left < 8 ? left : 8); weights != end; ++weights) {
      FourPlaces four{block.inputs,
                      block.inputs + 2 * block.taps,
                      weights,
                      (const uint8_t*)(packed + 3),
                      {{packed[0], (int32_t)packed[1]}, {packed[0], (int32_t)packed[1]}}};
      const uint32_t words = packed[2];
      if (words > 0) add_four_places(four);
      packed += 3 + words;
      *y0++ = own.output(four.sums[0].low_sum(), packed);
      *y1++ = own.output(four.sums[0].high, packed);
      *y2++ = own.output(four.sums[1].low_sum(), packed);
      *y3++ = own.output(four.sums[1].high, packed);
      packed += Rule::kNumbers;
    }
  }
}

// x [count] as the words of FourChannels: before each run what cancels the 128 in w + 128.
template <int kRun>
MOTE_INLINE void widen_runs(const int8_t* x, int32_t count, uint32_t* words) {
  for (; count > 0; count -= kRun) {
    uint32_t* const first = words++;
    int32_t sum = 0;
    for (int32_t k = 0; k < kRun; ++k) {
      const int32_t one = k < count ? *x++ : 0;
      *words++ = (uint32_t)one;
      sum += one;
    }
    *first = kLaneHalf - 0x00800080u * (uint32_t)sum;
  }
}

template <int kRun, class Rule>
MOTE_SHARED int8_t* lane_channel_outputs(const Rule& rule, const int8_t* x, int32_t count,
                                         int32_t channels, const uint32_t* packed, uint32_t* words,
                                         int8_t* output) {
  const Rule own = rule;
  widen_runs<kRun>(x, count, words);
  for (; channels > 0; channels -= 4) {
    FourChannels four{words,
                      words + lane_words(count, kRun),
                      packed + 4,
                      {{packed[0], (int32_t)packed[1]}, {packed[2], (int32_t)packed[3]}}};
    add_four_channels<kRun>(four);
    packed = four.weights;
    *output++ = own.output(four.sums[0].low_sum(), packed);
    if (channels > 1) *output++ = own.output(four.sums[0].high, packed + Rule::kNumbers);
    if (channels > 2) *output++ = own.output(four.sums[1].low_sum(), packed + 2 * Rule::kNumbers);
    if (channels > 3) *output++ = own.output(four.sums[1].high, packed + 3 * Rule::kNumbers);
    packed += 4 * Rule::kNumbers;
  }
  return output;
}

}  // namespace mote
