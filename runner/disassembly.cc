// SPDX-License-Identifier: Apache-2.0
// Reads a listing of objdump for stack and calls; see disassembly.h. Constants are followed from
// `ldr rX, [pc]`, `movw` and `mov` to the `add sp, rX` that large frames need; all else is text.
#include "runner/disassembly.h"

#include <algorithm>
#include <cstdlib>

#include "runner/listing.h"
#include "runner/tool_output.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

using Line = ListingLine;
constexpr char kComment = '@';

// Bytes of the registers in "{r4-r7, lr}" or "{d8-d9}".
uint32_t list_bytes(const std::string& operands) {
  const size_t open = operands.find('{'), close = operands.find('}');
  if (open == std::string::npos || close == std::string::npos) return 0;
  uint32_t bytes = 0;
  std::string list = operands.substr(open + 1, close - open - 1) + ",";
  for (size_t at = 0, comma; (comma = list.find(',', at)) != std::string::npos; at = comma + 1) {
    const std::string item = trimmed(std::string_view(list).substr(at, comma - at));
    char kind = 0, kind_to = 0;
    unsigned from = 0, to = 0;
    const bool range = std::sscanf(item.c_str(), "%c%u-%c%u", &kind, &from, &kind_to, &to) == 4;
    bytes += (item[0] == 'd' ? 8 : 4) * (range && to >= from ? to - from + 1 : 1);
  }
  return bytes;
}

bool is_conditional(const std::string& suffix) {
  static const char* const all[] = {"eq", "ne", "cs", "cc", "hs", "lo", "mi", "pl",
                                    "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"};
  return std::find(std::begin(all), std::end(all), suffix) != std::end(all);
}

// Whether `mnemonic` is `base`, with or without a condition.
bool is_form_of(const std::string& mnemonic, const std::string& base) {
  return mnemonic == base ||
         (starts_with(mnemonic, base) && is_conditional(mnemonic.substr(base.size())));
}

std::string last_operand(const std::string& operands) {
  const size_t comma = operands.rfind(',');
  return trimmed(std::string_view(operands).substr(comma == std::string::npos ? 0 : comma + 1));
}

// Whether the instruction after this one can only be reached by a jump to it.
bool ends_the_path(const Line& line) {
  const std::string& m = line.mnemonic;
  if (m == "b" || m == "bx" || m == "udf") return true;
  const bool pops = m == "pop" || m == "ldmia" || m == "ldmdb";
  if (pops) return line.operands.find("pc}") != std::string::npos;
  return (m == "ldr" || m == "mov") && starts_with(line.operands, "pc,");
}

class Reader {
 public:
  Reader(std::string_view listing, const std::map<uint32_t, uint32_t>& ends)
      : lines_(lines_of(listing)) {
    find_words_and_names(ends);
  }

  std::map<std::string, DisassembledFunction> read() {
    for (std::string_view text : lines_) {
      Line line;
      if (!parse_line(text, kComment, line)) continue;
      if (const auto name = names_.find(line.address); name != names_.end())
        start(name->first, name->second);
      if (function_) take(line);
    }
    return std::move(functions_);
  }

 private:
  // Functions begin at the names of the listing, at the ends of functions, and where a call goes.
  void find_words_and_names(const std::map<uint32_t, uint32_t>& ends) {
    std::vector<uint32_t> unnamed;
    for (std::string_view text : lines_) {
      DisassembledFunction function;
      Line line;
      uint32_t target = 0;
      if (text.size() > 4 && parse_header(text, function.address, function.name)) {
        names_[function.address] = function.name;
        if (const auto end = ends.find(function.address); end != ends.end())
          unnamed.push_back(end->second);
      } else if (parse_line(text, kComment, line)) {
        if (line.mnemonic == ".word")
          words_[line.address] = uint32_t(std::strtoul(line.operands.c_str(), nullptr, 16));
        if (line.mnemonic == "bl" && target_in(line.operands, target) &&
            !inside_sized(line.address, target, ends))
          unnamed.push_back(target);
      }
    }
    for (uint32_t address : unnamed) {
      char name[24];
      std::snprintf(name, sizeof name, "code_at_%x", address);
      names_.insert({address, name});
    }
  }

  // Whether `from` and `to` lie in one function that has a size, `to` behind its first instruction.
  // On v6-M gcc jumps with bl where b does not reach: no call, and no function begins there.
  static bool inside_sized(uint32_t from, uint32_t to, const std::map<uint32_t, uint32_t>& ends) {
    auto after = ends.upper_bound(from);
    if (after == ends.begin()) return false;
    const auto [begin, end] = *std::prev(after);
    return from < end && begin < to && to < end;
  }

  // The function that an address is in.
  std::string name_at(uint32_t address) const {
    const auto after = names_.upper_bound(address);
    return after == names_.begin() ? "" : std::prev(after)->second;
  }

  void start(uint32_t address, const std::string& name) {
    const bool unnamed = starts_with(name, "code_at_");
    if (function_ && unnamed && falls_through_)
      function_->calls.push_back({name, true, false, address});
    // Two static functions may share a name; then their needs add up, which is a bound of both.
    function_ = &functions_[name];
    function_->name = name;
    function_->address = address;
    constants_.clear();
    return_register_.clear();
  }

  void take(const Line& line) {
    take_stack(line);
    take_call(line);
    take_constant(line);
    take_return_address(line);
    falls_through_ = !ends_the_path(line);
  }

