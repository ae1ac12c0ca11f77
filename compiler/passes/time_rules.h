// SPDX-License-Identifier: Apache-2.0
// Which rows of a layer's inputs a row of its output is made of, where rows follow each other in
// time. In: a node, the dimension that is time. Out: the reach of one row; none where a row needs
// all of them. A value's dimension of time is its first that is larger than 1, so that its rows lie
// one after the other.
#pragma once
#include <optional>

#include "graph/op_def.h"

namespace mote {

// Row j of the output, 0 <= j < rows, is made of the rows begin + j * stride ... + span - 1 of each
// input that has rows in time.
struct Reach {
  int64_t begin = 0;
  int64_t stride = 1;
  int64_t span = 1;
  int64_t rows = 0;
};

// -1: there is none.
int32_t time_axis(const Shape& shape);

// All computed inputs have rows in time. Fails where the layer pads time: its rows near the
// window's ends are no others' rows.
std::optional<Reach> reach_of(const NodeView& node);

// The node's attributes where only the last `rows` rows of its output are made, from the rows that
// they reach.
Attributes attributes_of_last_rows(const NodeView& node, int64_t rows);

}  // namespace mote
