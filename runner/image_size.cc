// SPDX-License-Identifier: Apache-2.0
// Reads readelf and the linker's map; see image_size.h.
#include "runner/image_size.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "graph/diagnostics.h"
#include "runner/symbol_name.h"
#include "runner/tool_output.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

uint32_t hex(const std::string& digits) {
  return uint32_t(std::strtoul(digits.c_str(), nullptr, 16));
}

std::vector<std::string> words_of(const std::string& line) {
  std::stringstream text(line);
  return {std::istream_iterator<std::string>(text), {}};
}

// A section that takes memory on the device.
struct Section {
  uint32_t address = 0, bytes = 0;
  bool writable = false, zeroed = false;
  bool reserved = false, harness = false;  // stack and heap; the player
  bool counts() const { return !reserved && !harness; }
};

// Lines "  [ 1] .text  PROGBITS  00008000 008000 002c50 00  AX  0   0  4" of readelf -SW.
std::map<std::string, Section> read_sections(const ImageSizeRequest& request) {
  std::map<std::string, Section> out;
  std::stringstream lines(
      tool_output({tool(request.architecture, "readelf"), "-SW", request.elf.string()}));
  for (std::string line; std::getline(lines, line);) {
    const size_t bracket = line.find("] .");
    if (bracket == std::string::npos) continue;
    const auto words = words_of(line.substr(bracket + 1));
    if (words.size() < 10 || words[6].find('A') == std::string::npos)
      continue;  // flags: A takes memory
    Section section;
    section.address = hex(words[2]);
    section.bytes = hex(words[4]);
    section.zeroed = words[1] == "NOBITS";
    section.writable = words[6].find('W') != std::string::npos;
    section.reserved = words[0] == ".stack" || words[0] == ".heap";
    section.harness = words[0].rfind(".harness", 0) == 0;
    if (section.bytes > 0) out[words[0]] = section;
  }
  return out;
}

const Section* section_at(const std::map<std::string, Section>& sections, uint32_t address) {
  for (const auto& [name, section] : sections)
    if (address >= section.address && address < section.address + section.bytes) return &section;
  return nullptr;
}

// Lines "   12: 00000075    48 FUNC    GLOBAL DEFAULT    1 name" of readelf -sW. Of several names
// of one place the first has its bytes.
std::vector<ImageSymbol> read_symbols(const ImageSizeRequest& request,
                                      const std::map<std::string, Section>& sections) {
  std::vector<ImageSymbol> out;
  std::set<uint32_t> seen;
  std::stringstream lines(
      tool_output({tool(request.architecture, "readelf"), "-sW", request.elf.string()}));
  for (std::string line; std::getline(lines, line);) {
    const auto words = words_of(line);
    if (words.size() != 8 || words[0].back() != ':' || words[6] == "ABS" || words[6] == "UND" ||
        words[7][0] == '$')
      continue;
    const std::string& type = words[3];
    if (type != "FUNC" && type != "OBJECT" && type != "NOTYPE") continue;
    ImageSymbol symbol;
    symbol.symbol = words[7];
    symbol.name = demangled(symbol.symbol);
    symbol.address = hex(words[1]) & (type == "FUNC" ? ~1u : ~0u);
    const Section* section = section_at(sections, symbol.address);
    if (!section || !section->counts()) continue;
    symbol.kind = section->zeroed     ? SymbolKind::zeroed
                  : section->writable ? SymbolKind::data
                  : type == "OBJECT"  ? SymbolKind::constant
                                      : SymbolKind::code;
    symbol.bytes =
        uint32_t(std::strtoul(words[2].c_str(), nullptr, 0));  // large sizes are printed as 0x...
    if (symbol.bytes > 0 && !seen.insert(symbol.address).second) symbol.bytes = 0;
    out.push_back(symbol);
  }
  return out;
}

void add_section(const Section& section, ImageSize& size) {
  if (section.reserved)
    size.stack_bytes += section.bytes;
  else if (section.harness)
    (section.writable ? size.harness_ram_bytes : size.harness_flash_bytes) += section.bytes;
  else if (section.zeroed)
    size.zeroed_bytes += section.bytes;
  else {
    size.flash_bytes += section.bytes;
    if (section.writable) size.data_bytes += section.bytes;
  }
}

