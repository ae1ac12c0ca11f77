// SPDX-License-Identifier: Apache-2.0
// Is everything here that mote works with? In: nothing. Out: one row a tool, library, part of mote
// and board: what was found, or the command that installs it. `mote doctor` prints them; `mote
// build` asks before it begins.
#pragma once
#include <string>
#include <vector>

#include "graph/diagnostics.h"

namespace mote {

struct Finding {
  std::string what;     // "arm-none-eabi-g++"
  std::string purpose;  // "compiles firmware"
  bool needed = true;   // false: only some verbs want it
  bool found = false;
  std::string detail;  // version or place; or what is wrong
  std::string remedy;  // "apt-get install ..."; empty when found
};

std::vector<Finding> examine();

// True when everything that is needed was found.
bool healthy(const std::vector<Finding>& findings);

// Fails with every program that verifying firmware needs and that is not in PATH.
void require_tools();

}  // namespace mote
