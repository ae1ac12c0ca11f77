// SPDX-License-Identifier: Apache-2.0
// What a project keeps between verbs: PROJECT/build. Everything is text that can be read; a file is
// written beside and renamed, so a stopped run leaves no half file.
#pragma once
#include <filesystem>
#include <string>

#include "graph/graph.h"

namespace mote {

struct Store {
  std::filesystem::path folder;  // PROJECT/build

  std::filesystem::path float_graph() const { return folder / "float.graph.txt"; }
  std::filesystem::path graph() const { return folder / "model.graph.txt"; }
  std::filesystem::path quantization() const { return folder / "model.quant.txt"; }
  std::filesystem::path kernels() const { return folder / "kernels.toml"; }
  std::filesystem::path plan() const { return folder / "model.plan.txt"; }
  std::filesystem::path tflite(const std::string& head) const {
    return folder / (head + ".tflite");
  }
  std::filesystem::path data() const { return folder / "data.json"; }
  std::filesystem::path report() const { return folder / "report.json"; }
  std::filesystem::path report_text() const { return folder / "report.txt"; }
  std::filesystem::path page() const { return folder / "report.html"; }
  std::filesystem::path firmware() const { return folder / "firmware"; }
};

Store store_of(const std::filesystem::path& project);

// A folder that is replaced as a whole or not at all: what is written goes beside it ("build.part")
// until commit(). A run that fails or is stopped leaves the folder as it was; the next run throws
// away what a stopped one left beside it.
class StagedFolder {
 public:
  explicit StagedFolder(std::filesystem::path folder);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  const std::filesystem::path& path() const { return part_; }  // where to write
  void commit();

 private:
  std::filesystem::path folder_;
  std::filesystem::path part_;
};

// The folder is made where it is not there.
void write_file(const std::filesystem::path& path, const std::string& text);
// Fails as write_file would: asked before long work, so that nobody waits for a file that cannot be.
void check_writable(const std::filesystem::path& path);

// Fails with `remedy` where the file is not there.
std::string read_file(const std::filesystem::path& path, const std::string& remedy);

// A graph of the store; fails where it is not there ("run `mote train` first") or damaged.
Graph read_graph(const std::filesystem::path& path, Diagnostics& diagnostics);

}  // namespace mote
