// SPDX-License-Identifier: Apache-2.0
// The module of a folder that as_wasm() (deploy_wasm.h) wrote. In: the folder, clang and its lld.
// Out: NAME.wasm in it, and what it takes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "compiler/pipeline.h"

namespace mote {

struct WasmModule {
  std::string file;          // NAME.wasm
  int64_t bytes = 0;         // of the file
  int64_t memory_bytes = 0;  // of its memory, which does not grow: the code has no heap
};

// The compiler of modules, or "" where it or its linker is missing.
std::string wasm_compiler();
// Fails where it is missing: asked before long work.
void require_wasm_compiler();

// Runs the folder's build.sh.
WasmModule build_module(const std::filesystem::path& folder, const Compiled& compiled);

}  // namespace mote
