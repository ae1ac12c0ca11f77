// SPDX-License-Identifier: Apache-2.0
// The table behind registry.h.
#include "ops/registry.h"

namespace mote {
namespace {
constexpr const OpDef* kOps[] = {
#define MOTE_OP(room, name) &name##_op,
#include "ops/ops.def"
#undef MOTE_OP
};
}  // namespace

std::span<const OpDef* const> all_ops() { return kOps; }

const OpDef* find_op(std::string_view name) {
  for (const OpDef* op : kOps)
    if (op->name == name) return op;
  return nullptr;
}

}  // namespace mote
