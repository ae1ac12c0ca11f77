// SPDX-License-Identifier: Apache-2.0
// Ranges from the symbols of an image. See player_ranges.h.
#include "runner/player_ranges.h"

#include <sstream>

#include "graph/diagnostics.h"
#include "runner/tool_output.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

struct Symbol {
  uint32_t address = 0;
  uint32_t bytes = 0;
  std::string name;
};

// "(anonymous namespace)::layer_means(fixture::Model&) [clone .isra.0]" -> "layer_means"
std::string base_name(std::string name) {
  const std::string anonymous = "(anonymous namespace)::";
  for (size_t at; (at = name.find(anonymous)) != std::string::npos;)
    name.erase(at, anonymous.size());
  name = name.substr(0, name.find_first_of("(["));
  while (!name.empty() && name.back() == ' ') name.pop_back();
  const size_t scope = name.rfind("::");
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

bool is_hex(const std::string& word) {
  return word.size() == 8 && word.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Lines of nm: "00000124 00000058 t name of it"; the size is missing for symbols of the linker
// script.
std::vector<Symbol> symbols_of(const std::filesystem::path& elf, Architecture architecture) {
  std::vector<Symbol> symbols;
  std::istringstream lines(
      tool_output({tool(architecture, "nm"), "-C", "-S", "--defined-only", elf.string()}));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string address, size, kind, name;
    words >> address >> size;
    const bool has_size = is_hex(size);
    if (has_size) words >> kind;
    std::getline(words >> std::ws, name);
    if (!is_hex(address)) continue;
    const unsigned long bytes = has_size ? std::stoul(size, nullptr, 16) : 0;
    symbols.push_back(
        {uint32_t(std::stoul(address, nullptr, 16)), uint32_t(bytes), base_name(name)});
  }
  return symbols;
}

[[noreturn]] void lacks(const std::filesystem::path& elf, const std::string& name) {
  fail("no-symbol", elf.string(), "the image has no function " + name,
       "count an image that mote built");
}

uint32_t address_of(const std::vector<Symbol>& symbols, const std::string& name,
                    const std::filesystem::path& elf) {
  for (const Symbol& symbol : symbols)
    if (symbol.name == name) return symbol.address;
  lacks(elf, name);
}

// Every symbol of the name outside the harness (whose functions may have the model's names): the
// compiler may have split a function into parts.
void add_ranges(const std::vector<Symbol>& symbols, const NamedFunction& wanted,
                const std::string& kind, const std::filesystem::path& elf,
                std::vector<CountedRange>& ranges) {
  const CountedRange harness = ranges[0];
  const size_t before = ranges.size();
  for (const Symbol& symbol : symbols) {
    const uint32_t begin = symbol.address & ~1u;
    const bool in_harness = begin >= harness.begin && begin < harness.end;
    if (symbol.name == wanted.function && symbol.bytes > 0 && !in_harness)
      ranges.push_back({begin, begin + symbol.bytes, kind, wanted.name});
  }
  if (ranges.size() == before) lacks(elf, wanted.function);
}

}  // namespace

std::vector<CountedRange> player_ranges(const std::filesystem::path& elf,
                                        const ModelFunctions& functions,
                                        Architecture architecture) {
  const std::vector<Symbol> symbols = symbols_of(elf, architecture);
  std::vector<CountedRange> ranges = {{address_of(symbols, "mote_harness_begin", elf),
                                       address_of(symbols, "mote_harness_end", elf), "none",
                                       "harness"}};
  add_ranges(symbols, {"mote_mark_decision", "decision"}, "mark", elf, ranges);
  for (const NamedFunction& push : functions.pushes) add_ranges(symbols, push, "push", elf, ranges);
  for (const NamedFunction& layer : functions.layers)
    add_ranges(symbols, layer, "layer", elf, ranges);
  return ranges;
}

}  // namespace mote
