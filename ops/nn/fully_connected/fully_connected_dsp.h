// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores with DSP instructions: four rows of weights at a time over inputs
// that are unfolded once (ops/nn/byte_fold.h). Every byte as by fully_connected.h: integer sums do
// not depend on their order. Arguments as there, but `packed` by fold_layer()
// (ops/nn/packed_layer.h); unfolded [unfolded_words(input_size)].
#pragma once
#include "ops/nn/byte_fold.h"
#include "ops/nn/fully_connected/fully_connected.h"

namespace mote {

template <class Rule>
MOTE_INLINE void folded_fully_connected(const FullyConnectedParams& p, const Rule& rule,
                                        const int8_t* input, const uint32_t* packed,
                                        uint32_t* unfolded, int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size) {
    unfold_all(input, p.input_size, unfolded);
    output = folded_outputs(rule, p.input_size, p.output_size, unfolded, packed, output);
  }
}

MOTE_INLINE void fully_connected_s8_dsp(const FullyConnectedParams& p, const int8_t* input,
                                        const uint32_t* packed, uint32_t* unfolded,
                                        int8_t* output) {
  const FoldedOutput rule{p.output_zero_point, p.output_min, p.output_max};
  folded_fully_connected(p, rule, input, packed, unfolded, output);
}

MOTE_INLINE void fully_connected_s8_dsp_exact(const Exact<FullyConnectedParams>& p,
                                              const int8_t* input, const uint32_t* packed,
                                              uint32_t* unfolded, int8_t* output) {
  with_exact_output(
      p, [&](const auto& rule) __attribute__((always_inline)) {
        folded_fully_connected(p.layer, rule, input, packed, unfolded, output);
      });
}

}  // namespace mote
