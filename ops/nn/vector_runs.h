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
// Three runs of so many are one row of instructions.
constexpr int32_t kMostStepsOfThree = 6;

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

// All channels of kPlaces, 1 or 2, four at a time: where there are no tiles, or none with the rule.
template <int kSteps, int kPlaces, class Rule>
MOTE_SHARED void plain_tiles(const Rule& rule, const VectorTiles& tiles) {
  const Rule own = rule;
  const Runs runs{tiles.runs, tiles.pitch - kVector * kSteps};
  for (int32_t i = 0; i < tiles.pairs; ++i) {
    const int8_t* const firsts[] = {tiles.first, tiles.second};
    int8_t* output = tiles.output + i * kPlaces * tiles.channels;
    const int32_t* packed = tiles.packed;
    for (int32_t left = tiles.channels; left > 0; left -= 4, output += 4) {
      const int32_t* numbers = packed;
      Int32x4 sums[kPlaces];
      for (int32_t k = 0; k < kPlaces; ++k)
        numbers = dot_1x4<kSteps>(runs, firsts[k] + i * tiles.step, packed, sums[k]);
      for (int32_t k = 0; k < kPlaces; ++k)
        store_outputs(in_highest_bytes<0, 4>(own, sums[k], numbers), left,
                      output + k * tiles.channels);
      packed = numbers + 4 * Rule::kNumbers;
    }
  }
}

// Of both places of each pair.
template <int kSteps, class Rule>
MOTE_INLINE void outputs_of_pairs(const Rule& rule, VectorTiles tiles) {
  if constexpr (kHasTiles && Rule::kIsTiled) {
    tiles.first += kReachBack<kSteps>, tiles.second += kReachBack<kSteps>;
    constexpr bool rounded = Rule::kIsRounded;
    const bool is_whole = tiles.channels % 4 == 0;
    if (tiles.runs == 1)
      return is_whole ? run_2x4<kSteps, rounded, true>(tiles)
                      : run_2x4<kSteps, rounded, false>(tiles);
    if constexpr (kSteps <= kMostStepsOfThree)
      if (tiles.runs == 3)
        return is_whole ? runs_2x4<kSteps, 3, rounded, true>(tiles)
                        : runs_2x4<kSteps, 3, rounded, false>(tiles);
    is_whole ? runs_2x4<kSteps, 0, rounded, true>(tiles)
             : runs_2x4<kSteps, 0, rounded, false>(tiles);
  } else {
    plain_tiles<kSteps, 2>(rule, tiles);
  }
}

// Of the first place of each pair alone.
template <int kSteps, class Rule>
MOTE_INLINE void outputs_of_places(const Rule& rule, VectorTiles tiles) {
  if constexpr (kHasTiles && Rule::kIsTiled) {
    tiles.first += kReachBack<kSteps>;
    const bool is_whole = tiles.channels % 8 == 0, one = tiles.runs == 1;
    if (is_whole && one) return runs_1x8<kSteps, Rule::kIsRounded, true, true>(tiles);
    if (is_whole) return runs_1x8<kSteps, Rule::kIsRounded, true, false>(tiles);
    if (one) return runs_1x8<kSteps, Rule::kIsRounded, false, true>(tiles);
    return runs_1x8<kSteps, Rule::kIsRounded, false, false>(tiles);
  } else {
    plain_tiles<kSteps, 1>(rule, tiles);
  }
}

}  // namespace mote
