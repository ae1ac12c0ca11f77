// SPDX-License-Identifier: Apache-2.0
// Host: the axes of a reduction. In: a node with attributes axes and keep_dims. Out: the output's
// shape and the kernels' parameters.
#pragma once
#include "graph/op_def.h"
#include "ops/nn/reduce_shape.h"

namespace mote {

// "axes" (none: `otherwise`, or all where that is empty too) and "keep_dims".
std::vector<AttributeSpec> reduce_attributes(std::vector<int64_t> otherwise);

// One number a dimension of `shape`: whether it is among the axes, which may be negative, in any
// order and repeated. Refuses axes that the shape has not.
std::vector<bool> reduced_dimensions(const NodeView& node, const Shape& shape,
                                     const std::vector<int64_t>& axes);
std::vector<bool> reduced_dimensions(const NodeView& node);

// The shape without those dimensions, each 1 with keep_dims.
Shape reduced_shape(const NodeView& node, const std::vector<bool>& reduced);

// Refuses inputs without elements, and those that alternate between kept and reduced dimensions
// more than six times.
ReduceParams reduce_params(const NodeView& node, const Shape& shape,
                           const std::vector<bool>& reduced);

// Numbers of one output.
int64_t reduced_count(const ReduceParams& params);
int64_t kept_count(const ReduceParams& params);

}  // namespace mote
