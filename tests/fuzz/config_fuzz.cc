// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as mote.toml. See fuzz.h. Sets of the catalogue are not there: they are other
// readers' business, and hashing one takes longer than all else.
#include <cstdlib>

#include "project/config.h"
#include "tests/fuzz/fuzz.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  unsetenv("MOTE_DATA");
  Diagnostics diagnostics;
  read_config(as_file(bytes, "mote.toml").parent_path(), diagnostics);
}
