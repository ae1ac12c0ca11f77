// SPDX-License-Identifier: Apache-2.0
// The readers of recording files, one table row a format. In: a file and what the user said about
// it. Out: its recordings, in physical units, with gaps listed. A reader reports what it finds in
// Diagnostics with file and line (or byte) and returns what could be read; it never crashes on any
// bytes and opens nothing but that file.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/recording.h"
#include "graph/diagnostics.h"

namespace mote {

// What happens to missing samples. Readers only find them; kFail is the one policy that stops here.
enum class GapPolicy { kDrop, kHold, kInterpolate, kFail };

struct ReadOptions {
  std::string name;               // of the recording; "" = the file's name
  double rate_hz = 0;             // 0 = measured from the time column
  std::vector<std::string> axes;  // columns to keep, in this order; empty = every column of numbers
  std::vector<std::string> units;  // one an axis, over what the file says; empty = as in the file
  std::string
      time_column;  // "" = a column named time, timestamp, date, ...; "none" = there is none
  std::string label_column;  // "" = labels are not in the file
  GapPolicy missing = GapPolicy::kDrop;
  std::string hmac_key;  // Edge Impulse: verify the signature when given
};

using ReadFunction = std::vector<Recording> (*)(const std::filesystem::path&, const ReadOptions&,
                                                Diagnostics&);

struct Reader {
  std::string_view format;                   // name in mote.toml: data.format
  std::vector<std::string_view> extensions;  // ".csv", lower case
  std::string_view magic;                    // first bytes, "" = known by the extension alone
  ReadFunction read;
};

const std::vector<Reader>& readers();

// The reader by `format` ("" = by the file's extension, then by its first bytes); nullptr when none
// fits.
const Reader* find_reader(const std::filesystem::path& path, std::string_view format);

// Chooses the reader and reads one file. Problems are in `diagnostics`; the caller decides when to
// stop.
std::vector<Recording> read_recordings(const std::filesystem::path& path, std::string_view format,
                                       const ReadOptions& options, Diagnostics& diagnostics);

// All bytes of a file; an error and nothing when it cannot be read.
std::optional<std::string> read_bytes(const std::filesystem::path& path, Diagnostics& diagnostics);

// options.name, or the file's name.
std::string recording_name(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace mote
