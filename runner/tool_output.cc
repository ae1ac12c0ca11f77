// SPDX-License-Identifier: Apache-2.0
// Standard output of a child program by way of a temporary file; see tool_output.h.
#include "runner/tool_output.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "graph/diagnostics.h"
#include "graph/scratch_folder.h"
#include "runner/subprocess.h"

namespace mote {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string last_part(const std::string& text) {
  constexpr size_t kShown = 600;
  return text.size() <= kShown ? text : "..." + text.substr(text.size() - kShown);
}

}  // namespace

std::string tool_output(const std::vector<std::string>& command) {
  MOTE_ASSERT(!command.empty());
  const ScratchFolder folder;
  Invocation invocation;
  invocation.args = command;
  invocation.output = folder.path("output");
  const Ending ending = run_program(invocation);
  if (ending.how == Ended::not_found)
    fail("tool-missing", command[0], "this program is not installed",
         "`mote doctor` says what to install");
  if (!ending.good())
    fail("tool-failed", command[0], "it " + to_string(ending) + ": " + last_part(ending.text));
  return text_of(invocation.output);
}

bool tool_exists(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0;
  const char* path = getenv("PATH");
  std::stringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  return false;
}

}  // namespace mote
