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
  int32_t pitch;  // from one run to the next
  int32_t shift;  // of the exact rule
};
template <class Visitor>
void for_each_field(const FullyConnectedMveParams& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("steps", p.steps);
  field("runs", p.runs);
  field("pitch", p.pitch);
  field("shift", p.shift);
}

template <class Rule>
MOTE_INLINE void fully_connected_s8_mve(const FullyConnectedMveParams& m, const int8_t* input,
                                        const uint32_t* packed, int8_t* work, int8_t* output) {
  const FullyConnectedParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t filled = m.pitch * m.runs;
  const bool is_whole = p.input_size == filled;
  VectorTiles tiles = tiles_of(m, rule, p.output_size, packed);
  tiles.pairs = 1;
  if (!is_whole) memset(work + p.input_size, 0, (size_t)(filled - p.input_size));
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size, output += p.output_size) {
    if (!is_whole) memcpy(work, input, (size_t)p.input_size);
    tiles.first = is_whole ? input : work;
    tiles.output = output;
    with_steps(
        m.steps, [&](auto steps) __attribute__((always_inline)) {
          outputs_of_places<steps.count>(rule, tiles);
        });
  }
}

}  // namespace mote
