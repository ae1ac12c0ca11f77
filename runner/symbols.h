// SPDX-License-Identifier: Apache-2.0
// The symbols of a linked image. In: an ELF file. Out: name, address, size and kind, as nm prints them.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mote {

struct Symbol {
  std::string name;  // demangled
  uint32_t address = 0;  // without the Thumb bit
  uint32_t bytes = 0;
  char kind = '?';   // nm's letter: t, T code; r, R constants; d, D data; b, B zeroed data
};

// In the order of addresses; symbols without a size are left out.
std::vector<Symbol> read_symbols(const std::filesystem::path& elf);

}  // namespace mote
