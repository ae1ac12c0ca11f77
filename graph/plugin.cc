// SPDX-License-Identifier: Apache-2.0
// See plugin.h.
#include "graph/plugin.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>
#include <vector>

namespace mote {
namespace {

std::string find(const char* file_name, const char* variable) {
  namespace fs = std::filesystem;
  if (const char* given = std::getenv(variable)) return given;
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (int level = 0; level < 3 && !folder.empty(); ++level, folder = folder.parent_path())
    for (const char* place : {"", "lib/mote", "plugins"})
      if (fs::exists(folder / place / file_name, error))
        return (folder / place / file_name).string();
  return file_name;
}

// libgomp's threads otherwise spin while they wait, which on a busy machine made training 30 times
// slower. libgomp reads this once, when it is loaded.
void let_idle_threads_sleep() { setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0); }

}  // namespace

Plugin open_plugin(const char* file_name, const char* variable) {
  let_idle_threads_sleep();
  Plugin plugin;
  plugin.path = find(file_name, variable);
  // RTLD_LOCAL: libtorch brings its own protobuf and more, which must not meet ours.
  plugin.handle = dlopen(plugin.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!plugin.handle) plugin.problem = dlerror();
  return plugin;
}

}  // namespace mote
