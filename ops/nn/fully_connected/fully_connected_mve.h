// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores with vectors: four rows of weights at a time, 16 products an
// instruction. Every byte as by fully_connected.h: integer sums do not depend on their order.
// Arguments as there, but `packed` by vector_layer() (ops/nn/packed_layer.h), its rows filled up to
// runs * steps vectors with 0; work [16 * steps * runs] bytes where inputs have to be filled up.
#pragma once
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

template <class Rule>
MOTE_INLINE void vector_fully_connected(const FullyConnectedMveParams& m, const Rule& rule,
                                        const int8_t* input, const uint32_t* packed, int8_t* work,
                                        int8_t* output) {
  const FullyConnectedParams& p = m.layer;
  const int32_t filled = kVector * m.steps * m.runs;
  const bool is_whole = p.input_size == filled;
  if (!is_whole) memset(work + p.input_size, 0, (size_t)(filled - p.input_size));
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size, output += p.output_size) {
    if (!is_whole) memcpy(work, input, (size_t)p.input_size);
    const int8_t* from = is_whole ? input : work;
    with_steps(
        m.steps, [&](auto steps) __attribute__((always_inline)) {
          outputs_of_one<steps.count>(rule, Runs{m.runs, 0}, from, p.output_size,
                                      (const int32_t*)packed, output);
        });
  }
}

MOTE_INLINE void fully_connected_s8_mve(const FullyConnectedMveParams& p, const int8_t* input,
                                        const uint32_t* packed, int8_t* work, int8_t* output) {
  const VectorOutput rule{p.layer.output_zero_point, p.layer.output_min, p.layer.output_max};
  vector_fully_connected(p, rule, input, packed, work, output);
}
MOTE_INLINE void fully_connected_s8_mve_exact(const FullyConnectedMveParams& p, const int8_t* input,
                                              const uint32_t* packed, int8_t* work,
                                              int8_t* output) {
  vector_fully_connected(p, ExactVectorOutput{p.shift}, input, packed, work, output);
}

}  // namespace mote
