// SPDX-License-Identifier: Apache-2.0
// See axis.h.
#include "ops/nn/axis.h"

namespace mote {

AttributeSpec axis_attribute(int64_t otherwise) {
  return {"axis", Attribute(otherwise), "a dimension; negative: from the last"};
}

AlongAxis along_axis(const NodeView& node) {
  const Shape& shape = node.input(0).shape;
  const auto rank = int64_t(shape.size());
  const int64_t axis = node.integer("axis");
  if (axis < -rank || axis >= rank)
    node.refuse("wrong-attribute", "there is no axis " + std::to_string(axis) + "; the input has " +
                                       std::to_string(rank) + " dimensions");
  if (element_count(shape) < 1) node.refuse("wrong-shape", "the input is empty");
  AlongAxis along{size_t(axis < 0 ? axis + rank : axis), 1, 1, 1};
  for (size_t d = 0; d < shape.size(); ++d)
    (d < along.axis ? along.outer : d == along.axis ? along.count : along.inner) *= shape[d];
  return along;
}

}  // namespace mote
