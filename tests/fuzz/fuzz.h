// SPDX-License-Identifier: Apache-2.0
// The frame of a libFuzzer program: a harness NAME_fuzz.cc defines read_bytes() and includes this
// file once. A refusal by message is what a reader may do with any bytes; everything else that ends
// the program is a finding (README.md).
#pragma once
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "graph/graph.h"

namespace mote::fuzz {

// The reader under test.
void read_bytes(const Bytes& bytes);

inline std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

// For readers that take a path: `bytes` as the file `name` in a folder of this process, which
// fuzz.sh removes with TMPDIR.
inline std::filesystem::path as_file(const Bytes& bytes, const std::string& name) {
  static const auto folder =
      std::filesystem::temp_directory_path() / ("mote_fuzz_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto file = folder / name;
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  return file;
}

}  // namespace mote::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    mote::fuzz::read_bytes(mote::Bytes(data, data + size));
  } catch (const mote::UserError&) {
    // Refused with a message.
  }
  return 0;
}
