// SPDX-License-Identifier: Apache-2.0
// Outputs of layers whose sums are added two in a word (core/simd_lanes.h). In: inputs as words,
// `packed` by ops/nn/lane_layer.h. Out: int8.
#pragma once
#include <stdint.h>

#include "core/simd_lane_channels.h"
#include "core/simd_lane_places.h"
#include "ops/nn/clamped_output.h"

namespace mote {

MOTE_INLINE uint32_t two_places(int32_t low, int32_t high) {
  return (uint32_t)low + ((uint32_t)high << 16);
}

template <class Rule>
MOTE_SHARED void lane_outputs_plain(const Rule& rule, const LaneBlock& block) {
  const int32_t taps = (int32_t)(block.end - block.inputs) / 2;
  const uint32_t* packed = block.packed;
  int8_t* output = block.outputs;
  while (output != block.outputs_end) {
    const int8_t* weights = (const int8_t*)packed;
    packed += 2 * taps;
    const int8_t* const end = block.outputs_end - output < 8 ? block.outputs_end : output + 8;
    for (; output != end; ++output, ++weights) {
      LaneSums sums[2] = {{packed[0], (int32_t)packed[1]}, {packed[0], (int32_t)packed[1]}};
      const uint8_t *const runs = (const uint8_t*)(packed + 2), *run = runs;
      const bool is_dead = *runs == kNoRun;
      for (int32_t tap = 0; tap < taps && !is_dead;) {
        uint32_t words[2] = {kLaneHalf, kLaneHalf};
        for (const int32_t last = tap + kLongestRun - *run++ / kTapBytes; tap < last; ++tap)
          for (int32_t i = 0; i < 2; ++i)
            words[i] += block.inputs[2 * tap + i] * (uint32_t)weights[8 * tap];
        for (int32_t i = 0; i < 2; ++i) sums[i].add_run(words[i]);
      }
      packed += 2 + (run - runs + is_dead + 3) / 4;
      output[0] = rule.output(sums[0].low_sum(), packed);
      output[block.steps[0]] = rule.output(sums[0].high, packed);
      output[block.steps[1]] = rule.output(sums[1].low_sum(), packed);
      output[block.steps[2]] = rule.output(sums[1].high, packed);
      packed += Rule::kNumbers;
    }
  }
}

template <class Rule>
MOTE_INLINE void lane_outputs(const Rule& rule, const LaneBlock& block) {
  if constexpr (kHasLanePlaces && Rule::kFixedLowBits != 0)
    lane_places<Rule::kHasSigns, Rule::kFixedLowBits>(block);
  else
    lane_outputs_plain(rule, block);
}

// Words of so many inputs of LaneInputs.
MOTE_INLINE constexpr int32_t lane_words(int32_t count) { return (count + 1) / 2 * 3; }

// x [count] as those words.
MOTE_SHARED void widen_pairs(const int8_t* x, int32_t count, uint32_t* words) {
  for (const int8_t* const end = x + count; x != end;) {
    const int32_t first = *x++, second = x != end ? *x++ : 0;
    *words++ = (uint32_t)first;
    *words++ = (uint32_t)(second - 256 * first);
    *words++ = 0u - kWeightOffset * (uint32_t)(first + second);
  }
}

template <class Rule>
MOTE_SHARED void lane_channels_plain(const Rule& rule, const LaneInputs& all) {
  const uint32_t* packed = all.packed;
  for (int8_t* output = all.outputs; output != all.outputs_end;) {
    LaneSums sums[2] = {{packed[1], (int32_t)packed[2]}, {packed[3], (int32_t)packed[4]}};
    const uint8_t* run = (const uint8_t*)(packed + 5);
    const uint32_t* weights = packed + 5 + packed[0] / 4;
    for (const uint32_t* x = all.inputs; *run != kEndOfRuns; ++run) {
      uint32_t words[2] = {kLaneHalf, kLaneHalf};
      for (int32_t pairs = kLongestRunOfPairs - *run / kPairBytes; pairs > 0; --pairs, x += 3)
        for (uint32_t& word : words) {
          const uint32_t v = *weights++;
          word += x[2] + x[0] * v + x[1] * (v >> 8 & kSecondTap);
        }
      for (int32_t i = 0; i < 2; ++i) sums[i].add_run(words[i]);
    }
    packed = weights;
    for (int32_t c = 0; c < 4; ++c, packed += Rule::kNumbers) {
      if (output == all.outputs_end) break;
      const LaneSums& both = sums[c / 2];
      *output++ = rule.output(c % 2 == 0 ? both.low_sum() : both.high, packed);
    }
  }
}

template <class Rule>
MOTE_INLINE void lane_channels(const Rule& rule, const LaneInputs& all) {
  if constexpr (kHasLaneChannels && Rule::kFixedLowBits != 0)
    lane_channels<Rule::kHasSigns, Rule::kFixedLowBits>(all);
  else
    lane_channels_plain(rule, all);
}

}  // namespace mote
