// SPDX-License-Identifier: Apache-2.0
// In which runs of whole vectors a kernel reads what a sum multiplies. In: steps of 16 numbers in a
// run. Out: a call with the steps as a constant, so that a run is a row of instructions; the sums
// of four channels at a time, as outputs.
#pragma once
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

// All channels of two places, whose inputs begin at `first` and `second`.
struct TwoPlaces {
  Runs runs;
  const int8_t* first;
  const int8_t* second;
  int8_t* first_output;
  int8_t* second_output;
};
template <int kSteps, class Rule>
MOTE_SHARED void outputs_of_two(const Rule& rule, const TwoPlaces& places, int32_t channels,
                                const int32_t* packed) {
  const Rule own = rule;
  const TwoPlaces at = places;
  int8_t *y = at.first_output, *z = at.second_output;
  for (int32_t left = channels; left > 0; left -= 4, y += 4, z += 4) {
    Int32x4 first, second;
    VectorNumbers numbers;
    packed = dot_2x4<kSteps>(at.runs, at.first, at.second, packed, first, second);
    packed = load_numbers(packed, numbers);
    store_outputs(own.in_highest_byte(first, numbers), left, y);
    store_outputs(own.in_highest_byte(second, numbers), left, z);
  }
}

// All channels of one place.
template <int kSteps, class Rule>
MOTE_SHARED void outputs_of_one(const Rule& rule, Runs runs, const int8_t* input, int32_t channels,
                                const int32_t* packed, int8_t* output) {
  const Rule own = rule;
  for (int32_t left = channels; left > 0; left -= 4, output += 4) {
    Int32x4 sums;
    VectorNumbers numbers;
    packed = dot_1x4<kSteps>(runs, input, packed, sums);
    packed = load_numbers(packed, numbers);
    store_outputs(own.in_highest_byte(sums, numbers), left, output);
  }
}

}  // namespace mote
