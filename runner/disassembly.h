// SPDX-License-Identifier: Apache-2.0
// The functions of a linked image, as `objdump -d` prints them. In: the listing. Out: for each
// function its frame, its calls and jumps to other functions, and what the listing cannot tell
// (indirect calls, a frame of unknown size).
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runner/board.h"

namespace mote {

struct Call {
  std::string to;
  bool tail = false;  // a jump, not a call: the frame of the caller is gone, if its compiler is gcc
  bool indirect = false;  // through a register or a table; `to` is empty
  uint32_t address = 0;   // of the instruction
};

struct DisassembledFunction {
  std::string name;
  uint32_t address = 0;
  uint32_t frame_bytes = 0;    // all that its instructions take from the stack, if each ran once
  bool unknown_frame = false;  // sp moved by a register whose value is not known
  std::vector<Call> calls;
};

// By symbol name (mangled). A function that has several names appears under the one objdump prints;
// code without a name (the rest of an object of libgcc, a place in a function that is called) is
// "code_at_<hex>". `ends`: where the functions end that have a size, by their address; without it
// they end where the next begins.
std::map<std::string, DisassembledFunction> read_disassembly(
    std::string_view listing, const std::map<uint32_t, uint32_t>& ends = {});
// Of RISC-V, whose functions all have names.
std::map<std::string, DisassembledFunction> read_disassembly_riscv(std::string_view listing);

// What objdump makes of an image.
std::map<std::string, DisassembledFunction> disassemble(
    const std::filesystem::path& elf, Architecture architecture,
    const std::map<uint32_t, uint32_t>& ends = {});

}  // namespace mote
