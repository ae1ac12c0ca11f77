// SPDX-License-Identifier: Apache-2.0
// Depth-first over the call graph of an image; see stack_bound.h.
#include "runner/stack_bound.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "graph/diagnostics.h"
#include "runner/disassembly.h"
#include "runner/symbol_name.h"
#include "runner/tool_output.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

// The name in a signature, without return type, parameters, template arguments and clone suffix,
// with its namespaces: what .su files ("int a::f(int)", "f.constprop") and demangled symbols
// ("a::f<3>(int)") share.
std::string plain_name(std::string signature) {
  const std::string anonymous = "(anonymous namespace)";
  for (size_t at; (at = signature.find(anonymous)) != std::string::npos;)
    signature.replace(at, anonymous.size(), "{anonymous}");
  std::string name;
  int depth = 0;
  for (char c : signature) {
    if (c == '<')
      ++depth;
    else if (c == '>')
      --depth;
    else if (depth > 0)
      continue;
    else if (c == '(' || c == '[')
      break;
    else if (c == ' ')
      name.clear();
    else if (c != '*' && c != '&')
      name += c;
  }
  return name.substr(0, name.find('.'));
}

struct StackUsage {
  std::set<uint32_t> bytes;  // of the functions with this name (overloads, instances of a template)
  bool dynamic = false;
};

// Lines "file:line:column:signature<tab>bytes<tab>qualifiers".
void read_usage_file(const std::filesystem::path& path, std::map<std::string, StackUsage>& into) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t tab = line.find('\t');
    const size_t second = line.find('\t', tab + 1);
    if (tab == std::string::npos || second == std::string::npos)
      fail("broken-su-file", path.string(), "a line is not 'place<tab>bytes<tab>kind'",
           "build again");
    size_t name = 0;
    for (int colon = 0; colon < 3; ++colon) name = line.find(':', name) + 1;
    StackUsage& usage = into[plain_name(line.substr(name, tab - name))];
    usage.bytes.insert(uint32_t(std::strtoul(line.c_str() + tab + 1, nullptr, 10)));
    usage.dynamic |=
        line.substr(second + 1) == "dynamic";  // "dynamic,bounded" has a bound in its bytes
  }
}

std::map<std::string, StackUsage> read_usage(const std::filesystem::path& folder) {
  std::map<std::string, StackUsage> out;
  if (folder.empty()) return out;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error))
    if (entry.path().extension() == ".su") read_usage_file(entry.path(), out);
  if (error) fail("cannot-read", folder.string(), error.message());
  return out;
}

struct CodeSymbol {
  std::string name;
  uint32_t address = 0, bytes = 0;  // bytes 0: not known
};

// Lines "address [size] kind name" of nm.
std::vector<CodeSymbol> read_symbols(const StackRequest& request) {
  std::vector<CodeSymbol> out;
  std::stringstream lines(
      tool_output({tool(request.architecture, "nm"), "-S", request.elf.string()}));
  for (std::string line; std::getline(lines, line);) {
    std::stringstream text(line);
    std::vector<std::string> words;
    for (std::string word; text >> word;) words.push_back(word);
    if (words.size() < 3) continue;
    const std::string& kind = words[words.size() - 2];
    if (kind != "T" && kind != "t" && kind != "W") continue;
    const auto hex = [](const std::string& digits) {
      return uint32_t(std::strtoul(digits.c_str(), nullptr, 16));
    };
    out.push_back({words.back(), hex(words[0]), words.size() == 4 ? hex(words[1]) : 0});
  }
  return out;
}

std::map<uint32_t, uint32_t> ends_of(const std::vector<CodeSymbol>& symbols) {
  std::map<uint32_t, uint32_t> ends;
  for (const CodeSymbol& symbol : symbols)
    if (symbol.bytes > 0) ends[symbol.address & ~1u] = (symbol.address & ~1u) + symbol.bytes;
  return ends;
}

class Walk {
 public:
  explicit Walk(const StackRequest& request)
      : symbols_(read_symbols(request)),
        functions_(disassemble(request.elf, request.architecture, ends_of(symbols_))),
        usage_(read_usage(request.su_folder)) {
    for (const auto& [name, function] : functions_) {
      symbol_of_[name] = name;
      symbol_of_[demangled(name)] = name;
      symbol_at_[function.address] = name;
    }
    add_aliases();
    for (const auto& [caller, callees] : request.callees_of)
      for (const std::string& callee : callees) hints_[find(caller)].push_back(find(callee));
    check(request);
  }

  StackBound bound(const std::string& entry) {
    const std::string symbol = find(entry);
    if (symbol.empty())
      fail("no-such-function", entry, "the image has no function of this name",
           "is it inlined, or dropped by the linker?");
    StackBound out;
    out.bytes = depth(symbol);
    for (std::string at = symbol; !at.empty(); at = results_[at].deepest)
      out.path.push_back({demangled(at), results_[at].frame});
    out.problems = problems_;
    return out;
  }

