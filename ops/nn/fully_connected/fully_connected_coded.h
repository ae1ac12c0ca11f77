// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores with DSP instructions whose weights lie in flash in a prefix code:
// those of four channels at a time are decoded into `work`, and then it is fully_connected_dsp.h.
// Every byte as by fully_connected.h. Arguments as there, but packed: fold_layer()'s words without
// the weights; codes and table: ops/nn/coded_weights.h; work: coded_work_bytes().
#pragma once
#include "ops/nn/coded_weights.h"
#include "ops/nn/fully_connected/fully_connected.h"

namespace mote {

struct CodedFullyConnectedParams {
  int32_t batches;
  int32_t input_size;
  int32_t output_size;
  int32_t output_zero_point;
  int32_t output_min;
  int32_t output_max;
  int32_t longest;  // code, in bits
};
template <class Visitor>
void for_each_field(const CodedFullyConnectedParams& p, Visitor& field) {
  field("batches", p.batches);
  field("input_size", p.input_size);
  field("output_size", p.output_size);
  field("output_zero_point", p.output_zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
  field("longest", p.longest);
}

// Words of the unfolded inputs, and of four channels' weights.
MOTE_INLINE constexpr int32_t coded_inputs(int32_t input_size) {
  return filled_up(1, input_size) / 2;
}
// Four biases, the weights, and up to two numbers of each channel.
MOTE_INLINE constexpr int32_t coded_work_bytes(int32_t input_size) {
  return 4 * (coded_inputs(input_size) + 4 + filled_up(1, input_size) + 8);
}

template <class Rule>
MOTE_INLINE void fully_connected_s8_coded(const Packed<CodedFullyConnectedParams>& packed_params,
                                          const int8_t* input, const uint32_t* packed,
                                          const uint8_t* codes, const uint16_t* table,
                                          uint32_t* work, int8_t* output) {
  const CodedFullyConnectedParams& p = packed_params.layer;
  const Rule rule(packed_params);
  const int32_t filled = filled_up(1, p.input_size);
  uint32_t* const group = work + coded_inputs(p.input_size);
  FoldBlock block = fold_block_of<1>(packed_params, work, p.input_size, group);
  block.output = output;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size) {
    unfold_row<1>(input, p.input_size, work);
    WeightReader weights{codes, table, ((uint32_t)1 << p.longest) - 1, 0};
    const uint32_t* own = packed;
    for (int32_t left = p.output_size; left > 0; left -= 4) {
      for (int32_t i = 0; i < 4; ++i) group[i] = *own++;
      uint32_t* numbers = decode_weights(weights, filled, group + 4);
      for (int32_t i = 0; i < 4 * Rule::kNumbers; ++i) *numbers++ = *own++;
      block.channels = left < 4 ? left : 4;
      fold_outputs<1, 4>(rule, block);
      block.output += block.channels;
    }
  }
}

}  // namespace mote
