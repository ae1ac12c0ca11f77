// SPDX-License-Identifier: Apache-2.0
// Reads boards/<name>.toml; knows the table of cores. In: a TOML file. Out: a Board, or diagnostics
// with the line of the key at fault.
#include "runner/board.h"

#include <algorithm>
#include <cmath>

#include "graph/settings.h"

namespace mote {
namespace {

// Flags select the instruction set only; what the numeric contract needs is added where images are
// built.
const std::vector<Core>& cores() {
  using enum InstructionSet;
  static const std::vector<Core> table = {
      {"cortex-m0", {"-mcpu=cortex-m0", "-mthumb"}, scalar, false, false, true},
      {"cortex-m0plus", {"-mcpu=cortex-m0plus", "-mthumb"}, scalar, false, false, true},
      {"cortex-m3", {"-mcpu=cortex-m3", "-mthumb"}, scalar, false, false, false},
      {"cortex-m4", {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft"}, dsp, false, false, false},
      {"cortex-m4f",
       {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"},
       dsp,
       true,
       false,
       false},
      {"cortex-m7",
       {"-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"},
       dsp,
       true,
       false,
       false},
      {"cortex-m33",
       {"-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"},
       dsp,
       true,
       false,
       false},
      {"cortex-m55", {"-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"}, mve, true, true, false},
      // Code for the M55: gcc 12 does not know the M85, which runs it as it is.
      {"cortex-m85", {"-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"}, mve, true, true, false},
      // A table of a switch would be a jump of which the bound of the stack cannot tell where to.
      {"rv32imac",
       {"-march=rv32imac", "-mabi=ilp32", "-msmall-data-limit=0", "-fno-jump-tables"},
       scalar,
       false,
       false,
       true,
       Architecture::riscv},
  };
  return table;
}

constexpr const char* kFormat = "add it; the format is in docs/formats/board.md";
constexpr double kMost = 1e9;  // of any number: beyond everything that a board can be

std::string required_text(Settings& table, const std::string& key, std::string fallback = "") {
  table.require(key, kFormat);
  return table.text(key, std::move(fallback));
}

double required_number(Settings& table, const std::string& key, double fallback = 0) {
  table.require(key, kFormat);
  return table.number_in(key, fallback, 0, kMost);
}

uint32_t address(Settings& table, const std::string& key) {
  return uint32_t(table.integer_in(key, 0, 0, 0xFFFFFFFFll));
}

uint32_t required_address(Settings& table, const std::string& key) {
  table.require(key, kFormat);
  return address(table, key);
}

Memory read_memory(Settings table, Diagnostics& diagnostics) {
  Memory memory;
  memory.name = required_text(table, "name");
  const std::string kind = required_text(table, "kind", "ram");
  if (kind == "flash")
    memory.kind = MemoryKind::flash;
  else if (kind == "ram")
    memory.kind = MemoryKind::ram;
  else
    diagnostics.error("wrong-value", table.place(), "memory kind '" + kind + "' is not known",
                      "use \"flash\" or \"ram\"");
  memory.origin = required_address(table, "origin");
  const double bytes = required_number(table, "size_kb", 1) * 1024;
  const bool fits = bytes >= 1024 && bytes == std::floor(bytes) && memory.origin + bytes <= 0x1p32;
  if (!fits)
    diagnostics.error(
        "wrong-value", table.place(),
        "memory '" + memory.name + "' is smaller than 1 kB or passes the end of the addresses");
  if (table.has("emulated_origin")) memory.emulated_origin = address(table, "emulated_origin");
  if (table.has("stall_cycles")) memory.stall_cycles = table.number_in("stall_cycles", 0, 0, kMost);
  memory.bytes = fits ? static_cast<uint32_t>(bytes) : 1024;
  return memory;
}

void read_memories(Settings& root, const std::string& file, Board& board,
                   Diagnostics& diagnostics) {
  for (const Settings& table : root.tables("memory"))
    board.memories.push_back(read_memory(table, diagnostics));
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

UartKind read_uart(Settings& table, Diagnostics& diagnostics) {
  const std::string uart = table.text("uart", "none");
  if (uart == "cmsdk") return UartKind::cmsdk;
  if (uart == "nrf") return UartKind::nrf;
  if (uart != "none")
    diagnostics.error("wrong-value", table.place(), "UART '" + uart + "' has no driver in ports/",
                      "use \"cmsdk\", \"nrf\" or \"none\"");
  return UartKind::none;
}

EmulatedMachine read_emulator(Settings table, Diagnostics& diagnostics) {
  EmulatedMachine out;
  out.machine = required_text(table, "machine");
  out.args = table.texts("args");
  out.flash_origin = required_address(table, "flash_origin");
  out.ram_origin = required_address(table, "ram_origin");
  out.uart = read_uart(table, diagnostics);
  if (out.uart != UartKind::none) table.require("uart_address", kFormat);
  out.uart_address = address(table, "uart_address");
  out.link = table.text("link", "semihosting");
  if (out.link != "semihosting" && out.link != "uart")
    diagnostics.error("wrong-value", table.place(), "link '" + out.link + "' is not known",
                      "use \"semihosting\" or \"uart\"");
  return out;
}

void read_core(Settings& root, Board& board, Diagnostics& diagnostics) {
  const std::string name = required_text(root, "core");
  if (name.empty()) return;
  if (const Core* core = find_core(name)) {
    board.core = *core;
    return;
  }
  const std::string near = nearest(name, core_names());
  std::string known;
  for (const std::string& core : core_names()) known += (known.empty() ? "" : ", ") + core;
  diagnostics.error("unknown-core", root.place(), "core '" + name + "' is not known",
                    near.empty() ? "use one of " + known : "did you mean '" + near + "'?");
}

int32_t read_multiplier(Settings& root, const Core& core, Diagnostics& diagnostics) {
  const int64_t cycles = root.integer_in("multiplier_cycles", 1, 1, 32);
  if (cycles != 1 && cycles != 32)
    diagnostics.error("wrong-value", root.place("multiplier_cycles"),
                      "multiplier_cycles is " + std::to_string(cycles),
                      "use 1 or 32: the core is made with either");
  if (cycles != 1 && core.name != "cortex-m0" && core.name != "cortex-m0plus")
    diagnostics.error("wrong-value", root.place("multiplier_cycles"),
                      "the multiplier of " + core.name + " is not for the chip's maker to choose",
                      "leave multiplier_cycles out");
  return int32_t(cycles);
}

// What a run costs; zero where it is not known.
void read_costs(Settings& root, Board& board, const std::string& file, Diagnostics& diagnostics) {
  board.clock_mhz = required_number(root, "clock_mhz");
  if (root.has("clock_mhz") && board.clock_mhz == 0)
    diagnostics.error("wrong-value", file, "clock_mhz must be more than zero");
  board.wait_states = root.number_in("wait_states", 0, 0, kMost);
  board.flash_stall_per_byte = root.number_in("flash_stall_per_byte", 0, 0, kMost);
  board.multiplier_cycles = read_multiplier(root, board.core, diagnostics);
  board.supply_v = root.number_in("supply_v", 0, 0, kMost);
  board.current_ua_per_mhz = root.number_in("current_ua_per_mhz", 0, 0, kMost);
}

}  // namespace

Board read_board(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const std::string file = path.string();
  if (!std::filesystem::is_regular_file(path))
    fail("cannot-read", file, "the file cannot be read", "`mote doctor` lists the boards");
  Settings root = Settings::read(path, diagnostics);
  Board board;
  board.name = required_text(root, "name");
  if (!board.name.empty() && board.name != path.stem().string())
    diagnostics.error("wrong-value", file, "the board calls itself '" + board.name + "'",
                      "name the file " + board.name + ".toml");
  board.title = root.text("title", board.name);
  read_core(root, board, diagnostics);
  read_costs(root, board, file, diagnostics);
  read_memories(root, file, board, diagnostics);
  check_memories(file, board, diagnostics);
  const Settings emulator = root.table("emulator");
  if (root.is_table("emulator")) board.emulator = read_emulator(emulator, diagnostics);
  root.finish();
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

std::vector<const Memory*> usable_memories(const Board& board, MemoryKind kind) {
  std::vector<const Memory*> found;
  for (const Memory& memory : board.memories)
    if (memory.kind == kind && (found.empty() || memory.emulated_origin)) found.push_back(&memory);
  return found;
}

const Memory* first_memory(const Board& board, MemoryKind kind) {
  const auto usable = usable_memories(board, kind);
  return usable.empty() ? nullptr : usable[0];
}

uint64_t memory_bytes(const Board& board, MemoryKind kind) {
  uint64_t sum = 0;
  for (const Memory& memory : board.memories)
    if (memory.kind == kind) sum += memory.bytes;
  return sum;
}

}  // namespace mote
