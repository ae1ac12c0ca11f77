// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a .npz recording. See recording.h, zip.h.
#include "tests/fuzz/recording.h"
#include "tests/fuzz/zip.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  read_recording(with_checksums(bytes), "npz", 100);
}
