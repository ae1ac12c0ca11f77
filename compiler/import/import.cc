// SPDX-License-Identifier: Apache-2.0
// See import.h.
#include "compiler/import/import.h"

#include <cstring>
#include <fstream>

namespace mote {
namespace {

constexpr uintmax_t kMostFileBytes = uintmax_t(256) << 20;

Bytes read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    fail("no-model", path.string(), "there is no such file", "name a model file");
  const uintmax_t size = std::filesystem::file_size(path, ignored);
  if (size > kMostFileBytes)
    fail("too-large", path.string(), "the file is larger than 256 MB",
         "mote is for microcontrollers; use a smaller model");
  Bytes bytes(static_cast<size_t>(size));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), std::streamsize(size));
  if (!file || file.gcount() != std::streamsize(size))
    fail("unreadable", path.string(), "the file cannot be read", "check its permissions");
  return bytes;
}

bool has_at(const Bytes& bytes, size_t at, const char* text) {
  const size_t n = std::strlen(text);
  return bytes.size() >= at + n && std::memcmp(bytes.data() + at, text, n) == 0;
}

}  // namespace

bool has_integer_pairs(const std::filesystem::path& path) {
  return path.extension() == ".onnx" || path.extension() == ".pt2";
}

Graph import_model(const std::filesystem::path& path, const ImportOptions& options,
                   Diagnostics& diagnostics) {
  const Bytes bytes = read_file(path);
  const std::string name = path.stem().string();
  if (has_at(bytes, 4, "TFL3") || path.extension() == ".tflite")
    return import_tflite({bytes, name, path.string()}, options, diagnostics);
  if (has_at(bytes, 4, "ET12") || path.extension() == ".pte")
    return import_executorch({bytes, name, path.string()}, options, diagnostics);
  if (path.extension() == ".onnx")
    return import_onnx({bytes, name, path.string()}, options, diagnostics);
  fail("unknown-format", path.string(), "this is no model that mote reads",
       "name a .tflite, .onnx or .pte file");
}

}  // namespace mote