  void take_stack(const Line& line) {
    const std::string& m = line.mnemonic;
    const std::string& o = line.operands;
    const bool to_stack = starts_with(o, "sp!");
    if (m == "push" || m == "vpush" || (to_stack && (m == "stmdb" || m == "vstmdb")))
      function_->frame_bytes += list_bytes(o);
    const size_t index = o.find("[sp, #-");
    if (index != std::string::npos && o.back() == '!')
      function_->frame_bytes += uint32_t(std::strtoul(o.c_str() + index + 7, nullptr, 10));
    if (starts_with(o, "sp,") && (m == "sub" || m == "subw" || m == "add" || m == "addw"))
      move_stack(m[0] == 's', o);
    if (starts_with(o, "sp,") && is_form_of(m, "mov") && o != "sp, r7")
      function_->unknown_frame = true;
  }

  // add or sub of a constant or a register to sp; what gives stack back is ignored, so the sum is
  // an upper bound
  void move_stack(bool down, const std::string& operands) {
    const std::string by = last_operand(operands);
    int64_t bytes = 0;
    if (by[0] == '#')
      bytes = std::strtol(by.c_str() + 1, nullptr, 10);
    else if (constants_.count(by))
      bytes = int32_t(constants_[by]);
    else {
      function_->unknown_frame = true;
      return;
    }
    if (!down) bytes = -bytes;
    if (bytes > 0) function_->frame_bytes += uint32_t(bytes);
  }

  void take_constant(const Line& line) {
    const std::string& m = line.mnemonic;
    const size_t comma = line.operands.find(',');
    if (comma == std::string::npos || starts_with(m, "str") || starts_with(m, "cmp")) return;
    const std::string to = line.operands.substr(0, comma);
    const std::string from = trimmed(std::string_view(line.operands).substr(comma + 1));
    const bool moves = m == "mov" || m == "movs" || m == "movw";
    if (moves && from[0] == '#')
      constants_[to] = uint32_t(std::strtoul(from.c_str() + 1, nullptr, 10));
    else if (m == "movt" && constants_.count(to))
      constants_[to] =
          (constants_[to] & 0xFFFF) | uint32_t(std::strtoul(from.c_str() + 1, nullptr, 10)) << 16;
    else if (m == "ldr" && starts_with(from, "[pc") && literal(line))
      constants_[to] = *literal(line);
    else
      constants_.erase(to);
  }

  // The word that "(80d4 <big+0x20>)" in a note points to.
  const uint32_t* literal(const Line& line) const {
    if (line.note.empty() || line.note[0] != '(') return nullptr;
    const auto found = words_.find(uint32_t(std::strtoul(line.note.c_str() + 1, nullptr, 16)));
    return found == words_.end() ? nullptr : &found->second;
  }

  // v6-M pops to low registers only: "pop {r3}", perhaps "add sp, #8", then "bx r3" is a return.
  void take_return_address(const Line& line) {
    const std::string& o = line.operands;
    if (line.mnemonic == "pop" && o.size() == 4 && o[1] == 'r')
      return_register_ = o.substr(1, 2);
    else if (line.mnemonic != "add" || !starts_with(o, "sp,"))
      return_register_.clear();
  }

  void take_call(const Line& line) {
    const std::string& m = line.mnemonic;
    const bool returns = line.operands == "lr" || line.operands == return_register_;
    if (m == "bl" || m == "blx")
      add_call(line, false);
    else if (is_form_of(m, "bx") && !returns)
      add_indirect(line, true);
    else if (is_form_of(m, "b") || m == "cbz" || m == "cbnz")
      add_jump(line);
    else if (m == "ldr" && starts_with(line.operands, "pc,"))
      add_load_of_pc(line);
  }

  void add_call(const Line& line, bool tail) {
    uint32_t target = 0;
    if (!target_in(line.operands, target))
      add_indirect(line, tail);
    else if (name_at(target) != function_->name || target == function_->address)
      function_->calls.push_back({name_at(target), tail, false, line.address});
  }

  void add_indirect(const Line& line, bool tail) {
    function_->calls.push_back({"", tail, true, line.address});
  }

  void add_jump(const Line& line) {
    uint32_t target = 0;
    if (!target_in(line.operands, target)) return;
    const std::string to = name_at(target);
    if (to != function_->name) function_->calls.push_back({to, true, false, line.address});
  }

  // A return, a table of a switch (indexed by a register), a veneer, or a tail call through memory.
  void add_load_of_pc(const Line& line) {
    const std::string& o = line.operands;
    const bool is_return = o.find("[sp]") != std::string::npos;
    const bool is_switch = o.find("lsl #2") != std::string::npos;
    if (is_return || is_switch) return;
    const uint32_t* word = literal(line);
    const std::string to = word ? name_at(*word & ~1u) : "";
    if (to.empty())
      add_indirect(line, true);
    else
      function_->calls.push_back({to, true, false, line.address});
  }

  std::vector<std::string_view> lines_;
  std::map<uint32_t, uint32_t> words_;
  std::map<uint32_t, std::string> names_;
  std::map<std::string, DisassembledFunction> functions_;
  DisassembledFunction* function_ = nullptr;
  std::string return_register_;                // low register that the last "pop" filled alone
  bool falls_through_ = false;                 // the last instruction may be followed by the next
  std::map<std::string, uint32_t> constants_;  // known values of registers, in straight-line code
};

}  // namespace

std::map<std::string, DisassembledFunction> read_disassembly(
    std::string_view listing, const std::map<uint32_t, uint32_t>& ends) {
  return Reader(listing, ends).read();
}

std::map<std::string, DisassembledFunction> disassemble(const std::filesystem::path& elf,
                                                        Architecture architecture,
                                                        const std::map<uint32_t, uint32_t>& ends) {
  const std::string listing =
      tool_output({tool(architecture, "objdump"), "-d", "--no-show-raw-insn", elf.string()});
  return architecture == Architecture::riscv ? read_disassembly_riscv(listing)
                                             : read_disassembly(listing, ends);
}

}  // namespace mote
