// SPDX-License-Identifier: Apache-2.0
// write_variable: gives a variable of the graph a new value, from the next read on. In: x [bytes]. Out: the
// variable [bytes], which is also the node's output. x may be the variable itself.
#pragma once
#include <stdint.h>
#include <string.h>

#include "ops/nn/read_variable/read_variable.h"

namespace mote {

MOTE_INLINE void write_variable(const VariableParams& p, const uint8_t* x, uint8_t* variable) {
  memmove(variable, x, (size_t)p.bytes);
}

}  // namespace mote
