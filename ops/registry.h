// SPDX-License-Identifier: Apache-2.0
// Every operator mote has, from ops.def: declarations, look-up by name, the list for tables and
// checks.
#pragma once
#include <span>

#include "graph/op_def.h"

namespace mote {

#define MOTE_OP(room, name) extern const OpDef name##_op;
#include "ops/ops.def"
#undef MOTE_OP

// In the order of ops.def.
std::span<const OpDef* const> all_ops();

// Null if there is none of that name.
const OpDef* find_op(std::string_view name);

}  // namespace mote
