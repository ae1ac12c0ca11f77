// SPDX-License-Identifier: Apache-2.0
// read_variable: the value of a variable of the graph, as it is when the node runs. Bytes are copied:
// a later write in the same push must not change what was read. In: the variable [bytes]. Out: the
// same.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

struct VariableParams {
  int32_t bytes;
};
template <class Visitor>
void for_each_field(const VariableParams& p, Visitor& field) {
  field("bytes", p.bytes);
}

MOTE_INLINE void read_variable(const VariableParams& p, const uint8_t* variable, uint8_t* y) {
  memcpy(y, variable, (size_t)p.bytes);
}

}  // namespace mote
