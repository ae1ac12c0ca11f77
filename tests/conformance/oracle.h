// SPDX-License-Identifier: Apache-2.0
// Asking the oracles (tflm_oracle.py) in their Python environment. Environment variables:
// MOTE_ORACLE_PYTHON (tests skip without it), MOTE_SOURCE_DIR, MOTE_SEED.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace mote::conformance {

std::string environment(const char* name, const std::string& otherwise);
uint64_t seed();

// Call first in SetUp(); skips the test where there is no oracle.
void skip_without_oracle();

struct ProgramResult {
  int status = -1;
  std::string output;
};
// The oracle's word on a folder that OracleBatch wrote: status 0 = all equal.
ProgramResult ask_oracle(const std::filesystem::path& folder);

}  // namespace mote::conformance
