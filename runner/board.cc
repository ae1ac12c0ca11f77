// SPDX-License-Identifier: Apache-2.0
// Reads boards/<name>.toml; knows the table of cores. In: a TOML file. Out: a Board, or diagnostics
// with the line of the key at fault.
#include "runner/board.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

namespace mote {
namespace {

// Flags select the instruction set only; what the numeric contract needs is added where images are
// built.
const std::vector<Core>& cores() {
  static const std::vector<Core> table = {
      {"cortex-m0", {"-mcpu=cortex-m0", "-mthumb"}, "portable", false, false, true},
      {"cortex-m0plus", {"-mcpu=cortex-m0plus", "-mthumb"}, "portable", false, false, true},
      {"cortex-m3", {"-mcpu=cortex-m3", "-mthumb"}, "portable", false, false, false},
      {"cortex-m4", {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft"}, "dsp", false, false, false},
      {"cortex-m4f",
       {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"},
       "dsp",
       true,
       false,
       false},
      {"cortex-m7",
       {"-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"},
       "dsp",
       true,
       false,
       false},
      {"cortex-m33",
       {"-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"},
       "dsp",
       true,
       false,
       false},
      {"cortex-m55", {"-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"}, "mve", true, true, false},
  };
  return table;
}

// One TOML table with its place, and the diagnostics that reading it collects.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string file, Diagnostics& diagnostics)
      : table_(table), file_(std::move(file)), diagnostics_(diagnostics) {}

  void allow_only(std::initializer_list<const char*> known) {
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& [key, node] : table_) {
      if (std::find(names.begin(), names.end(), key.str()) != names.end()) continue;
      const std::string near = nearest(key.str(), names);
      diagnostics_.error("unknown-key", place(node), "unknown key '" + std::string(key.str()) + "'",
                         near.empty() ? "remove it" : "did you mean '" + near + "'?");
    }
  }

  std::string text(const char* key, bool required, std::string fallback = "") {
    const toml::node* node = find(key, required);
    if (!node) return fallback;
    if (const auto value = node->value_exact<std::string>()) return *value;
    wrong_type(*node, key, "a text in quotes");
    return fallback;
  }

  double number(const char* key, bool required, double fallback = 0) {
    const toml::node* node = find(key, required);
    if (!node) return fallback;
    const auto value = node->value<double>();
    if (value && node->is_number() && std::isfinite(*value) && *value >= 0) return *value;
    wrong_type(*node, key, "a number, zero or more");
    return fallback;
  }

  uint32_t address(const char* key, bool required, uint32_t fallback = 0) {
    const toml::node* node = find(key, required);
    if (!node) return fallback;
    const auto value = node->value_exact<int64_t>();
    if (value && *value >= 0 && *value <= 0xFFFFFFFFll) return static_cast<uint32_t>(*value);
    wrong_type(*node, key, "an integer of 32 bits");
    return fallback;
  }

  std::vector<std::string> texts(const char* key) {
    const toml::node* node = find(key, false);
    std::vector<std::string> out;
    if (!node) return out;
    if (!node->is_array())
      wrong_type(*node, key, "a list of texts");
    else
      for (const toml::node& item : *node->as_array()) {
        const auto value = item.value_exact<std::string>();
        if (value)
          out.push_back(*value);
        else
          wrong_type(item, key, "a list of texts");
      }
    return out;
  }

  std::string place(const toml::node& node) const {
    return file_ + ":" + std::to_string(node.source().begin.line);
  }
  std::string place() const { return place(table_); }

 private:
  const toml::node* find(const char* key, bool required) {
    const toml::node* node = table_.get(key);
    if (!node && required)
      diagnostics_.error("missing-key", place(), std::string("key '") + key + "' is missing",
                         "add it; the format is in docs/formats/board.md");
    return node;
  }
  void wrong_type(const toml::node& node, const char* key, const char* wanted) {
    diagnostics_.error("wrong-value", place(node), std::string("'") + key + "' must be " + wanted);
  }

  const toml::table& table_;
  std::string file_;
  Diagnostics& diagnostics_;
};

Memory read_memory(TableReader& reader, Diagnostics& diagnostics) {
  reader.allow_only({"name", "kind", "origin", "size_kb"});
  Memory memory;
  memory.name = reader.text("name", true);
  const std::string kind = reader.text("kind", true, "ram");
  if (kind == "flash")
    memory.kind = MemoryKind::flash;
  else if (kind == "ram")
    memory.kind = MemoryKind::ram;
  else
    diagnostics.error("wrong-value", reader.place(), "memory kind '" + kind + "' is not known",
                      "use \"flash\" or \"ram\"");
  memory.origin = reader.address("origin", true);
  const double bytes = reader.number("size_kb", true, 1) * 1024;
  const bool fits = bytes >= 1024 && bytes == std::floor(bytes) && memory.origin + bytes <= 0x1p32;
  if (!fits)
    diagnostics.error(
        "wrong-value", reader.place(),
        "memory '" + memory.name + "' is smaller than 1 kB or passes the end of the addresses");
  memory.bytes = fits ? static_cast<uint32_t>(bytes) : 1024;
  return memory;
}

void read_memories(const toml::table& root, const std::string& file, Board& board,
                   Diagnostics& diagnostics) {
  const toml::array* list = root["memory"].as_array();
  if (list)
    for (const toml::node& item : *list) {
      if (!item.is_table()) continue;
      TableReader reader(*item.as_table(), file, diagnostics);
      board.memories.push_back(read_memory(reader, diagnostics));
    }
  for (const MemoryKind kind : {MemoryKind::flash, MemoryKind::ram})
    if (!first_memory(board, kind))
      diagnostics.error(
          "missing-key", file,
          std::string("there is no memory of kind ") + (kind == MemoryKind::ram ? "ram" : "flash"),
          "add a [[memory]] table");
}

void check_memories(const std::string& file, const Board& board, Diagnostics& diagnostics) {
  for (size_t i = 0; i < board.memories.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const Memory& a = board.memories[j];
      const Memory& b = board.memories[i];
      if (a.name == b.name)
        diagnostics.error("duplicate-name", file, "two memories are called '" + a.name + "'");
      const bool apart =
          uint64_t{a.origin} + a.bytes <= b.origin || uint64_t{b.origin} + b.bytes <= a.origin;
      if (!apart)
        diagnostics.error("overlap", file,
                          "memories '" + a.name + "' and '" + b.name + "' overlap");
    }
}

UartKind read_uart(TableReader& reader, Diagnostics& diagnostics) {
  const std::string uart = reader.text("uart", false, "none");
  if (uart == "cmsdk") return UartKind::cmsdk;
  if (uart == "nrf") return UartKind::nrf;
  if (uart != "none")
    diagnostics.error("wrong-value", reader.place(), "UART '" + uart + "' has no driver in ports/",
                      "use \"cmsdk\", \"nrf\" or \"none\"");
  return UartKind::none;
}

EmulatedMachine read_emulator(TableReader& reader, Diagnostics& diagnostics) {
  reader.allow_only(
      {"machine", "args", "flash_origin", "ram_origin", "uart", "uart_address", "link"});
  EmulatedMachine out;
  out.machine = reader.text("machine", true);
  out.args = reader.texts("args");
  out.flash_origin = reader.address("flash_origin", true);
  out.ram_origin = reader.address("ram_origin", true);
  out.uart = read_uart(reader, diagnostics);
  out.uart_address = reader.address("uart_address", out.uart != UartKind::none);
  out.link = reader.text("link", false, "semihosting");
  if (out.link != "semihosting" && out.link != "uart")
    diagnostics.error("wrong-value", reader.place(), "link '" + out.link + "' is not known",
                      "use \"semihosting\" or \"uart\"");
  return out;
}

void read_core(TableReader& reader, Board& board, Diagnostics& diagnostics) {
  const std::string name = reader.text("core", true);
  if (name.empty()) return;
  if (const Core* core = find_core(name)) {
    board.core = *core;
    return;
  }
  const std::string near = nearest(name, core_names());
  std::string known;
  for (const std::string& core : core_names()) known += (known.empty() ? "" : ", ") + core;
  diagnostics.error("unknown-core", reader.place(), "core '" + name + "' is not known",
                    near.empty() ? "use one of " + known : "did you mean '" + near + "'?");
}

toml::table parse(const std::filesystem::path& path) {
  try {
    return toml::parse_file(path.string());
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    const std::string where = line ? path.string() + ":" + std::to_string(line) : path.string();
    fail(line ? "not-toml" : "cannot-read", where, std::string(error.description()),
         line ? "" : "`mote doctor` lists the boards");
  }
}

}  // namespace

Board read_board(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const toml::table root = parse(path);
  const std::string file = path.string();
  TableReader reader(root, file, diagnostics);
  reader.allow_only({"name", "title", "core", "clock_mhz", "wait_states", "flash_stall_per_byte",
                     "supply_v", "current_ua_per_mhz", "memory", "emulator"});
  Board board;
  board.name = reader.text("name", true);
  if (!board.name.empty() && board.name != path.stem().string())
    diagnostics.error("wrong-value", file, "the board calls itself '" + board.name + "'",
                      "name the file " + board.name + ".toml");
  board.title = reader.text("title", false, board.name);
  read_core(reader, board, diagnostics);
  board.clock_mhz = reader.number("clock_mhz", true);
  if (root.contains("clock_mhz") && board.clock_mhz == 0)
    diagnostics.error("wrong-value", file, "clock_mhz must be more than zero");
  board.wait_states = reader.number("wait_states", false);
  board.flash_stall_per_byte = reader.number("flash_stall_per_byte", false);
  board.supply_v = reader.number("supply_v", false);
  board.current_ua_per_mhz = reader.number("current_ua_per_mhz", false);
  read_memories(root, file, board, diagnostics);
  check_memories(file, board, diagnostics);
  if (const toml::table* emulator = root["emulator"].as_table()) {
    TableReader emulator_reader(*emulator, file, diagnostics);
    board.emulator = read_emulator(emulator_reader, diagnostics);
  }
  return board;
}

std::vector<std::string> board_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

const Core* find_core(const std::string& name) {
  for (const Core& core : cores())
    if (core.name == name) return &core;
  return nullptr;
}

std::vector<std::string> core_names() {
  std::vector<std::string> names;
  for (const Core& core : cores()) names.push_back(core.name);
  return names;
}

const Memory* first_memory(const Board& board, MemoryKind kind) {
  for (const Memory& memory : board.memories)
    if (memory.kind == kind) return &memory;
  return nullptr;
}

uint64_t memory_bytes(const Board& board, MemoryKind kind) {
  uint64_t sum = 0;
  for (const Memory& memory : board.memories)
    if (memory.kind == kind) sum += memory.bytes;
  return sum;
}

}  // namespace mote
