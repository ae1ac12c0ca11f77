// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as an Edge Impulse recording in JSON. See recording.h.
#include "tests/fuzz/recording.h"

void mote::fuzz::read_bytes(const Bytes& bytes) { read_recording(bytes, "edge-impulse-json", 0); }
