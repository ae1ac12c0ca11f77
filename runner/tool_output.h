// SPDX-License-Identifier: Apache-2.0
// Runs a tool of the cross compiler and returns what it prints. In: the command, one word an
// element (no shell). Out: standard output; a tool that is missing or fails is a user error with
// its last lines.
#pragma once
#include <string>
#include <vector>

namespace mote {

// Standard output of `command`. Fails with "tool-missing" or "tool-failed" (place: the command's
// first word).
std::string tool_output(const std::vector<std::string>& command);

// Whether `name` is in PATH (or, with a slash, an executable file).
bool tool_exists(const std::string& name);

}  // namespace mote
