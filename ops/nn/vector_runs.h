// SPDX-License-Identifier: Apache-2.0
// Outputs of places whose inputs lie in runs of whole vectors. In: steps of 16 numbers in a run,
// the places (core/simd_tiles.h). Out: a call with the steps as a constant, so that a run is a row
// of instructions; all channels of the places.
#pragma once
#include "core/simd_tiles.h"
#include "ops/nn/vector_output.h"

namespace mote {

// Longer runs are cut.
constexpr int32_t kMostSteps = 12;

template <int kCount>
struct Steps {
  static constexpr int32_t count = kCount;
};

// use(Steps<steps>{}), for the one of 1..kMostSteps.
template <int kCount = 1, class Use>
MOTE_INLINE void with_steps(int32_t steps, const Use& use) {
  if constexpr (kCount < kMostSteps)
    steps == kCount ? use(Steps<kCount>{}) : with_steps<kCount + 1>(steps, use);
  else
    use(Steps<kCount>{});
}

// What all places of a layer share. P holds steps, runs and pitch.
template <class P, class Rule>
MOTE_INLINE VectorTiles tiles_of(const P& p, const Rule& rule, int32_t channels,
                                 const uint32_t* packed) {
  VectorTiles tiles{};
  tiles.runs = p.runs, tiles.pitch = p.pitch;
  tiles.packed = (const int32_t*)packed;
  tiles.channels = channels;
  if constexpr (Rule::kIsTiled) tiles.left = rule.left;
  tiles.group = 16 * (1 + 4 * p.steps * p.runs + Rule::kNumbers);
  return tiles;
}

// All channels of one place. Without tiles; also where those have no such rule.
template <int kSteps, class Rule>
MOTE_SHARED void outputs_of_one(const Rule& rule, const VectorTiles& tiles, const int8_t* input,
                                int8_t* output) {
  const Rule own = rule;
  const Runs runs{tiles.runs, tiles.pitch - kVector * kSteps};
  const int32_t* packed = tiles.packed;
  for (int32_t left = tiles.channels; left > 0; left -= 4, output += 4) {
    Int32x4 sums;
    packed = dot_1x4<kSteps>(runs, input, packed, sums);
    store_outputs(in_highest_bytes(own, sums, packed, 4), left, output);
    packed += 4 * Rule::kNumbers;
  }
}

// Of both places of each pair.
template <int kSteps, class Rule>
MOTE_INLINE void outputs_of_pairs(const Rule& rule, VectorTiles tiles) {
  if constexpr (kHasTiles && Rule::kIsTiled) {
    tiles.first += kReachBack<kSteps>, tiles.second += kReachBack<kSteps>;
    const bool is_whole = tiles.channels % 4 == 0;
    if (tiles.runs == 1 && is_whole) return run_2x4<kSteps, Rule::kIsRounded, true>(tiles);
    if (tiles.runs == 1) return run_2x4<kSteps, Rule::kIsRounded, false>(tiles);
    if (is_whole) return runs_2x4<kSteps, Rule::kIsRounded, true>(tiles);
    return runs_2x4<kSteps, Rule::kIsRounded, false>(tiles);
  } else {
    for (int32_t i = 0; i < tiles.pairs; ++i, tiles.output += 2 * tiles.channels) {
      outputs_of_one<kSteps>(rule, tiles, tiles.first + i * tiles.step, tiles.output);
      outputs_of_one<kSteps>(rule, tiles, tiles.second + i * tiles.step,
                             tiles.output + tiles.channels);
    }
  }
}

// Of the first place of each pair alone.
template <int kSteps, class Rule>
MOTE_INLINE void outputs_of_places(const Rule& rule, VectorTiles tiles) {
  if constexpr (kHasTiles && Rule::kIsTiled) {
    tiles.first += kReachBack<kSteps>;
    runs_1x8<kSteps, Rule::kIsRounded>(tiles);
  } else {
    for (int32_t i = 0; i < tiles.pairs; ++i, tiles.output += tiles.channels)
      outputs_of_one<kSteps>(rule, tiles, tiles.first + i * tiles.step, tiles.output);
  }
}

}  // namespace mote
