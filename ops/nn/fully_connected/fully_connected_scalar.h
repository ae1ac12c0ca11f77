// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores without SIMD: four rows of weights at a time, two sums in a word
// (core/simd_lanes.h). Every byte as by fully_connected.h: integer sums do not depend on their
// order. Arguments as there, but `packed` by lane_layer_by_channels() (ops/nn/lane_layer.h);
// words [lane_words(input_size, run)].
#pragma once
#include "ops/nn/fully_connected/fully_connected.h"
#include "ops/nn/lane_outputs.h"

namespace mote {

struct LaneFullyConnectedParams {
  int32_t batches;
  int32_t input_size;
  int32_t output_size;
  int32_t run;  // taps; even
  int32_t output_zero_point;
  int32_t output_min;
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const LaneFullyConnectedParams& p, Visitor& field) {
  field("batches", p.batches);
  field("input_size", p.input_size);
  field("output_size", p.output_size);
  field("run", p.run);
  field("output_zero_point", p.output_zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// The loop whose run is that long; the others vanish, as `run` is known when a library is compiled.
template <int kRun, class Rule>
MOTE_INLINE int8_t* lane_channel_outputs_of(const LaneFullyConnectedParams& p, const Rule& rule,
                                            const int8_t* x, const uint32_t* packed,
                                            uint32_t* words, int8_t* output) {
  if (p.run == kRun)
    return lane_channel_outputs<kRun>(rule, x, p.input_size, p.output_size, packed, words, output);
  if constexpr (kRun > 2)
    return lane_channel_outputs_of<kRun - 2>(p, rule, x, packed, words, output);
  return output;
}

template <class Rule>
MOTE_INLINE void lane_fully_connected(const LaneFullyConnectedParams& p, const Rule& rule,
                                      const int8_t* input, const uint32_t* packed, uint32_t* words,
                                      int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size)
    output = lane_channel_outputs_of<kLongestRun>(p, rule, input, packed, words, output);
}

MOTE_INLINE void fully_connected_s8_scalar(const LaneFullyConnectedParams& p, const int8_t* input,
                                           const uint32_t* packed, uint32_t* words,
                                           int8_t* output) {
  const PlainOutput rule{p.output_zero_point, p.output_min, p.output_max};
  lane_fully_connected(p, rule, input, packed, words, output);
}

MOTE_INLINE void fully_connected_s8_scalar_clamped(const Clamped<LaneFullyConnectedParams>& p,
                                                   const int8_t* input, const uint32_t* packed,
                                                   uint32_t* words, int8_t* output) {
  with_clamped_output(
      p, [&](const auto& rule) __attribute__((always_inline)) {
        lane_fully_connected(p.layer, rule, input, packed, words, output);
      });
}

}  // namespace mote
