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
// input that has rows in time. Rows before the first and behind the last are padding.
struct Reach {
  int64_t begin = 0;
  int64_t stride = 1;
  int64_t span = 1;
  int64_t rows = 0;

  int64_t end() const { return begin + (rows - 1) * stride + span; }  // beyond the last row
  bool leaves(int64_t input_rows) const { return begin < 0 || end() > input_rows; }
};

// -1: there is none.
int32_t time_axis(const Shape& shape);

// All computed inputs have rows in time. Fails for a pad layer that pads time.
std::optional<Reach> reach_of(const NodeView& node);

// A layer that pads time: its rows near the window's ends are no others' rows.
[[noreturn]] void refuse_padding(const NodeView& node);

// The node's attributes where only the last `rows` rows of its output are made, from the rows that
// they reach.
Attributes attributes_of_last_rows(const NodeView& node, int64_t rows);

// The same where the rows in the padding, too, are given as rows of the input. None: the layer says
// of them only that they are not there.
std::optional<Attributes> attributes_of_padded_rows(const NodeView& node, int64_t rows);

}  // namespace mote
