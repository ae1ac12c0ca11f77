// SPDX-License-Identifier: Apache-2.0
// See scratch_folder.h.
#include "graph/scratch_folder.h"

#include <stdlib.h>

#include <fstream>

#include "graph/diagnostics.h"

namespace fs = std::filesystem;

namespace mote {

ScratchFolder::ScratchFolder() : ScratchFolder(fs::temp_directory_path()) {}

ScratchFolder::ScratchFolder(const fs::path& under) {
  std::string name = (under / "mote_XXXXXX").string();
  if (!mkdtemp(name.data()))
    fail("cannot-write", under.string(), "no folder can be made there",
         "free some space, or set TMPDIR");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path ScratchFolder::write(std::string_view name, std::string_view bytes) const {
  const fs::path file = path(name);
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
  return file;
}

}  // namespace mote
