// SPDX-License-Identifier: Apache-2.0
// A board: its core, clock, memories, supply, and the emulated machine that stands for it.
// In: one file boards/<name>.toml (format: docs/formats/board.md). Out: a plain Board. kB = 1024
// bytes. What follows from the core alone (compiler flags, whether unaligned access faults) is one
// table in board.cc.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graph/diagnostics.h"
#include "graph/instruction_set.h"

namespace mote {

enum class MemoryKind { flash, ram };

// One memory of the board; of each kind the fastest first. The first flash holds vectors and code,
// the first RAM data and stack; weights and the model's struct lie there too, or in the next that
// has room.
struct Memory {
  std::string name;  // "flash", "sram", "dtcm": lower case, unique in a board
  MemoryKind kind = MemoryKind::flash;
  uint32_t origin = 0;  // on the real board
  uint32_t bytes = 0;   // the real chip's size; the emulated image is linked to the same size
  // Of a memory behind the first of its kind, on the emulated machine; none: nothing is put there.
  std::optional<uint32_t> emulated_origin;
  std::optional<double> stall_cycles =
      {};  // that the core waits at a load or store; none: not known
};

// Which driver in ports/ talks to the emulated UART.
enum class UartKind { none, cmsdk, nrf };

// The QEMU machine that stands for the core. An image for it has the board's sizes at the machine's
// origins.
struct EmulatedMachine {
  std::string machine;  // "mps2-an386"; empty: no emulator stands for this board
  std::vector<std::string>
      args;  // further arguments, e.g. {"-global", "nrf51-soc.sram-size=270336"}
  uint32_t flash_origin = 0;
  uint32_t ram_origin = 0;
  UartKind uart = UartKind::none;
  uint32_t uart_address = 0;
  std::string link =
      "semihosting";  // what the player talks over by default: "semihosting" or "uart"
};

enum class Architecture : uint8_t { arm, riscv };  // Cortex-M; RV32

// What a core can do and how to compile for it.
struct Core {
  std::string name;  // "cortex-m4f"
  std::vector<std::string>
      flags;  // {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"}
  InstructionSet instruction_set = InstructionSet::portable;
  bool has_fpu = false;              // start-up must enable CP10/CP11 before the first C code
  bool has_mve = false;              // as has_fpu
  bool faults_on_unaligned = false;  // v6-M; RV32 may
  Architecture architecture = Architecture::arm;
};

struct Board {
  std::string name;
  std::string title;  // for people: "ST NUCLEO-L4R5ZI (STM32L4R5ZI)"
  Core core;
  double clock_mhz = 0;
  std::vector<Memory> memories;
  double wait_states = 0;  // of flash at clock_mhz
  double flash_stall_per_byte =
      0;  // extra cycles when a constant is read from flash for the first time
  int32_t multiplier_cycles = 1;  // of M0 and M0+, where the chip's maker chooses: 1 or 32
  double supply_v = 0;            // 0: unknown, then energy is not estimated
  double current_ua_per_mhz = 0;  // 0: unknown
  EmulatedMachine emulator;
};

// The board in `path`. Every fault in the file (unknown key with the nearest known one, missing
// key, overlapping memories, core that is not in the table) is added to `diagnostics`; the caller
// stops at its door. A file that cannot be read or is not TOML fails at once.
Board read_board(const std::filesystem::path& path, Diagnostics& diagnostics);

// Names of the boards in a folder (file names without ".toml"), sorted.
std::vector<std::string> board_names(const std::filesystem::path& folder);

// The table of cores; nullptr when `name` is not in it.
const Core* find_core(const std::string& name);
std::vector<std::string> core_names();

// The first memory of a kind and those behind it that something may be put into.
std::vector<const Memory*> usable_memories(const Board& board, MemoryKind kind);

// The first memory of a kind; nullptr when the board has none. Sum of the sizes of all memories of
// a kind.
const Memory* first_memory(const Board& board, MemoryKind kind);
uint64_t memory_bytes(const Board& board, MemoryKind kind);

}  // namespace mote
