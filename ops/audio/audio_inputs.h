// SPDX-License-Identifier: Apache-2.0
// Host: what the signal library's operators check of their inputs and attributes. In: a node. Out:
// nothing, or the number that was asked for; refuses with the node's place.
#pragma once
#include <span>

#include "graph/op_def.h"

namespace mote {

// Input i has this element type.
void expect_type(const NodeView& node, size_t i, ElementType type);
// The same, and one dimension. Returns its length.
int32_t expect_vector(const NodeView& node, size_t i, ElementType type);
// The length of the last dimension of input i, at least 1.
int32_t last_dimension(const NodeView& node, size_t i = 0);
// Attribute `name`, low <= value <= high.
int32_t integer_within(const NodeView& node, const std::string& name, int64_t low, int64_t high);
// The elements of input i, a constant vector of int16.
std::span<const int16_t> constant_s16(const NodeView& node, size_t i);
// Refuses an output of 2^31 bytes or more.
void expect_addressable(const NodeView& node, const Shape& shape, ElementType type);
// Bytes of one int32 as a state's first value.
Bytes bytes_of_s32(int32_t value);

}  // namespace mote
