// SPDX-License-Identifier: Apache-2.0
// See flash_options.h.
#include "apps/cli/flash_options.h"

#include <CLI/CLI.hpp>

#include "project/flash_budget.h"

namespace mote {

void add_flash_options(CLI::App* verb, FlashOptions& flash) {
  verb->add_flag("--compress", flash.compress,
                 "of a model file: weights take as few bytes of flash as the core can decode; the "
                 "same answers, more instructions");
  verb->add_option("--flash-kb", flash.kb,
                   "of a model file: the image may take so many kB (1024 bytes) of the board's "
                   "flash; as few "
                   "layers as possible are compressed for that")
      ->check(CLI::PositiveNumber);
}

void refuse_flash_of_project(const FlashOptions& flash) {
  if (flash.compress || flash.kb)
    fail("not-a-model", flash.compress ? "--compress" : "--flash-kb",
         "a project's image is as its mote.toml says", "compile its model file");
}

Compiled compile_with(const FlashOptions& flash, const Graph& graph, CompileOptions options,
                      const std::string& board, Diagnostics& diagnostics) {
  if (flash.compress) options.compressed_layers = INT32_MAX;
  if (!flash.kb) return compile(graph, options, diagnostics);
  if (flash.compress)
    fail("two-limits", "--flash-kb", "--compress compresses every layer already",
         "give one of them");
  if (board.empty() || board == "host")
    fail("no-board", "--flash-kb", "there is no board whose image it could be", "add --board NAME");
  return compile_within(graph, options, {board, int64_t(*flash.kb * 1024), "--flash-kb"},
                        diagnostics);
}

}  // namespace mote
