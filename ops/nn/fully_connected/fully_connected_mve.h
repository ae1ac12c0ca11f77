// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores with vectors: eight rows of weights at a time, 16 products an
// instruction. Every byte as by fully_connected.h: integer sums do not depend on their order.
// Arguments as there, but `packed` by row_layer() (ops/nn/vector_layer.h), its rows filled up to
// runs * steps vectors with 0; work [16 * steps * runs] bytes where inputs have to be filled up.
#pragma once
#include "core/simd_vector_rows.h"
#include "ops/nn/fully_connected/fully_connected.h"
#include "ops/nn/vector_runs.h"

namespace mote {

struct FullyConnectedMveParams {
  FullyConnectedParams layer;
  int32_t steps;  // vectors in a run
  int32_t runs;
  int32_t shift;  // of the exact rule
};
template <class Visitor>
void for_each_field(const FullyConnectedMveParams& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("steps", p.steps);
  field("runs", p.runs);
  field("shift", p.shift);
}

// As row_of_outputs() of core/simd_vector_rows.h, with any rule: eight rows as two fours.
template <class Rule>
MOTE_SHARED void plain_row(const Rule& rule, const VectorRow& row, int32_t vectors) {
  const Rule own = rule;
  const int32_t* packed = row.packed;
  for (int32_t o = 0; o < row.outputs; o += 8) {
    Int32x4 sums[2] = {load_4(packed), load_4(packed + 4)};
    packed = dot_1x8({vectors, row.input, packed + 8}, sums);
    int8_t outputs[8];
    const Int32x4 even = in_highest_bytes<0, 8>(own, sums[0], packed) >> 24;
    const Int32x4 odd = in_highest_bytes<4, 8>(own, sums[1], packed) >> 24;
    for (int32_t i = 0; i < 4; ++i) {
      outputs[2 * i] = (int8_t)even[i];
      outputs[2 * i + 1] = (int8_t)odd[i];
    }
    packed += 8 * Rule::kNumbers;
    for (int32_t i = 0; i < 8 && o + i < row.outputs; ++i) row.output[o + i] = outputs[i];
  }
}

template <int kSteps, class Rule>
MOTE_INLINE void outputs_of_row(const Rule& rule, VectorRow row) {
  if constexpr (kHasTiles && Rule::kIsTiled) {
    row.input += kReachBack<kSteps>;
    const bool is_whole = row.outputs % 8 == 0, one = row.runs == 1;
    if (is_whole && one) return row_of_outputs<kSteps, Rule::kIsRounded, true, true>(row);
    if (is_whole) return row_of_outputs<kSteps, Rule::kIsRounded, true, false>(row);
    if (one) return row_of_outputs<kSteps, Rule::kIsRounded, false, true>(row);
    return row_of_outputs<kSteps, Rule::kIsRounded, false, false>(row);
  } else {
    plain_row(rule, row, row.runs * kSteps);
  }
}

template <class Rule>
MOTE_INLINE void fully_connected_s8_mve(const FullyConnectedMveParams& m, const int8_t* input,
                                        const uint32_t* packed, int8_t* work, int8_t* output) {
  const FullyConnectedParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t filled = m.steps * m.runs * kVector;
  const bool is_whole = p.input_size == filled;
  VectorRow row{input, m.runs, (const int32_t*)packed, output, p.output_size, 0};
  if constexpr (Rule::kIsTiled) row.left = rule.left;
  if (!is_whole) {
    memset(work + p.input_size, 0, (size_t)(filled - p.input_size));
    row.input = work;
  }
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size, row.output += p.output_size) {
    if (is_whole)
      row.input = input;
    else
      memcpy(work, input, (size_t)p.input_size);
    with_steps(
        m.steps, [&](auto steps)
                     __attribute__((always_inline)) { outputs_of_row<steps.count>(rule, row); });
  }
}

}  // namespace mote
