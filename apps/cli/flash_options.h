// SPDX-License-Identifier: Apache-2.0
// What a model file may take of the flash: --compress and --flash-kb. In: options of a verb. Out: a
// compiled model that keeps them.
#pragma once
#include <optional>
#include <string>

#include "compiler/pipeline.h"

namespace CLI {
class App;
}

namespace mote {

struct FlashOptions {
  bool compress = false;
  std::optional<double> kb;
};
void add_flash_options(CLI::App* verb, FlashOptions& flash);
// A project has none of them.
void refuse_flash_of_project(const FlashOptions& flash);

// `board`: "" or "host" where none is named.
Compiled compile_with(const FlashOptions& flash, const Graph& graph, CompileOptions options,
                      const std::string& board, Diagnostics& diagnostics);

}  // namespace mote
