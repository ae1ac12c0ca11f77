// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores without SIMD: four rows of weights at a time, two sums in a word
// (core/simd_lanes.h). Every byte as by fully_connected.h: integer sums do not depend on their
// order. Arguments as there, but `packed` by lane_layer_by_channels() (ops/nn/lane_layer.h);
// words [lane_words(input_size)].
#pragma once
#include "ops/nn/fully_connected/fully_connected.h"
#include "ops/nn/lane_outputs.h"

namespace mote {

template <class Rule>
MOTE_INLINE void lane_fully_connected(const FullyConnectedParams& p, const Rule& rule,
                                      const int8_t* input, const uint32_t* packed, uint32_t* words,
                                      int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size, output += p.output_size) {
    widen_pairs(input, p.input_size, words);
    lane_channels(rule, {words, packed, output, output + p.output_size});
  }
}

MOTE_INLINE void fully_connected_s8_scalar(const FullyConnectedParams& p, const int8_t* input,
                                           const uint32_t* packed, uint32_t* words,
                                           int8_t* output) {
  const PlainOutput rule{p.output_zero_point, p.output_min, p.output_max};
  lane_fully_connected(p, rule, input, packed, words, output);
}

MOTE_INLINE void fully_connected_s8_scalar_clamped(const Clamped<FullyConnectedParams>& p,
                                                   const int8_t* input, const uint32_t* packed,
                                                   uint32_t* words, int8_t* output) {
  with_clamped_output(
      p, [&](const auto& rule) __attribute__((always_inline)) {
        lane_fully_connected(p.layer, rule, input, packed, words, output);
      });
}

}  // namespace mote
