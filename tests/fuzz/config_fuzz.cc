// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as mote.toml. See fuzz.h.
#include "project/config.h"
#include "tests/fuzz/fuzz.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  Diagnostics diagnostics;
  read_config(as_file(bytes, "mote.toml").parent_path(), diagnostics);
}
