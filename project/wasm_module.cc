// SPDX-License-Identifier: Apache-2.0
// See wasm_module.h.
#include "project/wasm_module.h"

#include "project/store.h"
#include "runner/subprocess.h"
#include "runner/tool_output.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPageBytes = 65536;

// An unsigned LEB128, as WebAssembly writes numbers.
uint64_t number_at(const std::string& bytes, size_t& at) {
  uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = uint8_t(bytes.at(at++));
    number |= uint64_t(byte & 127) << shift;
    if (byte < 128) break;
  }
  return number;
}

// WebAssembly core specification, 5.5: a module is 8 bytes, then sections: kind, size, contents.
// The fifth kind is a list of memories: flags, least number of pages.
int64_t memory_bytes(const std::string& module) {
  constexpr uint8_t kMemories = 5;
  for (size_t at = 8; at < module.size();) {
    const auto kind = uint8_t(module[at++]);
    const uint64_t size = number_at(module, at);
    if (kind == kMemories) return int64_t(number_at(module, at += 2)) * kPageBytes;
    at += size;
  }
  throw InternalError("a module has no memory");
}

}  // namespace

std::string wasm_compiler() {
  for (const char* clang : {"clang++-14", "clang++"}) {
    if (!tool_exists(clang)) continue;
    // A program that it does not find comes back as it is.
    const Ending ending = run_program({{clang, "-print-prog-name=wasm-ld"}, {}, {}, {}, 20});
    if (ending.good() && ending.text.find('/') != std::string::npos) return clang;
  }
  return "";
}

void require_wasm_compiler() {
  if (wasm_compiler().empty())
    fail("tool-missing", "clang++", "clang or its linker for WebAssembly is not installed",
         "install them (Debian: apt-get install clang-14 lld-14)");
}

WasmModule build_module(const fs::path& folder, const Compiled& compiled) {
  require_wasm_compiler();
  const Ending ending =
      run_program({{"env", "CXX=" + wasm_compiler(), "sh", "build.sh"}, folder, {}, {}, 600});
  if (!ending.good())
    fail("compile-failed", (folder / "build.sh").string(),
         wasm_compiler() + " " + to_string(ending) + ":\n" + ending.text,
         "this is emitted or shipped code: please report it");
  const std::string file = identifier(compiled.plan.graph.name) + ".wasm";
  const std::string module = read_file(folder / file, "please report it");
  return {file, int64_t(module.size()), memory_bytes(module)};
}

}  // namespace mote
