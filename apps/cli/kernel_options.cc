// SPDX-License-Identifier: Apache-2.0
// See kernel_options.h.
#include "apps/cli/kernel_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "project/build.h"
#include "project/store.h"

namespace mote {

void add_kernel_options(CLI::App* verb, KernelOptions& kernels) {
  verb->add_flag("--compress", kernels.compress,
                 "of a model file: weights take as few bytes of flash as the core can decode; the "
                 "same answers, more instructions");
  verb->add_option("--flash-kb", kernels.flash_kb,
                   "of a model file: the image may take so many kB (1024 bytes) of the board's "
                   "flash; where it is larger, kernels are measured and those of fewest cycles "
                   "taken that keep it")
      ->check(CLI::PositiveNumber);
  verb->add_flag(
      "--tune", kernels.tune,
      "of a model file: try every kernel of every layer on the board's emulated core and "
      "take those of fewest estimated cycles; remembered in kernels.toml of --out");
}

void refuse_kernels_of_project(const KernelOptions& kernels) {
  if (kernels.tune)
    fail("not-a-model", "--tune", "a project has the kernels that it was built with",
         "run `mote build PROJECT --tune`");
  if (kernels.compress || kernels.flash_kb)
    fail("not-a-model", kernels.compress ? "--compress" : "--flash-kb",
         "a project's image is as its mote.toml says",
         "give flash_kb in its [budget], or compile its model file");
}

Tuned compile_with(const KernelOptions& kernels, const KernelRequest& request,
                   Diagnostics& diagnostics) {
  TuneRequest tune;
  tune.graph = request.graph;
  tune.options = request.options;
  tune.options.compress = kernels.compress;
  if (!kernels.flash_kb && !kernels.tune) return {compile(*tune.graph, tune.options, diagnostics)};
  const std::string option = kernels.tune ? "--tune" : "--flash-kb";
  if (kernels.compress)
    fail("two-limits", option, "--compress compresses every layer already", "give one of them");
  if (request.board.empty() || request.board == "host")
    fail("no-board", option, "there is no board whose image it could be", "add --board NAME");
  const Board board = board_named(request.board, "--board", diagnostics);
  tune.board = &board;
  tune.playbacks = request.playbacks;
  tune.progress = request.progress;
  tune.only_for_flash = !kernels.tune;
  if (kernels.flash_kb) tune.flash_bytes = int64_t(*kernels.flash_kb * 1024);
  if (!request.out.empty()) tune.remembered = Store{request.out}.kernels();
  Tuned tuned = compile_tuned(tune, diagnostics);
  if (tuned.flash_bytes > tune.flash_bytes)
    fail("over-budget", "--flash-kb",
         fmt::format("flash of {} bytes is asked; with the smallest kernels of all layers it is {}",
                     tune.flash_bytes, tuned.flash_bytes),
         fmt::format("--flash-kb {} would do, or smaller layers",
                     (tuned.flash_bytes + 1023) / 1024));
  return tuned;
}

}  // namespace mote
