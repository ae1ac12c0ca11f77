// SPDX-License-Identifier: Apache-2.0
// For tests: a folder that vanishes with its object, files written into it, and the check that no
// prefix of a file crashes a reader.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "data/readers/reader.h"
#include "graph/scratch_folder.h"

namespace mote {

// Thousands of damaged files are written: in memory where there is such a folder.
class TemporaryFolder : public ScratchFolder {
 public:
  TemporaryFolder()
      : ScratchFolder(access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                    : std::filesystem::temp_directory_path()) {}
};

// The codes of all errors, space between, in order.
inline std::string codes(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += (text.empty() ? "" : " ") + d.code;
  return text;
}

inline std::string all_text(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += to_string(d) + "\n";
  return text;
}

inline bool stops(const Diagnostics& diagnostics) {
  try {
    diagnostics.stop_if_any();
  } catch (const UserError&) {
    return true;
  }
  return false;
}

// Reads the file cut off after each of its bytes: each time an error (binary formats), or perhaps a
// shorter recording (`text`: a number cut off is still a number); never a crash, never silence.
inline void expect_each_prefix_refused(const TemporaryFolder& folder, const std::string& name,
                                       const std::string& bytes, const ReadOptions& options,
                                       bool text) {
  for (size_t n = 0; n < bytes.size(); ++n) {
    const auto file = folder.write(name, bytes.substr(0, n));
    Diagnostics diagnostics;
    const auto recordings = read_recordings(file, "", options, diagnostics);
    const bool refused = !diagnostics.errors().empty();
    EXPECT_TRUE(refused || (text && !recordings.empty())) << name << " cut after " << n << " bytes";
    EXPECT_EQ(refused, stops(diagnostics));
  }
}

// Flips every byte to a few values; a damaged file may be refused or read differently, but nothing
// may crash, and what is read must be whole rows.
inline void expect_no_crash_when_damaged(const TemporaryFolder& folder, const std::string& name,
                                         const std::string& bytes, const ReadOptions& options) {
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int value : {0x00, 0x7f, 0xff, bytes[at] ^ 1}) {
      std::string damaged = bytes;
      damaged[at] = char(value);
      Diagnostics diagnostics;
      for (const Recording& r :
           read_recordings(folder.write(name, damaged), "", options, diagnostics)) {
        ASSERT_EQ(r.values.size() % r.axes.size(), 0u) << name << " byte " << at;
        ASSERT_GT(r.rate_hz, 0) << name << " byte " << at;
      }
    }
  }
}

}  // namespace mote
