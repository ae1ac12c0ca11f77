// SPDX-License-Identifier: Apache-2.0
// A layer whose inputs are all constants, computed at once with the device's kernels. In: the
// operator, its constants. Out: its outputs, as constants.
#pragma once
#include "graph/op_def.h"

namespace mote {

// Null: an optional input that is not given; one at least must be there. Fails as Graph::add_node,
// and ("too-large") before anything is computed where the outputs take more than `most_bytes`.
std::vector<Value> compute_constants(const OpDef& op, const std::string& name,
                                     const std::vector<const Value*>& inputs,
                                     const Attributes& attributes, int64_t most_bytes);

}  // namespace mote
