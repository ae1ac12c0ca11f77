// SPDX-License-Identifier: Apache-2.0
// The tables of foreign operators, one a family, in files of the same names. Together they are
// every operator of an ExecuTorch program that mote takes.
#pragma once
#include <span>

#include "compiler/import/executorch/call_view.h"

namespace mote::executorch {

std::span<const ImportRule> layer_rules();        // weights, windows, matrix products, softmax
std::span<const ImportRule> elementwise_rules();  // number by number; changes of type
std::span<const ImportRule> movement_rules();     // what moves numbers unchanged

// `y` with its numbers limited to least .. most, as the calls of layers say it: by an operator of
// its own each, none where the limit is the type's.
ValueId limited(CallView& call, ValueId y, int64_t least, int64_t most);

// Fails where the tensor's zero point is another than the call says.
void check_zero_point(const CallView& call, ValueId x, int64_t zero_point);

}  // namespace mote::executorch
