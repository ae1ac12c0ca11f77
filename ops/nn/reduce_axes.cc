// SPDX-License-Identifier: Apache-2.0
// See reduce_axes.h.
#include "ops/nn/reduce_axes.h"

namespace mote {
namespace {

// Dimensions of one kind, the last of them first.
struct Group {
  int32_t size;
  int32_t stride;
};

void put(const NodeView& node, const std::vector<Group>& groups, int32_t* size, int32_t* stride) {
  if (groups.size() > 3)
    node.refuse("wrong-attribute", "the axes alternate with the others more than three times",
                "reduce in two steps");
  for (int32_t i = 0; i < 3; ++i) {
    const bool given = size_t(2 - i) < groups.size();
    size[i] = given ? groups[size_t(2 - i)].size : 1;
    stride[i] = given ? groups[size_t(2 - i)].stride : 0;
  }
}

}  // namespace

std::vector<AttributeSpec> reduce_attributes(std::vector<int64_t> otherwise) {
  return {{"axes", Attribute(std::move(otherwise)), "dimensions that go; none: all"},
          {"keep_dims", Attribute(int64_t{0}), "1: the dimensions stay, each 1"}};
}

std::vector<bool> reduced_dimensions(const NodeView& node, const Shape& shape,
                                     const std::vector<int64_t>& axes) {
  const auto rank = int64_t(shape.size());
  std::vector<bool> reduced(shape.size(), axes.empty());
  for (int64_t axis : axes) {
    if (axis < -rank || axis >= rank)
      node.refuse("wrong-attribute", "there is no axis " + std::to_string(axis) +
                                         "; the input has " + std::to_string(rank) + " dimensions");
    reduced[size_t(axis < 0 ? axis + rank : axis)] = true;
  }
  return reduced;
}

std::vector<bool> reduced_dimensions(const NodeView& node) {
  return reduced_dimensions(node, node.input(0).shape, node.integers("axes"));
}

Shape reduced_shape(const NodeView& node, const std::vector<bool>& reduced) {
  const bool keep = node.integer("keep_dims") != 0;
  Shape shape;
  for (size_t d = 0; d < reduced.size(); ++d)
    if (!reduced[d])
      shape.push_back(node.input(0).shape[d]);
    else if (keep)
      shape.push_back(1);
  return shape;
}

ReduceParams reduce_params(const NodeView& node, const Shape& shape,
                           const std::vector<bool>& reduced) {
  if (element_count(shape) < 1) node.refuse("wrong-shape", "the input is empty");
  std::vector<Group> groups[2];  // kept, reduced
  int32_t stride = 1;
  int32_t last = -1;
  for (size_t d = shape.size(); d-- > 0;) {
    if (shape[d] == 1) continue;
    const int32_t kind = reduced[d] ? 1 : 0;
    if (kind == last)
      groups[kind].back().size *= shape[d];
    else
      groups[kind].push_back({shape[d], stride});
    stride *= shape[d];
    last = kind;
  }
  ReduceParams params{};
  put(node, groups[0], params.kept, params.kept_stride);
  put(node, groups[1], params.reduced, params.reduced_stride);
  return params;
}

int64_t reduced_count(const ReduceParams& p) {
  return int64_t(p.reduced[0]) * p.reduced[1] * p.reduced[2];
}
int64_t kept_count(const ReduceParams& p) { return int64_t(p.kept[0]) * p.kept[1] * p.kept[2]; }

}  // namespace mote
