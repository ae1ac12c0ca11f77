// SPDX-License-Identifier: Apache-2.0
// A method of an ExecuTorch program as a PyTorch program: out variants become the operators that
// give a new tensor, places in memory become values, boxed numbers arguments. In: a verified
// method. Out: what compiler/import/pytorch takes. Private to this folder.
#pragma once
#include "compiler/import/executorch/reader.h"
#include "compiler/import/pytorch/program.h"

namespace mote::executorch {

// Faults of calls are added to `diagnostics`, each with `place`; who reads the program stops at
// them. `constant_bytes` as in values.h.
pytorch::Program translate(const Method& method, int64_t constant_bytes, const std::string& place,
                           Diagnostics& diagnostics);

}  // namespace mote::executorch
