// SPDX-License-Identifier: Apache-2.0
// Host: the stages and tables of mixed_radix.h for one length. In: real points. Out: parameters and
// constants of a kernel call.
#pragma once
#include "graph/op_def.h"
#include "ops/audio/mixed_radix.h"

namespace mote {

// Fills in length, stages, radix and stride; refuses odd lengths and factors other than 2, 3 and 5.
void plan_transform(const NodeView& node, int32_t length, TransformParams& params);

// The node's element type is s16, s32 or f32; refused otherwise.
void expect_transform_type(const NodeView& node);

// Appends the constants "turns" [n / 2] and "half_turns" [n / 4], complex numbers of `type`.
void add_turns(KernelCall& call, const TransformParams& params, ElementType type);

}  // namespace mote
