// SPDX-License-Identifier: Apache-2.0
// See import.h.
#include "compiler/import/import.h"

#include <cstring>
#include <fstream>

#include "graph/text.h"
#include "graph/verify.h"
#include "ops/registry.h"

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

// What mote itself wrote (mote quantize).
Graph read_graph_text(const ModelFile& file, Diagnostics& diagnostics) {
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  Graph graph = parse_graph(text, file.place, all_ops(), diagnostics);
  verify(graph, diagnostics);
  diagnostics.stop_if_any();
  if (graph.streams.size() != 1 || !graph.streams[0].axes.empty())
    fail("no-model", file.place, "this is the graph of a project, which takes sensor samples",
         "name the project's folder");
  return graph;
}

}  // namespace

ImportedModel import_model(const std::filesystem::path& path, const ImportOptions& options,
                           Diagnostics& diagnostics) {
  const Bytes bytes = read_file(path);
  const ModelFile file{bytes, path.stem().string(), path.string()};
  if (has_at(bytes, 4, "TFL3") || path.extension() == ".tflite")
    return {import_tflite(file, options, diagnostics), false};
  if (has_at(bytes, 4, "ET12") || path.extension() == ".pte")
    return {import_executorch(file, options, diagnostics), true};
  if (has_at(bytes, 0, "mote-graph ")) return {read_graph_text(file, diagnostics), false};
  if (path.extension() == ".onnx") return {import_onnx(file, options, diagnostics), true};
  if (path.extension() == ".pt" || path.extension() == ".ptl" || path.extension() == ".pth")
    return {import_torchscript(file, options, diagnostics), true};
  if (has_at(bytes, 0, "PK\3\4") || path.extension() == ".pt2")
    return {import_pt2(file, options, diagnostics), true};
  fail("unknown-format", path.string(), "this is no model that mote reads",
       "name a .tflite, .onnx, .pte, .pt2 or .pt file");
}

}  // namespace mote