 private:
  struct Result {
    bool open = true;
    uint32_t depth = 0, frame = 0;
    std::string deepest;
  };

  std::string find(const std::string& name) const {
    const auto found = symbol_of_.find(name);
    return found == symbol_of_.end() ? "" : found->second;
  }

  // objdump prints one name of an address; nm knows the others.
  void add_aliases() {
    for (const CodeSymbol& symbol : symbols_) {
      const auto at = symbol_at_.find(symbol.address);
      if (at == symbol_at_.end()) continue;
      symbol_of_.insert({symbol.name, at->second});
      symbol_of_.insert({demangled(symbol.name), at->second});
    }
  }

  void check(const StackRequest& request) const {
    for (const auto& [caller, callees] : request.callees_of) {
      if (find(caller).empty())
        fail("no-such-function", caller, "a hint names a caller that the image lacks");
      for (const std::string& callee : callees)
        if (find(callee).empty())
          fail("no-such-function", callee, "a hint names a callee that the image lacks");
    }
  }

  void problem(const std::string& text) {
    if (std::find(problems_.begin(), problems_.end(), text) == problems_.end())
      problems_.push_back(text);
  }

  // What the function takes itself. Its instructions and gcc agree, or the larger is taken.
  uint32_t frame_of(const DisassembledFunction& function) {
    const auto found = usage_.find(plain_name(demangled(function.name)));
    const StackUsage* usage = found == usage_.end() ? nullptr : &found->second;
    if (usage && usage->dynamic)
      problem(demangled(function.name) + ": its frame has a size known only at run time");
    if (!usage && function.unknown_frame)
      problem(demangled(function.name) + ": its frame has an unknown size");
    if (!usage || (!function.unknown_frame && usage->bytes.count(function.frame_bytes)))
      return function.frame_bytes;
    return std::max(function.frame_bytes, *usage->bytes.rbegin());
  }

  // gcc gives its frame back before it jumps to another function; hand-written code (no .su) may
  // not.
  bool gives_frame_back(const DisassembledFunction& function) const {
    return usage_.count(plain_name(demangled(function.name))) > 0;
  }

  uint32_t depth(const std::string& symbol) {
    const auto known = results_.find(symbol);
    if (known != results_.end()) {
      if (known->second.open)
        problem("recursion: " + demangled(symbol) + " calls itself, perhaps through others");
      return known->second.open ? 0 : known->second.depth;
    }
    results_[symbol];
    const DisassembledFunction& function = functions_.at(symbol);
    Result result;
    result.frame = result.depth = frame_of(function);
    for (const Call& call : function.calls) take(function, call, result);
    if (const auto veneer = veneer_target(symbol); !veneer.empty())
      extend(result, result.frame, veneer);
    result.open = false;
    results_[symbol] = result;
    return result.depth;
  }

  void take(const DisassembledFunction& function, const Call& call, Result& result) {
    const uint32_t own = call.tail && gives_frame_back(function) ? 0 : result.frame;
    if (!call.indirect) {
      if (const std::string to = find(call.to); !to.empty())
        extend(result, own, to);
      else
        problem(demangled(function.name) + ": calls " + call.to + ", which the listing lacks");
      return;
    }
    const auto hint = hints_.find(function.name);
    if (hint == hints_.end()) {
      char address[16];
      std::snprintf(address, sizeof address, "0x%x", call.address);
      problem(demangled(function.name) + ": indirect call at " + address);
      return;
    }
    for (const std::string& to : hint->second) extend(result, own, to);
  }

  void extend(Result& result, uint32_t own, const std::string& to) {
    const uint32_t total = own + depth(to);
    if (results_[to].open) return;  // recursion, already told
    if (total < result.depth || (total == result.depth && !result.deepest.empty())) return;
    result.depth = total;
    result.deepest = to;
  }

  // The linker's bridge to a function that a branch does not reach: __name_veneer.
  std::string veneer_target(const std::string& symbol) const {
    const std::string end = "_veneer";
    if (symbol.rfind("__", 0) != 0 || symbol.size() < 2 + end.size()) return "";
    if (symbol.compare(symbol.size() - end.size(), end.size(), end) != 0) return "";
    return find(symbol.substr(2, symbol.size() - 2 - end.size()));
  }

  std::vector<CodeSymbol> symbols_;
  std::map<std::string, DisassembledFunction> functions_;
  std::map<std::string, StackUsage> usage_;
  std::map<std::string, std::string> symbol_of_;  // any name of a function -> the one in functions_
  std::map<uint32_t, std::string> symbol_at_;
  std::map<std::string, std::vector<std::string>> hints_;
  std::map<std::string, Result> results_;
  std::vector<std::string> problems_;
};

}  // namespace

StackBound bound_stack(const StackRequest& request) { return Walk(request).bound(request.entry); }

}  // namespace mote
