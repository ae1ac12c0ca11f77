// SPDX-License-Identifier: Apache-2.0
// Names of functions. In: a symbol of an object file. Out: the name that people read.
#pragma once
#include <string>

namespace mote {

// "_ZN1a1fEi" -> "a::f(int)"; a symbol that is not mangled stays as it is.
std::string demangled(const std::string& symbol);

}  // namespace mote
