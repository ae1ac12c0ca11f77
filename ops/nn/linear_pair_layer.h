// SPDX-License-Identifier: Apache-2.0
// Host: element-wise sums and differences of int8 as one linear form. TFLM rounds three times (a,
// b, their sum), at 20 bits and more below the output's unit; a form with all roundings at the end
// gives another output only where an exact sum comes within 2^-20 of a tie, and multipliers one
// step away move it off. In: the layer. Out: the form, tried on all 65,536 pairs.
#pragma once
#include <optional>

#include "graph/op_def.h"
#include "ops/nn/common_scale.h"
#include "ops/nn/linear_pair.h"

namespace mote {

// Of a + sign * b. None where the activation ends inside the range of int8, or nothing is found.
std::optional<LinearPairParams> find_linear_pair(const CommonScaleParams& p, int32_t sign);

// The call for a node whose two inputs and output have one shape. `portable`: the node's own call,
// which takes CommonScaleParams; `core`: dsp or mve.
std::optional<KernelCall> lower_linear_pair(const NodeView& node, const KernelCall& portable,
                                            int32_t sign, InstructionSet core);

}  // namespace mote
