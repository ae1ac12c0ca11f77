// SPDX-License-Identifier: Apache-2.0
// A folder of its own for passing files, gone with the object. In: where to make it. Out: its path,
// and what is written into it.
#pragma once
#include <filesystem>
#include <string_view>

namespace mote {

class ScratchFolder {
 public:
  // In the system's temporary folder, or in `under`. Fails ("cannot-write").
  ScratchFolder();
  explicit ScratchFolder(const std::filesystem::path& under);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path path(std::string_view name) const { return path_ / name; }

  // Makes the folders on the way to `name`; returns the file's path.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const;

 private:
  std::filesystem::path path_;
};

}  // namespace mote
