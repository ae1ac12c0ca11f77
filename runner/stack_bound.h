// SPDX-License-Identifier: Apache-2.0
// The worst case of the stack below a function. In: a linked image, the .su files of its objects
// (gcc -fstack-usage), the function. Out: a bound in bytes and the path of calls that needs it, or
// what stands in the way of a bound. Frames come from each function's own instructions, so that
// libgcc and libc, which have no .su files, count too; where a .su file knows the function, the two
// must agree or the larger is taken. Exceptions are not in the bound: each that may nest adds its
// hardware frame (32 bytes, 104 with floating-point registers) and its handler.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runner/board.h"

namespace mote {

struct StackRequest {
  std::filesystem::path elf;
  std::filesystem::path su_folder;  // searched with its sub-folders; empty: no .su files
  std::string entry;                // symbol, as nm prints it or demangled
  // Functions that an indirect call may reach: caller -> callees, as nm prints them or demangled.
  std::map<std::string, std::vector<std::string>> callees_of;
  Architecture architecture = Architecture::arm;
};

struct StackFrame {
  std::string name;  // demangled
  uint32_t bytes = 0;
};

struct StackBound {
  uint32_t bytes = 0;            // a bound only if there are no problems
  std::vector<StackFrame> path;  // from the entry to the deepest function
  std::vector<std::string>
      problems;  // indirect calls, recursion, frames of a size known only at run time
  bool is_bound() const { return problems.empty(); }
};

// Fails if the tool or the entry is missing. Problems in the code are values.
StackBound bound_stack(const StackRequest& request);

}  // namespace mote
