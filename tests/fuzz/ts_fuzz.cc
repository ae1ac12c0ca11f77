// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as recordings in a .ts file. See recording.h.
#include "tests/fuzz/recording.h"

void mote::fuzz::read_bytes(const Bytes& bytes) { read_recording(bytes, "ts", 100); }
