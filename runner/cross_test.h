// SPDX-License-Identifier: Apache-2.0
// What the tests of this room share: a scratch folder, and the cross compiler. In: source text.
// Out: objects and images in the scratch folder. Tests skip loudly where a tool is missing.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "graph/scratch_folder.h"
#include "runner/board.h"
#include "runner/tool_output.h"
#include "runner/toolchain.h"

#define MOTE_NEEDS_TOOL(name)   \
  if (!mote::tool_exists(name)) \
  GTEST_SKIP() << "SKIPPED: " << (name) << " is not installed; this is not tested"

namespace mote::test {

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string source_path(const std::string& relative) {
  const char* root = getenv("MOTE_SOURCE_DIR");
  return (root ? std::string(root) + "/" : std::string()) + relative;
}

inline std::vector<std::string> joined(std::vector<std::string> a,
                                       const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// gcc for a core of the table, with more arguments.
inline void cross_compile(const std::string& core, const std::vector<std::string>& arguments) {
  const Core& found = *find_core(core);
  tool_output(joined({tool(found.architecture, "gcc")}, joined(found.flags, arguments)));
}

}  // namespace mote::test
