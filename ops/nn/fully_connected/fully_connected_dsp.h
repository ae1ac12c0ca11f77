// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores with DSP instructions: four rows of weights at a time over inputs
// that are unfolded once (ops/nn/byte_fold.h). Every byte as by fully_connected.h: integer sums do
// not depend on their order. Arguments as there, but: weights, bias, multipliers, offsets,
// negatives as with_folded_arguments() (ops/nn/byte_fold_layer.h) gives them; unfolded
// [unfolded_words(input_size)].
#pragma once
#include "ops/nn/byte_fold.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/fully_connected/fully_connected.h"

namespace mote {

template <class Rule>
MOTE_INLINE void folded_fully_connected(const FullyConnectedParams& p, const Rule& rule,
                                        const int8_t* input, const uint32_t* weights,
                                        const int32_t* bias, uint32_t* unfolded, int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size) {
    unfold(input, p.input_size, unfolded);
    output = folded_outputs(rule, p.input_size, p.output_size, unfolded, weights, bias, output);
  }
}

MOTE_INLINE void fully_connected_s8_dsp(const FullyConnectedParams& p, const int8_t* input,
                                        const uint32_t* weights, const int32_t* bias,
                                        const int32_t* multipliers, const int32_t* shifts,
                                        uint32_t* unfolded, int8_t* output) {
  const FoldedOutput<FullyConnectedParams> rule{{{p, multipliers, shifts}, nullptr}};
  folded_fully_connected(p, rule, input, weights, bias, unfolded, output);
}

MOTE_INLINE void fully_connected_s8_dsp_exact(const Exact<FullyConnectedParams>& p,
                                              const int8_t* input, const uint32_t* weights,
                                              const int32_t* bias, const int32_t* multipliers,
                                              const int32_t* offsets, const int32_t* negatives,
                                              uint32_t* unfolded, int8_t* output) {
  const ExactOutput rule{p.shift, multipliers, offsets, negatives};
  folded_fully_connected(p.layer, rule, input, weights, bias, unfolded, output);
}

}  // namespace mote
