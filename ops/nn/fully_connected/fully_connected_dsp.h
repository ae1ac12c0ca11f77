// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores with DSP instructions: four rows of weights at a time over inputs
// that are unfolded once (ops/nn/byte_fold.h). Every byte as by fully_connected.h: integer sums do
// not depend on their order. Arguments as there, but `packed` by fold_layer()
// (ops/nn/packed_layer.h); unfolded [filled_up(1, input_size) / 2] words.
#pragma once
#include "ops/nn/byte_fold.h"
#include "ops/nn/fully_connected/fully_connected.h"

namespace mote {

template <class Rule>
MOTE_INLINE void fully_connected_s8_dsp(const Packed<FullyConnectedParams>& packed_params,
                                        const int8_t* input, const uint32_t* packed,
                                        uint32_t* unfolded, int8_t* output) {
  const FullyConnectedParams& p = packed_params.layer;
  const Rule rule(packed_params);
  FoldBlock block = fold_block_of<1>(packed_params, unfolded, p.input_size, packed);
  block.output = output, block.channels = p.output_size;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size) {
    unfold_row<1>(input, p.input_size, unfolded);
    fold_outputs<1, 4>(rule, block);
    block.output += p.output_size;
  }
}

}  // namespace mote
