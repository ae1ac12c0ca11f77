// SPDX-License-Identifier: Apache-2.0
// The form "wasm" of `mote deploy`: a model for pages and Node. In: a model compiled for
// InstructionSet::simd128. Out: its library, a C++ file that exports it, a script that makes one
// module of both (wasm_module.h), a JavaScript class over the exports, a page that uses it.
#pragma once
#include "project/deploy.h"

namespace mote {

DeployedFiles as_wasm(const Compiled& compiled, const std::string& name);

}  // namespace mote
