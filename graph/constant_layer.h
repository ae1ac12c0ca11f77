// SPDX-License-Identifier: Apache-2.0
// A layer whose inputs are all constants, computed at once with the device's kernels. In: the
// operator, its constants. Out: its outputs, as constants.
#pragma once
#include <functional>

#include "graph/op_def.h"

namespace mote {

// Null: an optional input that is not given; one at least must be there. Fails as Graph::add_node,
// and as `check` (may be empty) does of the graph of this one layer, before anything is computed.
std::vector<Value> compute_constants(const OpDef& op, const std::string& name,
                                     const std::vector<const Value*>& inputs,
                                     const Attributes& attributes,
                                     const std::function<void(const Graph& alone)>& check);

}  // namespace mote
