// SPDX-License-Identifier: Apache-2.0
// See flash_budget.h. Layers decode their weights with about the same instructions a byte, so those
// that shrink most come first (compiler/passes/compress_weights.cc). What is linked is measured;
// what cannot fit by its tables alone is not linked.
#include "project/flash_budget.h"

#include <fmt/format.h>

#include <utility>

#include "graph/scratch_folder.h"
#include "project/firmware.h"
#include "project/link.h"

namespace mote {
namespace {

int64_t table_bytes(const Plan& plan) {
  int64_t bytes = 0;
  for (const Layer& layer : plan.layers)
    for (const KernelConstant& table : layer.call.constants) bytes += int64_t(table.data.size());
  return bytes;
}

int64_t linked_bytes(const Compiled& compiled, const std::string& board, Diagnostics& diagnostics) {
  const ScratchFolder work;
  const auto library = work.path("library");
  write_library(compiled.library, library);
  return link_library(compiled, board, library, diagnostics).flash_bytes;
}

}  // namespace

Compiled compile_within(const Graph& graph, CompileOptions options, const FlashLimit& limit,
                        Diagnostics& diagnostics) {
  const auto at_door = std::exchange(options.at_door, {});
  const auto with = [&](int32_t layers) {
    options.compressed_layers = layers;
    return compile(graph, options, diagnostics);
  };
  Compiled compiled = with(0);
  int64_t tables = table_bytes(compiled.plan);
  int64_t nearest = linked_bytes(compiled, limit.board, diagnostics);
  const int64_t code = nearest - tables;
  for (int32_t n = 1; nearest > limit.bytes; ++n) {
    Compiled smaller = with(n);
    const int64_t left = table_bytes(smaller.plan);
    if (left == tables) {
      nearest = linked_bytes(smaller, limit.board, diagnostics);
      fail(
          "over-budget", limit.place,
          fmt::format("flash of {} bytes is asked; with the weights of all layers compressed where "
                      "that saves something it is {}",
                      limit.bytes, nearest),
          fmt::format("--flash-kb {} would do, or smaller layers", (nearest + 1023) / 1024));
    }
    tables = left;
    nearest = code + tables;
    if (nearest <= limit.bytes) nearest = linked_bytes(smaller, limit.board, diagnostics);
  }
  options.at_door = at_door;
  return with(options.compressed_layers);
}

}  // namespace mote
