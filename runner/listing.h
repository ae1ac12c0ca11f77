// SPDX-License-Identifier: Apache-2.0
// The lines of `objdump -d --no-show-raw-insn`. In: their text. Out: their parts.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mote {

// "    80a0:	sub	sp, #40	@ 0x28"; the note is what follows the comment sign, where
// objdump resolves an address.
struct ListingLine {
  uint32_t address = 0;
  std::string mnemonic, operands, note;
};

bool starts_with(std::string_view text, std::string_view start);
std::string trimmed(std::string_view text);
std::vector<std::string_view> lines_of(std::string_view listing);

// False for what is no instruction or data. `comment`: the sign before notes.
bool parse_line(std::string_view text, char comment, ListingLine& line);

// "000080a0 <leaf>:"
bool parse_header(std::string_view text, uint32_t& address, std::string& name);

// The address in "80f0 <tail>" or "r0, 816a <rec+0x6>"; false when there is none.
bool target_in(const std::string& operands, uint32_t& address);

}  // namespace mote
