// SPDX-License-Identifier: Apache-2.0
// Host: the scales of a sum or mean of int8 or int16 numbers. In: a node with scales, what it
// brings together. Out: the kernel's parameters; refused where 32 bits would not hold the sum of
// int8 numbers.
#pragma once
#include "graph/op_def.h"
#include "ops/nn/reduce/reduce.h"

namespace mote {

// count: the mean; the division goes into the multiplier.
enum class ReduceDivision : uint8_t { none, count };

ReduceScaledParams reduce_scaled_params(const NodeView& node, const ReduceParams& sizes,
                                        ReduceDivision division);

// multiplier and shift of input scale / output scale (/ count), and the check.
struct ReduceMultiplier {
  int32_t multiplier;
  int32_t shift;
};
ReduceMultiplier reduce_multiplier(const NodeView& node, int64_t count, ReduceDivision division);

}  // namespace mote
