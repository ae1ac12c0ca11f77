// SPDX-License-Identifier: Apache-2.0
// The compilers that make images, and how mote calls them. In: source files and flags. Out: object
// files that hold no path, date or host name: each is compiled in its own folder under its short
// name.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "graph/diagnostics.h"
#include "runner/board.h"
#include "runner/subprocess.h"

namespace mote {

// The programs for an architecture.
struct CrossTools {
  const char* prefix;    // of gcc, nm, objdump, readelf, addr2line
  const char* specs;     // of a libc that is small: its headers, its library
  const char* remedy;    // where the compiler is missing
  const char* emulator;  // of QEMU
  const char* emulator_remedy;
};
const CrossTools& cross_tools(Architecture architecture);
std::string tool(Architecture architecture, const char* name);  // "arm-none-eabi-nm"

struct Toolchain {
  std::string compiler;
  std::vector<std::string> flags;
  std::string remedy;  // what to do when it is missing
};

Toolchain cross_toolchain(const Core& core);
// Of this host, under AddressSanitizer and UndefinedBehaviorSanitizer.
Toolchain host_toolchain();

// Flags of every device file, without the core's own. A user's project needs -ffp-contract=off and
// -fno-tree-vectorize as well: they are part of the numeric contract.
std::vector<std::string> device_flags();

struct Source {
  std::filesystem::path folder;  // absolute
  std::string file;              // relative to it
  std::string object;            // relative to the build folder
};

struct CompileJob {
  std::filesystem::path build_folder;
  std::vector<std::filesystem::path> include_folders;  // the first one is the source tree
  std::vector<Source> sources;
  int n_jobs = 2;
};

// Says so and returns false when the compiler is not installed.
bool compiler_is_there(const Toolchain& tools, Diagnostics& diagnostics);

// Compiles everything; each failure is one error.
bool compile(const CompileJob& job, const Toolchain& tools, Diagnostics& diagnostics);

// Links `objects` (relative to `build_folder`) to `program`, with a map beside it (".map").
Ending link_program(const std::filesystem::path& build_folder, const std::string& program,
                    const std::vector<std::string>& objects_and_flags, const Toolchain& tools);

}  // namespace mote
