// SPDX-License-Identifier: Apache-2.0
// Host rules that recurrent layers share: the shape of their sequence, their attributes, and the
// table of the int16 gates. In: a node. Out: numbers of its Params; refuses what does not fit.
#pragma once
#include "graph/op_def.h"

namespace mote {

struct SequenceSizes {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
};

// time_major, reverse, keeps_state.
std::vector<AttributeSpec> sequence_attributes();

// Of x = input 0 of rank 3; units is the first dimension of input `weights`, [units of it, inputs].
// `gates`: how many gates lie stacked in that dimension.
SequenceSizes sequence_sizes(const NodeView& node, size_t weights, int32_t gates = 1);

// x's shape with `units` in its last dimension.
Shape sequence_output(const NodeView& node, int32_t units);

// Input i has this shape and type.
void expect_tensor(const NodeView& node, size_t i, ElementType type, const Shape& shape);

template <class Params>
void fill_sequence(Params& params, const SequenceSizes& sizes) {
  params.batches = sizes.batches;
  params.steps = sizes.steps;
  params.inputs = sizes.inputs;
  params.units = sizes.units;
  params.batch_rows = sizes.batch_rows;
  params.step_rows = sizes.step_rows;
  params.reverse = sizes.reverse;
  params.keeps_state = sizes.keeps_state;
}

}  // namespace mote
