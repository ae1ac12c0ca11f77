// SPDX-License-Identifier: Apache-2.0
// See oracle.h.
#include "tests/conformance/oracle.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace mote::conformance {

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

uint64_t seed() { return std::stoull(environment("MOTE_SEED", "20261122")); }

namespace {

ProgramResult run_program(const std::string& command) {
  ProgramResult result;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return result;
  char text[4096];
  while (size_t n = fread(text, 1, sizeof text, pipe)) result.output.append(text, n);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  return result;
}

std::string in_quotes(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

}  // namespace

ProgramResult ask_oracle(const std::filesystem::path& folder) {
  const std::filesystem::path source = environment("MOTE_SOURCE_DIR", ".");
  return run_program(in_quotes(environment("MOTE_ORACLE_PYTHON", "")) + " " +
                     in_quotes(source / "tests/conformance/tflm_oracle.py") + " " +
                     in_quotes(folder) + " 2>&1");
}

void skip_without_oracle() {
  const std::string python = environment("MOTE_ORACLE_PYTHON", "");
  if (!std::filesystem::exists(python))
    GTEST_SKIP() << "no TensorFlow Lite Micro to compare with: MOTE_ORACLE_PYTHON ('" << python
                 << "') is not a Python; tools/python_env.sh makes one";
}

}  // namespace mote::conformance
