// SPDX-License-Identifier: Apache-2.0
// The same for RISC-V; see disassembly.h. Constants are followed from `li` and `lui` to the
// `add sp,sp,rX` that large frames need; a target beside a jump to a register is objdump's, from
// the `auipc` before it.
#include <algorithm>
#include <cstdlib>

#include "runner/disassembly.h"
#include "runner/listing.h"

namespace mote {
namespace {

constexpr char kComment = '#';

std::vector<std::string> parts_of(const std::string& operands) {
  std::vector<std::string> parts;
  size_t at = 0;
  for (size_t comma; (comma = operands.find(',', at)) != std::string::npos; at = comma + 1)
    parts.push_back(trimmed(std::string_view(operands).substr(at, comma - at)));
  parts.push_back(trimmed(std::string_view(operands).substr(at)));
  return parts;
}

bool is_number(const std::string& text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

class RiscvReader {
 public:
  std::map<std::string, DisassembledFunction> read(std::string_view listing) {
    const std::vector<std::string_view> lines = lines_of(listing);
    uint32_t address = 0;
    std::string name;
    for (std::string_view text : lines)
      if (text.size() > 4 && parse_header(text, address, name)) names_[address] = name;
    for (std::string_view text : lines) {
      ListingLine line;
      if (!parse_line(text, kComment, line)) continue;
      if (const auto found = names_.find(line.address); found != names_.end())
        start(found->first, found->second);
      if (function_) take(line);
    }
    return std::move(functions_);
  }

 private:
  // Two static functions may share a name; then their needs add up, which is a bound of both.
  void start(uint32_t address, const std::string& name) {
    function_ = &functions_[name];
    function_->name = name;
    function_->address = address;
    constants_.clear();
  }

  void take(const ListingLine& line) {
    const std::vector<std::string> parts = parts_of(line.operands);
    if (parts[0] == "sp")
      take_stack(line.mnemonic, parts);
    else
      take_constant(line.mnemonic, parts);
    take_call(line);
    summed_ = line.mnemonic == "add" && parts.size() == 3 && !is_number(parts[2]) ? parts[0] : "";
  }

  // What gives stack back is ignored, so the sum is an upper bound; s0 is the frame as it was.
  void take_stack(const std::string& m, const std::vector<std::string>& parts) {
    const bool adds = m == "add" || m == "addi";
    if (parts.size() != 3 || (!adds && m != "sub")) {
      function_->unknown_frame |= m == "mv" && parts.size() > 1 && parts[1] != "s0";
      return;
    }
    if (parts[1] == "s0") return;
    const auto known = constants_.find(parts[2]);
    if (parts[1] != "sp" || (!is_number(parts[2]) && known == constants_.end())) {
      function_->unknown_frame = true;
      return;
    }
    const int64_t by =
        is_number(parts[2]) ? std::strtol(parts[2].c_str(), nullptr, 10) : known->second;
    const int64_t down = adds ? -by : by;
    if (down > 0) function_->frame_bytes += uint32_t(down);
  }

  void take_constant(const std::string& m, const std::vector<std::string>& parts) {
    const bool stores = m == "sw" || m == "sh" || m == "sb";
    if (parts.size() < 2 || stores || m[0] == 'b') return;
    const bool adds = (m == "add" || m == "addi") && parts.size() == 3 && parts[0] == parts[1];
    if (m == "li" && is_number(parts[1]))
      constants_[parts[0]] = int32_t(std::strtol(parts[1].c_str(), nullptr, 10));
    else if (m == "lui")
      constants_[parts[0]] = int32_t(uint32_t(std::strtoul(parts[1].c_str(), nullptr, 16)) << 12);
    else if (adds && is_number(parts[2]) && constants_.count(parts[0]))
      constants_[parts[0]] += int32_t(std::strtol(parts[2].c_str(), nullptr, 10));
    else
      constants_.erase(parts[0]);
  }

  void take_call(const ListingLine& line) {
    const std::string& m = line.mnemonic;
    uint32_t target = 0;
    if (m == "jal" || m == "jalr" || m == "jr") {
      const bool known = target_in(line.operands, target) || target_in(line.note, target);
      if (known)
        add(line, target, m == "jr");
      else if (m != "jr" || line.operands != summed_)
        function_->calls.push_back({"", m == "jr", true, line.address});
    } else if ((m == "j" || m[0] == 'b') && target_in(line.operands, target)) {
      if (name_at(target) != function_->name) add(line, target, true);
    }
  }

  void add(const ListingLine& line, uint32_t target, bool tail) {
    const std::string to = name_at(target);
    if (to != function_->name || target == function_->address)
      function_->calls.push_back({to, tail, false, line.address});
  }

  // The function that an address is in.
  std::string name_at(uint32_t address) const {
    const auto after = names_.upper_bound(address);
    return after == names_.begin() ? "" : std::prev(after)->second;
  }

  std::map<uint32_t, std::string> names_;
  std::map<std::string, DisassembledFunction> functions_;
  DisassembledFunction* function_ = nullptr;
  // The register that the last instruction added two of in: a jump there goes to an entry of a
  // switch's table, which counts from the table.
  std::string summed_;
  std::map<std::string, int32_t> constants_;  // known values of registers, in straight-line code
};

}  // namespace

std::map<std::string, DisassembledFunction> read_disassembly_riscv(std::string_view listing) {
  return RiscvReader().read(listing);
}

}  // namespace mote
