// SPDX-License-Identifier: Apache-2.0
// See budget.h. Loops are made for each end and each number of rows; what one would take is
// estimated from its windows and from the plan of whole layers, so that few are planned.
#include "compiler/budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/registry.h"

namespace mote {
namespace {

constexpr int64_t kMostRows = 4;     // of the last layer, a step
constexpr int32_t kMostLayers = 48;  // of a loop
// Without a budget: parts of the model's multiply-accumulates that it may cost, of its bytes that
// it must save.
constexpr double kMostCost = 0.04, kLeastSaved = 0.1;
constexpr size_t kMostPlans = 4;  // the estimates are near

// In multiply-accumulates, as on a Cortex-M4: a byte that a layer without a sum over channels reads
// and unfolds again, a byte that is copied.
constexpr double kReadAgain = 2, kMoved = 0.4;

struct Candidate {
  RowLoop loop;
  int64_t bytes = 0;  // estimate
  int64_t cost = 0;
};

int64_t steps_of(const RowLoop& loop, const RowWindow& window) {
  int64_t steps = 0;
  for (int32_t step = loop.begin; step < loop.end; ++step) steps += window.has_rows(step);
  return steps;
}

// Of the arena: the windows and the whole values, of which the result lies over the source as it
// is used up, or what layers outside take.
int64_t estimate(const Plan& whole, const RowLoop& loop) {
  int64_t windows = whole.graph.value(loop.result().value).bytes();
  const Location& source = whole.locations[size_t(loop.source().value)];
  if (source.region == Region::arena && !loop.comes_by_rows)
    windows = std::max(windows, whole.graph.value(loop.source().value).bytes());
  for (size_t v = 0; v + 1 < loop.values.size(); ++v) windows += loop.values[v].bytes();
  for (const Layer& layer : whole.layers)
    if (!loop.has(layer.node)) windows = std::max(windows, layer.arena_load);
  return windows;
}

// Loops that hold every layer at which the arena is fullest: another would leave it as large.
std::vector<Candidate> candidates(const Plan& whole) {
  std::vector<Candidate> all;
  const auto layers = int32_t(whole.layers.size());
  int32_t fullest = 0, last_fullest = 0;
  for (int32_t l = 1; l < layers; ++l) {
    const int64_t more =
        whole.layers[size_t(l)].arena_load - whole.layers[size_t(fullest)].arena_load;
    if (more > 0) fullest = l;
    if (more >= 0) last_fullest = l;
  }
  for (int32_t first = std::max(0, last_fullest - kMostLayers + 1); first <= fullest; ++first)
    for (int32_t last = std::max(first + 1, last_fullest);
         last < std::min(layers, first + kMostLayers); ++last)
      for (int64_t rows = 1; rows <= kMostRows; ++rows)
        for (const bool is_aligned : {false, true})
          if (auto loop = make_row_loop(whole.graph, {first, last, rows, is_aligned})) {
            const int64_t bytes = estimate(whole, *loop), cost = cost_of(whole.graph, *loop);
            if (bytes < whole.arena_bytes) all.push_back({std::move(*loop), bytes, cost});
          }
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair(a.cost, a.bytes) < std::pair(b.cost, b.bytes);
  });
  return all;
}

int64_t macs_of(const Plan& plan) {
  int64_t macs = 0;
  for (const Layer& layer : plan.layers) macs += layer.macs;
  return macs;
}

void sort_by_bytes(std::vector<Candidate>& all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.bytes < b.bytes; });
}

class Chooser {
 public:
  Chooser(const Graph& graph, InstructionSet core, const KernelChoices& choices)
      : graph_(graph), core_(core), choices_(choices) {
    whole_ = chosen_ = make_plan(graph, core, {}, choices);
  }

  // The least memory of those that cost hardly anything.
  Plan cheap() {
    std::vector<Candidate> all = candidates(whole_);
    const auto most_cost = int64_t(kMostCost * double(macs_of(whole_)));
    std::erase_if(all, [&](const Candidate& c) { return c.cost > most_cost; });
    take_smallest(all);
    const bool is_worth_it =
        double(chosen_.model_bytes) <= (1 - kLeastSaved) * double(whole_.model_bytes);
    return std::move(is_worth_it ? chosen_ : whole_);
  }

