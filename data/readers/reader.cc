// SPDX-License-Identifier: Apache-2.0
// The table of readers and the choice among them. See reader.h.
#include "data/readers/reader.h"

#include <algorithm>
#include <fstream>

#include "data/readers/csv.h"
#include "data/readers/edge_impulse.h"
#include "data/readers/npy.h"
#include "data/readers/npz.h"
#include "data/readers/ts.h"
#include "data/readers/wav.h"

namespace mote {
namespace {

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return extension;
}

std::string first_bytes(const std::filesystem::path& path, size_t n) {
  std::string bytes(n, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), std::streamsize(n));
  bytes.resize(size_t(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

std::string formats() {
  std::string text;
  for (const Reader& reader : readers()) {
    text += (text.empty() ? "" : ", ") + std::string(reader.format);
  }
  return text;
}

}  // namespace

const std::vector<Reader>& readers() {
  static const std::vector<Reader> table = {
      {"csv", {".csv", ".tsv", ".txt"}, "", read_csv},
      {"wav", {".wav"}, "RIFF", read_wav},
      {"edge-impulse-json", {".json"}, "", read_edge_impulse_json},
      {"edge-impulse-cbor", {".cbor"}, "", read_edge_impulse_cbor},
      {"ts", {".ts"}, "@problemName", read_ts},
      {"npy", {".npy"}, "\x93NUMPY", read_npy},
      {"npz", {".npz"}, "PK\x03\x04", read_npz},
  };
  return table;
}

const Reader* find_reader(const std::filesystem::path& path, std::string_view format) {
  const std::string extension = lower_extension(path);
  for (const Reader& reader : readers()) {
    if (!format.empty() && reader.format == format) return &reader;
    const bool known = std::count(reader.extensions.begin(), reader.extensions.end(), extension);
    if (format.empty() && known) return &reader;
  }
  if (!format.empty()) return nullptr;
  const std::string head = first_bytes(path, 16);
  for (const Reader& reader : readers()) {
    if (!reader.magic.empty() && head.starts_with(reader.magic)) return &reader;
  }
  return nullptr;
}

std::vector<Recording> read_recordings(const std::filesystem::path& path, std::string_view format,
                                       const ReadOptions& options, Diagnostics& diagnostics) {
  const Reader* reader = find_reader(path, format);
  if (reader) return reader->read(path, options, diagnostics);
  const std::string what = format.empty() ? "no reader knows this kind of file"
                                          : "there is no format \"" + std::string(format) + "\"";
  diagnostics.error("unknown-format", path.string(), what,
                    "set data.format to one of: " + formats());
  return {};
}

std::optional<std::string> read_bytes(const std::filesystem::path& path, Diagnostics& diagnostics) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  std::ifstream file(path, std::ios::binary);
  if (!regular || !file) {
    diagnostics.error("unreadable-file", path.string(), "cannot be opened for reading",
                      "check that the file exists and may be read");
    return std::nullopt;
  }
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file.bad()) return bytes;
  diagnostics.error("unreadable-file", path.string(), "reading stopped with an error of the disk");
  return std::nullopt;
}

std::string recording_name(const std::filesystem::path& path, const ReadOptions& options) {
  return options.name.empty() ? path.filename().string() : options.name;
}

}  // namespace mote
