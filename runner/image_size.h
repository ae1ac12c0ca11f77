// SPDX-License-Identifier: Apache-2.0
// What an image takes of flash and RAM, and who takes it. In: a linked image and, if there is one,
// the linker's map. Out: totals by section kind (they add up exactly to the sections), sizes by
// symbol and by object file, and the symbols that must not be in firmware of ours (heap,
// exceptions, the C++ library, libm, stdio).
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/board.h"

namespace mote {

enum class SymbolKind { code, constant, data, zeroed };

struct ImageSymbol {
  std::string name;  // demangled
  std::string symbol;
  SymbolKind kind = SymbolKind::code;
  uint32_t address = 0, bytes = 0;
  bool in_flash() const { return kind == SymbolKind::code || kind == SymbolKind::constant; }
};

struct ObjectSize {
  std::string name;  // "weights.o", "libgcc.a(_udivsi3.o)", "(padding)"
  uint32_t flash_bytes = 0, data_bytes = 0,
           zeroed_bytes = 0;  // data is in flash too: its first values
};

struct ImageSize {
  uint32_t flash_bytes = 0;   // code, constants and the first values of data
  uint32_t data_bytes = 0;    // RAM with first values
  uint32_t zeroed_bytes = 0;  // RAM that starts as zero (.bss)
  uint32_t stack_bytes = 0;   // reserved by the linker script (sections .stack and .heap)
  // Of the player that drives the model in tests (sections .harness_*); in none of the figures
  // above.
  uint32_t harness_flash_bytes = 0, harness_ram_bytes = 0;
  uint32_t unnamed_flash_bytes = 0;  // padding, literals and code without a symbol
  std::vector<ImageSymbol> symbols;  // largest first
  std::vector<ObjectSize> objects;   // largest first; empty without a map
  uint32_t static_ram_bytes() const { return data_bytes + zeroed_bytes; }
};

struct ImageSizeRequest {
  std::filesystem::path elf, map;  // map: ld's -Map, may be empty
  Architecture architecture = Architecture::arm;
};

ImageSize measure_image(const ImageSizeRequest& request);

// Why a symbol must not be in firmware ("heap", "exceptions", ...); empty if it may.
std::string reason_forbidden(const std::string& symbol);

// "malloc (heap)" for each one in the image.
std::vector<std::string> forbidden_symbols(const ImageSize& size);

}  // namespace mote
