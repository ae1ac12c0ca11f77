// SPDX-License-Identifier: Apache-2.0
// See symbols.h.
#include "runner/symbols.h"

#include <sstream>

#include "runner/tool_output.h"

namespace mote {

std::vector<Symbol> read_symbols(const std::filesystem::path& elf) {
  std::istringstream lines(
      tool_output({"arm-none-eabi-nm", "-n", "-S", "-C", "--defined-only", elf.string()}));
  std::vector<Symbol> symbols;
  for (std::string line; std::getline(lines, line);) {
    // "00000a54 0000001c T name with spaces"; a symbol without a size has the letter in the second place.
    std::istringstream words(line);
    std::string address, bytes, kind, name;
    words >> address >> bytes >> kind;
    std::getline(words >> std::ws, name);
    if (bytes.size() != 8 || kind.size() != 1 || name.empty()) continue;
    Symbol symbol{name, uint32_t(std::stoul(address, nullptr, 16)), uint32_t(std::stoul(bytes, nullptr, 16)), kind[0]};
    if (kind == "t" || kind == "T") symbol.address &= ~1u;
    symbols.push_back(std::move(symbol));
  }
  return symbols;
}

}  // namespace mote
