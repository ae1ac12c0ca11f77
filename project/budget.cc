// SPDX-License-Identifier: Apache-2.0
// See budget.h.
#include "project/budget.h"

#include <fmt/format.h>

#include <algorithm>

namespace mote {
namespace {

constexpr size_t kMostNamed = 3;

using Sizes = std::vector<std::pair<std::string, int64_t>>;

// "classifier/dense_1 10752, weights ... bytes": the largest few.
std::string largest(Sizes sizes) {
  std::stable_sort(sizes.begin(), sizes.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (size_t i = 0; i < sizes.size() && i < kMostNamed; ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", sizes[i].first, sizes[i].second);
  return text;
}

Sizes flash_by_layer(const FirmwareResult& result) {
  Sizes sizes;
  for (const LayerFigures& layer : result.layers) sizes.emplace_back(layer.name, layer.flash_bytes);
  return sizes;
}

Sizes ram_parts(const FirmwareResult& r) {
  return {{"arena", r.arena_bytes}, {"state", r.state_bytes}, {"stack", r.stack_bytes}};
}

Sizes tables_by_layer(const Plan& plan) {
  Sizes sizes;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    int64_t bytes = 0;
    for (const Bytes* table : tables_of(plan, int32_t(i))) bytes += int64_t(table->size());
    sizes.emplace_back(plan.graph.nodes[i].name, bytes);
  }
  return sizes;
}

// The line of [budget] in mote.toml.
std::string place_of_budget(const Config& config, const std::string& key) {
  Diagnostics ignored;
  Settings root = Settings::read(config.file, ignored);
  return root.table("budget").place(key);
}

struct Limit {
  const char* key;
  const char* what;
  double kb;
  int64_t bytes;
  Sizes parts;
  const char* hint;
};

void check(const Config& config, const Limit& limit, Diagnostics& diagnostics) {
  if (limit.kb <= 0 || double(limit.bytes) <= limit.kb * 1024) return;
  diagnostics.error(
      "over-budget", place_of_budget(config, limit.key),
      fmt::format("{} is {} bytes, the budget is {}; the largest parts: {} bytes", limit.what,
                  limit.bytes, int64_t(limit.kb * 1024), largest(limit.parts)),
      fmt::format("{} = {} would do, or {}", limit.key, (limit.bytes + 1023) / 1024, limit.hint));
}

// Known boards with more of the memory than `bytes`.
std::string boards_with(MemoryKind kind, uint64_t bytes) {
  std::string list;
  const auto folder = source_root() / "boards";
  for (const std::string& name : board_names(folder)) {
    Diagnostics ignored;
    const Board board = read_board(folder / (name + ".toml"), ignored);
    if (!ignored.errors().empty()) continue;
    const std::vector<const Memory*> usable = usable_memories(board, kind);
    if (std::any_of(usable.begin(), usable.end(),
                    [&](const Memory* memory) { return memory->bytes >= bytes; }))
      list += (list.empty() ? "" : ", ") + name;
  }
  return list;
}

}  // namespace

int64_t ram_for_model(const Config& config) {
  constexpr int64_t kStackBytes = 512;  // more than the models of MLPerf Tiny take
  const auto ram_bytes = int64_t(config.budget.ram_kb * 1024);
  return ram_bytes > 0 ? std::max<int64_t>(1, ram_bytes - kStackBytes) : 0;
}

void check_budget(const Config& config, const FirmwareResult& result, Diagnostics& diagnostics) {
  const BudgetConfig& budget = config.budget;
  check(config,
        {"ram_kb", "RAM", budget.ram_kb, result.ram_bytes, ram_parts(result),
         "a shorter window, a lower rate or smaller layers take less"},
        diagnostics);
  check(config,
        {"flash_kb", "flash", budget.flash_kb, result.flash_bytes, flash_by_layer(result),
         "smaller layers ([[model]] hidden, channels) take less"},
        diagnostics);
  if (budget.latency_ms > 0 && !result.cost.time_us)
    diagnostics.error("no-estimate", place_of_budget(config, "latency_ms"),
                      "the time of a decision is not estimated: " + result.cost.basis,
                      "leave latency_ms out, or build for a board whose core has published costs");
  const double latency_ms = result.cost.time_us.value_or(0) / 1000;
  if (budget.latency_ms > 0 && latency_ms > budget.latency_ms)
    diagnostics.error(
        "over-budget", place_of_budget(config, "latency_ms"),
        fmt::format("a decision is estimated at {:.2f} ms, the budget is {:g} ms", latency_ms,
                    budget.latency_ms),
        fmt::format("latency_ms = {:.0f} would do, or smaller layers, or a faster board",
                    latency_ms + 0.5));
  diagnostics.stop_if_any();
}

void explain_misfit(const Plan& plan, const Board& board, const std::vector<Misfit>& misfits,
                    Diagnostics& diagnostics) {
  for (const Misfit& misfit : misfits) {
    const auto memory = std::find_if(board.memories.begin(), board.memories.end(),
                                     [&](const Memory& m) { return m.name == misfit.memory; });
    if (memory == board.memories.end()) continue;
    const bool flash = memory->kind == MemoryKind::flash;
    const uint64_t needed = memory->bytes + misfit.bytes_over;
    const std::string parts =
        flash ? "the largest tables: " + largest(tables_by_layer(plan)) + " bytes"
              : fmt::format("the model alone takes {} bytes (arena {}, state {})", plan.ram_bytes(),
                            plan.arena_bytes, plan.state_bytes);
    const std::string boards = boards_with(memory->kind, needed);
    diagnostics.error(
        "memory-needed", board.name + ": " + misfit.memory,
        fmt::format("{} bytes are needed, the board has {}; {}", needed, memory->bytes, parts),
        boards.empty() ? "no known board has as much" : "these boards have enough: " + boards);
  }
}

}  // namespace mote
