// SPDX-License-Identifier: Apache-2.0
// The demangler of the host's C++ library; see symbol_name.h.
#include "runner/symbol_name.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace mote {

std::string demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                    std::free);
  return status == 0 ? std::string(text.get()) : symbol;
}

}  // namespace mote
