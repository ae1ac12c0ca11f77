// SPDX-License-Identifier: Apache-2.0
// Weights and biases that a graph states as dequantised integers, in the form that integer layers
// take: s8 weights, s32 biases at the scale of the sums. For pairs.cc.
#pragma once
#include <optional>

#include "graph/op_def.h"

namespace mote {

// s8, or u8 less 128, with its zero points less 128; none for another type.
std::optional<Value> constant_as_s8(const Value& integers);

// Weights with one scale, or one for each index of `axis`; their zero points are 0 where the
// weights less them are s8 numbers. Refuses others.
Value weights_along(const NodeView& view, const Value& integers, int32_t axis);

// A bias, s32 with scales or f32, as s32 at input_scale times the weights' scales: the integers as
// they are where their scale is that one already, to seven digits. Refuses what does not fit.
Value stated_bias(const NodeView& view, const Value& bias, float input_scale,
                  const Quantization& weights);

}  // namespace mote
