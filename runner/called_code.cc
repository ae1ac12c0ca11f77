// SPDX-License-Identifier: Apache-2.0
// Depth-first over the calls of an image; see called_code.h.
#include "runner/called_code.h"

#include <set>

#include "runner/disassembly.h"
#include "runner/image_size.h"
#include "runner/symbol_name.h"

namespace mote {
namespace {

struct Code {
  std::map<std::string, DisassembledFunction> functions;
  std::map<std::string, int64_t> bytes;  // of symbols in flash
};

Code read_code(const CalledCodeRequest& request) {
  Code code;
  std::map<uint32_t, uint32_t> ends;
  for (const ImageSymbol& symbol : measure_image({request.elf, {}, request.architecture}).symbols) {
    if (symbol.kind != SymbolKind::code || symbol.bytes == 0) continue;
    code.bytes[symbol.symbol] = symbol.bytes;
    ends[symbol.address] = symbol.address + symbol.bytes;
  }
  code.functions = disassemble(request.elf, request.architecture, ends);
  return code;
}

std::map<std::string, int64_t> called_by(const std::string& caller, const Code& code) {
  std::map<std::string, int64_t> called;
  std::set<std::string> seen;
  std::vector<std::string> waiting;
  for (const auto& [symbol, function] : code.functions)
    if (demangled(symbol).rfind(caller, 0) == 0) waiting.push_back(symbol);
  while (!waiting.empty()) {
    const std::string symbol = waiting.back();
    waiting.pop_back();
    const auto function = code.functions.find(symbol);
    if (function == code.functions.end() || !seen.insert(symbol).second) continue;
    const std::string name = demangled(symbol);
    const auto bytes = code.bytes.find(symbol);
    if (name.rfind(caller, 0) != 0 && bytes != code.bytes.end()) called[name] = bytes->second;
    for (const Call& call : function->second.calls)
      if (!call.indirect) waiting.push_back(call.to);
  }
  return called;
}

}  // namespace

std::vector<std::map<std::string, int64_t>> called_code(const CalledCodeRequest& request) {
  const Code code = read_code(request);
  std::vector<std::map<std::string, int64_t>> all;
  for (const std::string& caller : request.callers) all.push_back(called_by(caller, code));
  return all;
}

}  // namespace mote
