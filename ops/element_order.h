// SPDX-License-Identifier: Apache-2.0
// For OpDef::order: kernels that go through elements from the first to the last, and write one when
// they have read it for the last time. They may read all of them, or a row, before.
#pragma once
#include "graph/op_def.h"

namespace mote {

// Input 0, where it has as many elements as output 0.
std::vector<AccessOrder> in_turn(const NodeView& node);
// Each input that has as many elements as output 0.
std::vector<AccessOrder> all_in_turn(const NodeView& node);

// For kernels that read a byte for the last time before they write the same byte, but go through
// elements otherwise: exactly over input 0, where it has as many bytes as output 0.
std::vector<AccessOrder> in_place(const NodeView& node);

}  // namespace mote
