// SPDX-License-Identifier: Apache-2.0
// Host rules of operators on two inputs whose kernels need no more than the walk (PairParams). In:
// a node and its kernels by type. Out: the output's type and the call.
#pragma once
#include "ops/nn/arithmetic_layer.h"

namespace mote {

// Two inputs of one type without a scale; the output is as they are.
Inference infer_plain_pair(const NodeView& node, const KernelsOfTypes& kernels);
// Two inputs of one type and one scale, or none; the output is as they are.
Inference infer_pair_of_one_scale(const NodeView& node, const KernelsOfTypes& kernels);
KernelCall lower_pair(const NodeView& node, const char* header, const KernelsOfTypes& kernels);

}  // namespace mote
