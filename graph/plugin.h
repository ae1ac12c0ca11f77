// SPDX-License-Identifier: Apache-2.0
// Finds and opens a shared library of mote that is only there where a large library is installed
// (libtorch). In: its file's name. Out: a handle for dlsym, or why there is none.
#pragma once
#include <string>

namespace mote {

struct Plugin {
  void* handle = nullptr;  // stays open
  std::string path;
  std::string problem;  // why `handle` is null
};

// Looked for where the environment variable says; then where an installation (bin/mote, lib/mote)
// and a build folder have it; then on the loader's path. Its symbols stay its own.
Plugin open_plugin(const char* file_name, const char* variable);

}  // namespace mote