// "path/libgcc.a(_udivsi3.o)" -> "libgcc.a(_udivsi3.o)"; "build/model.o" -> "model.o"
std::string object_name(const std::string& path) {
  const size_t slash = path.rfind('/', path.find('('));
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// Reads the second part of a map: input sections with address, size and object, under their output
// section. A long name stands on a line of its own.
class MapReader {
 public:
  explicit MapReader(const std::map<std::string, Section>& sections) : sections_(sections) {}

  std::vector<ObjectSize> read(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file) fail("cannot-read", path.string(), "the linker's map is not there");
    bool started = false;
    for (std::string line; std::getline(file, line);) {
      if (line.find("Linker script and memory map") == 0)
        started = true;
      else if (started)
        take(line);
    }
    std::vector<ObjectSize> out;
    for (auto& [name, size] : objects_) out.push_back(size);
    return out;
  }

 private:
  void take(const std::string& line) {
    if (line.empty()) return;
    if (line[0] != ' ') {
      const auto words = words_of(line);
      const auto found = words.empty() ? sections_.end() : sections_.find(words[0]);
      section_ = found == sections_.end() ? nullptr : &found->second;
      return;
    }
    auto words = words_of(line);
    if (!section_ || words.empty()) return;
    const bool fill = words[0] == "*fill*";
    // " .text.f  0x.. 0x.. object", or the same without its name, which stood on the line before
    const size_t at = line[1] != ' ' ? 1 : 0;
    if (words.size() < at + 2 || words[at].rfind("0x", 0) != 0 || words[at + 1].rfind("0x", 0) != 0)
      return;
    if (!fill && words.size() < at + 3) return;
    add(fill ? "(padding)" : object_name(words[at + 2]), hex(words[at + 1]));
  }

  void add(const std::string& name, uint32_t bytes) {
    if (bytes == 0 || !section_->counts()) return;
    ObjectSize& object = objects_[name];
    object.name = name;
    if (section_->zeroed)
      object.zeroed_bytes += bytes;
    else {
      object.flash_bytes += bytes;
      if (section_->writable) object.data_bytes += bytes;
    }
  }

  const std::map<std::string, Section>& sections_;
  const Section* section_ = nullptr;
  std::map<std::string, ObjectSize> objects_;
};

struct Forbidden {
  const char* start;  // of a symbol
  bool whole;         // it is the whole symbol
  const char* reason;
};

constexpr Forbidden kForbidden[] = {
    {"malloc", true, "heap"},
    {"calloc", true, "heap"},
    {"realloc", true, "heap"},
    {"free", true, "heap"},
    {"_malloc_r", true, "heap"},
    {"_free_r", true, "heap"},
    {"_realloc_r", true, "heap"},
    {"_calloc_r", true, "heap"},
    {"sbrk", true, "heap"},
    {"_sbrk", true, "heap"},
    {"_sbrk_r", true, "heap"},
    {"__malloc_", false, "heap"},
    {"_Znw", false, "heap"},
    {"_Zna", false, "heap"},
    {"_Zdl", false, "heap"},
    {"_Zda", false, "heap"},
    {"__cxa_", false, "C++ run time"},
    {"__gxx_personality", false, "exceptions"},
    {"_Unwind_", false, "exceptions"},
    {"_ZTI", false, "run-time types"},
    {"_ZTS", false, "run-time types"},
    {"_ZTV", false, "virtual functions"},
    {"_ZSt", false, "C++ library"},
    {"_ZNSt", false, "C++ library"},
    {"_ZNKSt", false, "C++ library"},
    {"_ZGV", false, "statics with initialisation"},
    {"_GLOBAL__sub_I_", false, "statics with initialisation"},
    {"atexit", true, "C++ run time"},
    {"__aeabi_atexit", true, "C++ run time"},
    {"printf", true, "stdio"},
    {"snprintf", true, "stdio"},
    {"sprintf", true, "stdio"},
    {"vsnprintf", true, "stdio"},
    {"puts", true, "stdio"},
    {"_vfprintf_r", true, "stdio"},
    {"_svfprintf_r", true, "stdio"},
    {"_impure_ptr", true, "libc's global state"},
    {"exp", true, "libm"},
    {"expf", true, "libm"},
    {"log", true, "libm"},
    {"logf", true, "libm"},
    {"log10f", true, "libm"},
    {"pow", true, "libm"},
    {"powf", true, "libm"},
    {"sin", true, "libm"},
    {"sinf", true, "libm"},
    {"cos", true, "libm"},
    {"cosf", true, "libm"},
    {"tanhf", true, "libm"},
    {"sqrt", true, "libm"},
    {"sqrtf", true, "libm"},
    {"roundf", true, "libm"},
    {"lrintf", true, "libm"},
    {"fmodf", true, "libm"},
};

}  // namespace

ImageSize measure_image(const ImageSizeRequest& request) {
  const auto sections = read_sections(request);
  ImageSize size;
  for (const auto& [name, section] : sections) add_section(section, size);
  size.symbols = read_symbols(request, sections);
  uint32_t named = size.data_bytes;
  for (const ImageSymbol& symbol : size.symbols)
    if (symbol.in_flash()) named += symbol.bytes;
  size.unnamed_flash_bytes = size.flash_bytes > named ? size.flash_bytes - named : 0;
  if (!request.map.empty()) size.objects = MapReader(sections).read(request.map);
  std::stable_sort(size.symbols.begin(), size.symbols.end(),
                   [](const ImageSymbol& a, const ImageSymbol& b) { return a.bytes > b.bytes; });
  std::stable_sort(
      size.objects.begin(), size.objects.end(),
      [](const ObjectSize& a, const ObjectSize& b) { return a.flash_bytes > b.flash_bytes; });
  return size;
}

std::string reason_forbidden(const std::string& symbol) {
  for (const Forbidden& rule : kForbidden)
    if (rule.whole ? symbol == rule.start : symbol.rfind(rule.start, 0) == 0) return rule.reason;
  return "";
}

std::vector<std::string> forbidden_symbols(const ImageSize& size) {
  std::vector<std::string> out;
  for (const ImageSymbol& symbol : size.symbols)
    if (const std::string reason = reason_forbidden(symbol.symbol); !reason.empty())
      out.push_back(symbol.name + " (" + reason + ")");
  return out;
}

}  // namespace mote
