// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a WAV recording. See recording.h.
#include "tests/fuzz/recording.h"

void mote::fuzz::read_bytes(const Bytes& bytes) { read_recording(bytes, "wav", 0); }
