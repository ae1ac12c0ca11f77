// SPDX-License-Identifier: Apache-2.0
// Host: parameters of parts of a tensor that begin at computed indices (dynamic_slice,
// dynamic_update_slice).
#pragma once
#include "ops/nn/movement.h"

namespace mote {

// Input i is s32 with one number for each dimension of input 0.
inline void expect_start(const NodeView& node, size_t i) {
  expect_indices(node, i);
  const Shape& shape = node.input(i).shape;
  const auto rank = int32_t(node.input(0).shape.size());
  if (shape.size() != 1 || shape[0] != rank)
    node.refuse("wrong-shape", "the start must have a number for each dimension");
}

inline void expect_within(const NodeView& node, const Shape& part, const Shape& whole) {
  bool fits = part.size() == whole.size();
  for (size_t d = 0; fits && d < part.size(); ++d) fits = part[d] <= whole[d];
  if (!fits) node.refuse("wrong-shape", "the part is larger than the tensor");
}

// Loops over the part in bytes; one loop runs over the bytes of an element.
inline std::vector<Loop> byte_loops(const NodeView& node, const Shape& part,
                                    const std::vector<int64_t>& in,
                                    const std::vector<int64_t>& out) {
  const int64_t bytes = element_bytes(node.input(0).type);
  std::vector<Loop> loops;
  for (size_t d = 0; d < part.size(); ++d)
    loops.push_back({part[d], in[d] * bytes, out[d] * bytes});
  loops.push_back({bytes, 1, 1});
  return loops;
}

template <class Params>
void set_start(const NodeView& node, const Shape& whole, const Shape& part, Params& params) {
  const std::vector<int64_t> strides = strides_of(whole);
  params.rank = int32_t(whole.size());
  for (size_t d = 0; d < whole.size(); ++d) {
    params.limits[d] = whole[d] - part[d];
    params.start_strides[d] = int32_t(strides[d]) * element_bytes(node.input(0).type);
  }
}

}  // namespace mote
