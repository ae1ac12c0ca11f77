// SPDX-License-Identifier: Apache-2.0
// Which kernels a model file takes: --compress, --flash-kb, --tune. In: options of a verb. Out: a
// compiled model that keeps them, and what was measured for that.
#pragma once
#include <optional>
#include <string>

#include "project/tune.h"

namespace CLI {
class App;
}

namespace mote {

struct KernelOptions {
  bool compress = false;
  bool tune = false;
  std::optional<double> flash_kb;
};
void add_kernel_options(CLI::App* verb, KernelOptions& kernels);
// A project is built with them (`mote build --tune`, [budget] flash_kb) or not at all.
void refuse_kernels_of_project(const KernelOptions& kernels);

struct KernelRequest {
  const Graph* graph = nullptr;
  CompileOptions options;
  std::string board;  // "" or "host" where none is named
  std::string out;    // folder in which kernels.toml is remembered; "": nowhere
  std::function<std::vector<Playback>()> playbacks;
  std::function<void(const std::string&, double)> progress;
};
Tuned compile_with(const KernelOptions& kernels, const KernelRequest& request,
                   Diagnostics& diagnostics);

}  // namespace mote
