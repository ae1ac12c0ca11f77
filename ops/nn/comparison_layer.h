// SPDX-License-Identifier: Apache-2.0
// Host rules of the six comparisons. In: a node of two inputs of one type. Out: boolean, and the
// call.
#pragma once
#include "ops/nn/broadcast_layer.h"

namespace mote {

struct ComparisonKernels {
  KernelsOfTypes plain;   // PairParams
  KernelsOfTypes scaled;  // CommonScaleParams
};
Inference infer_comparison(const NodeView& node);
KernelCall lower_comparison(const NodeView& node, const ComparisonKernels& kernels);

}  // namespace mote
