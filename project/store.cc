// SPDX-License-Identifier: Apache-2.0
// See store.h.
#include "project/store.h"

#include <fstream>
#include <sstream>

#include "graph/text.h"
#include "graph/verify.h"
#include "ops/registry.h"

namespace mote {

namespace fs = std::filesystem;

Store store_of(const fs::path& project) { return {project / "build"}; }

namespace {

// "build/" and "build" are the same folder.
fs::path without_slash(const fs::path& folder) {
  const fs::path normal = folder.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

StagedFolder::StagedFolder(fs::path folder)
    : folder_(without_slash(folder)), part_(folder_.string() + ".part") {
  std::error_code error;
  fs::remove_all(part_, error);
  fs::create_directories(part_, error);
  if (error)
    fail("cannot-write", folder_.string(), "the folder cannot be written: " + error.message(),
         "check the disk and the folder's rights");
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  fs::remove_all(part_, ignored);
}

void StagedFolder::commit() {
  const fs::path old = folder_.string() + ".old";
  fs::remove_all(old);
  if (fs::exists(folder_)) fs::rename(folder_, old);
  fs::rename(part_, folder_);
  fs::remove_all(old);
}

void check_writable(const fs::path& path) {
  const fs::path beside = path.string() + ".part";
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (!error && fs::is_directory(path)) error = std::make_error_code(std::errc::is_a_directory);
  if (error || !std::ofstream(beside, std::ios::binary))
    fail("cannot-write", path.string(),
         "the file cannot be written" + (error ? ": " + error.message() : ""),
         "check the disk and the folder's rights");
  fs::remove(beside, error);
}

void write_file(const fs::path& path, const std::string& text) {
  check_writable(path);
  const fs::path beside = path.string() + ".part";
  std::ofstream out(beside, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out) fs::rename(beside, path, error);
  if (!out || error)
    fail("cannot-write", path.string(), "the file cannot be written",
         "check the disk and the folder's rights");
}

std::string read_file(const fs::path& path, const std::string& remedy) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot-read", path.string(), "the file is not there or cannot be read", remedy);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Graph read_graph(const fs::path& path, Diagnostics& diagnostics) {
  const std::string text = read_file(path, "run `mote train` first");
  Graph graph = parse_graph(text, path.string(), all_ops(), diagnostics);
  diagnostics.stop_if_any();
  verify(graph, diagnostics);
  diagnostics.stop_if_any();
  return graph;
}

}  // namespace mote