  // The least cost of those that are small enough, else the least memory. Where none is, the
  // sample, which is there as a whole else, comes by rows.
  Plan within(int64_t ram_bytes) {
    std::vector<Candidate> all = candidates(whole_);
    take_first_within(all, ram_bytes);
    if (chosen_.model_bytes <= ram_bytes) return std::move(chosen_);
    std::erase_if(all, [&](const Candidate& c) { return !may_come_by_rows(graph_, c.loop); });
    for (Candidate& c : all) c.loop.comes_by_rows = true, c.bytes = estimate(whole_, c.loop);
    take_first_within(all, ram_bytes);
    return std::move(chosen_);
  }

 private:
  void take_first_within(std::vector<Candidate> all, int64_t ram_bytes) {
    for (const Candidate& c : all)
      if (c.bytes <= ram_bytes && chosen_.model_bytes > ram_bytes) take_if_smaller(c);
    if (chosen_.model_bytes > ram_bytes) take_smallest(std::move(all));
  }

  void take_smallest(std::vector<Candidate> all) {
    sort_by_bytes(all);
    for (size_t i = 0; i < std::min(all.size(), kMostPlans); ++i) take_if_smaller(all[i]);
  }

  void take_if_smaller(const Candidate& candidate) {
    if (candidate.bytes >= chosen_.model_bytes) return;
    Plan plan = make_plan(graph_, core_, candidate.loop, choices_);
    plan.bytes_of_whole_layers = whole_.model_bytes;
    if (plan.model_bytes < chosen_.model_bytes) chosen_ = std::move(plan);
  }

  const Graph& graph_;
  InstructionSet core_;
  const KernelChoices& choices_;
  Plan whole_;
  Plan chosen_;
};

}  // namespace

int64_t cost_of(const Graph& graph, const RowLoop& loop) {
  double cost = 0;
  for (size_t v = 0; v + 1 < loop.values.size(); ++v)
    cost += kMoved * double(loop.end - loop.begin) * loop.values[v].window.kept_bytes();
  const RowWindow& source = loop.source().window;
  cost += kMoved * double(source.rows) * source.row_bytes;
  for (int32_t l = loop.first; l <= loop.last; ++l) {
    const Node& node = graph.nodes[size_t(l)];
    const NodeView view(graph, node);
    const int64_t macs = node.op->macs ? node.op->macs(view) : 0;
    cost += double(macs_by_rows(graph, loop, l) - macs);
    const Value& in = graph.value(node.inputs[0]);
    if (node.op == &conv_2d_op || !loop.in_window(node.inputs[0])) continue;
    const RowsRead rows = rows_read(graph, loop, l, node.inputs[0]);
    const int64_t read = steps_of(loop, loop.of_layer(l).window) * rows.rows *
                         loop.in_window(node.inputs[0])->window.row_bytes;
    cost += kReadAgain * double(std::max<int64_t>(0, read - in.bytes()));
  }
  return int64_t(cost);
}

Plan plan_within(const Graph& graph, InstructionSet core, int64_t ram_bytes,
                 const KernelChoices& choices) {
  Chooser chooser(graph, core, choices);
  return ram_bytes > 0 ? chooser.within(ram_bytes) : chooser.cheap();
}

Plan in_two_memories(Plan plan, const NearMemory& near) {
  if (plan.model_bytes <= near.bytes) return plan;
  Plan two = make_plan(plan.graph, near.core, plan.loop, near.choices, near.bytes);
  two.bytes_of_whole_layers = plan.bytes_of_whole_layers;
  return two;
}

void check_ram(const Plan& plan, int64_t ram_bytes, Diagnostics& diagnostics) {
  if (ram_bytes <= 0 || plan.ram_bytes() <= ram_bytes) return;
  diagnostics.error("over-budget", plan.graph.name,
                    fmt::format("the model takes at least {} bytes of RAM, the budget is {}",
                                plan.ram_bytes(), ram_bytes),
                    fmt::format("--ram-kb {} would do, or a smaller input or smaller layers",
                                (plan.ram_bytes() + 1023) / 1024));
  diagnostics.stop_if_any();
}

std::string words_of_rows(const Plan& plan) {
  if (!plan.loop) return "";
  const RowLoop& loop = *plan.loop;
  int64_t whole = 0;
  for (const Node& node : plan.graph.nodes)
    whole += node.op->macs ? node.op->macs(NodeView(plan.graph, node)) : 0;
  const int32_t rows = loop.result().window.fresh;
  return fmt::format(
      "layers {} to {} run by rows, {} of the last one's at a time: {:.2f}x MACs, "
      "{} -> {} bytes{}",
      loop.first, loop.last, rows, double(macs_of(plan)) / double(whole),
      plan.bytes_of_whole_layers, plan.ram_bytes(),
      loop.comes_by_rows ? "; the input comes by rows, and is not in memory as a whole" : "");
}

}  // namespace mote
