// SPDX-License-Identifier: Apache-2.0
// Host: an input seen along one dimension. In: a node with the attribute axis. Out: the dimensions
// before it, its own and those after it as three numbers.
#pragma once
#include "graph/op_def.h"

namespace mote {

struct AlongAxis {
  size_t axis;
  int32_t outer, count, inner;
};

AttributeSpec axis_attribute(int64_t otherwise);

// Refuses an axis that input 0 has not, and an input without elements.
AlongAxis along_axis(const NodeView& node);

}  // namespace mote
