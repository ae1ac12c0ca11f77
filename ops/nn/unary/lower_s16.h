// SPDX-License-Identifier: Apache-2.0
// Host: multipliers of the functions that TFLM has in int8 and int16 alike (leaky_relu, abs,
// rsqrt). In: a node with scales. Out: the parameters of the int16 kernels, from which int8 tables
// are made too; refused where 32 bits would not hold a product.
#pragma once
#include "graph/op_def.h"
#include "ops/nn/unary/unary.h"

namespace mote {

// `largest`: of |x - zero point|.
TwoSlopesParams two_slopes_params(const NodeView& node, int64_t largest);
RsqrtParams rsqrt_params(const NodeView& node);

}  // namespace mote
