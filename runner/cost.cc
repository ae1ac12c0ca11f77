// SPDX-License-Identifier: Apache-2.0
// Cost tables and the estimate; see cost.h. The anchors are in cost_anchors.cc.
#include "runner/cost.h"

#include <algorithm>
#include <cmath>

namespace mote {
namespace {

using namespace mote_count;

// Cycles of one instruction of each class, in the order of mote_count::Class, with no wait states. `word` is added
// for each word of a multiple load or store, `pc_load` for a jump by a load.
struct CoreCosts {
  const char* core;
  double of[kClasses];
  double word, pc_load;
};

// Sources. M4: Arm's table (TI SWCU192): load 2, multiple 1+N, divide 2..12, taken branch 1+P with P = 1..3.
// M3: the same table, mla 2, smull 3..5, smlal 4..7. M0+: Arm DDI0484C table 3.1. M0: Arm DDI0432, taken branch 3,
// bl 4; both with the one-cycle multiplier. M33: scheduled as the M4 by compilers. M55: a 128-bit operation takes
// two beats of one cycle. M7: in-order, two instructions a cycle when they pair; 0.7 for what pairs is an assumption.
// A range stands for its middle: P = 2, divide 7.
constexpr CoreCosts kCosts[] = {
    //                 load st ldm stm mul mulL mac macL dual div ext taken not b call loop fld fst fp mac div
    //                 mve: load store mac mul other | other
    {"cortex-m0", {2, 2, 1, 1, 1, 0, 0, 0, 0, 0, 1, 3, 1, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1, 3},
    {"cortex-m0plus", {2, 2, 1, 1, 1, 0, 0, 0, 0, 0, 1, 2, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1, 2},
    {"cortex-m3", {2, 1, 1, 1, 1, 4, 2, 5.5, 0, 7, 1, 3, 1, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1, 2},
    {"cortex-m4", {2, 1, 1, 1, 1, 1, 1, 1, 1, 7, 1, 3, 1, 3, 3, 0, 1, 1, 1, 3, 14, 0, 0, 0, 0, 0, 1}, 1, 2},
    {"cortex-m4f", {2, 1, 1, 1, 1, 1, 1, 1, 1, 7, 1, 3, 1, 3, 3, 0, 1, 1, 1, 3, 14, 0, 0, 0, 0, 0, 1}, 1, 2},
    {"cortex-m7",
     {0.7, 0.7, 1, 1, 1, 1, 1, 1, 1, 7, 0.7, 1.5, 0.7, 1, 2, 0, 0.5, 0.5, 1, 1, 14, 0, 0, 0, 0, 0, 0.7},
     0.5, 2},
    {"cortex-m33", {2, 1, 1, 1, 1, 1, 1, 1, 1, 7, 1, 3, 1, 3, 3, 0, 1, 1, 1, 3, 14, 0, 0, 0, 0, 0, 1}, 1, 2},
    {"cortex-m55", {1, 1, 1, 1, 1, 1, 1, 1, 1, 7, 1, 2, 1, 2, 2, 1, 0, 0, 1, 1, 14, 2, 2, 2, 2, 2, 1}, 1, 2},
};

const CoreCosts* costs_of(const std::string& core) {
  for (const CoreCosts& costs : kCosts)
    if (core == costs.core) return &costs;
  return nullptr;
}

// A core that differs from one with anchors only in its FPU uses them: the anchors' kernels are integer.
std::string anchored_as(const std::string& core) { return core == "cortex-m4" ? "cortex-m4f" : core; }

double predict(const Anchor& anchor, double scale) {
  return scale * published_cycles(anchor.core, anchor.counts) + anchor.flash_stall * anchor.flash_bytes;
}

double error_percent(const Anchor& anchor, double scale) {
  return 100 * std::fabs(predict(anchor, scale) / anchor.cycles - 1);
}

// The scale that fits some anchors best: geometric mean, so that each counts alike whatever its size.
double fit(const std::vector<const Anchor*>& some) {
  double sum = 0;
  for (const Anchor* a : some)
    sum += std::log((a->cycles - a->flash_stall * a->flash_bytes) / published_cycles(a->core, a->counts));
  return std::exp(sum / double(some.size()));
}

template <typename Keep>
std::vector<const Anchor*> anchors_where(Keep keep) {
  std::vector<const Anchor*> out;
  for (const Anchor& anchor : anchors())
    if (keep(anchor)) out.push_back(&anchor);
  return out;
}

// Worst error of each anchor of `core`, predicted by those of the same core that `may_use` admits for it.
template <typename MayUse>
double worst_error(const std::string& core, MayUse may_use) {
  double worst = 0;
  for (const Anchor& held : anchors()) {
    if (held.core != core) continue;
    const auto rest = anchors_where([&](const Anchor& a) { return a.core == core && may_use(held, a); });
    if (!rest.empty()) worst = std::max(worst, error_percent(held, fit(rest)));
  }
  return worst;
}

// How far one anchor, or one board's anchors, can be off for others: the worst over all cores that can tell.
double worst_from_one_anchor() {
  double worst = 0;
  for (const Anchor& one : anchors())
    for (const Anchor& other : anchors())
      if (one.core == other.core) worst = std::max(worst, error_percent(other, fit({&one})));
  return worst;
}

double worst_from_another_board() {
  double worst = 0;
  for (const CoreCosts& costs : kCosts) worst = std::max(worst, calibrate_cost(costs.core).other_board_percent);
  return worst;
}

// Leave-one-out holds the kernel library fixed; another library's mix of instructions is off by more. Not measured.
constexpr double kOtherKernelsPercent = 10;

double error_bar(const Board& board, const CostCalibration& calibration) {
  if (calibration.anchors == 1) return worst_from_one_anchor();
  const auto& boards = calibration.boards;
  const bool same_board = std::find(boards.begin(), boards.end(), board.name) != boards.end();
  const double fitted = std::max(calibration.leave_one_out_percent, kOtherKernelsPercent);
  return same_board ? fitted : std::max(fitted, worst_from_another_board());
}

std::string basis_of(const CostCalibration& calibration, const std::string& core) {
  if (calibration.anchors == 0) return "uncalibrated";
  std::string text = std::to_string(calibration.anchors) + " published latencies of CMSIS-NN on " + core + " (";
  for (size_t i = 0; i < calibration.boards.size(); ++i) text += (i ? ", " : "") + calibration.boards[i];
  return text + ")";
}

}  // namespace

double published_cycles(const std::string& core, const InstructionCounts& counts) {
  const CoreCosts* costs = costs_of(core);
  MOTE_ASSERT(costs);
  double cycles = costs->word * double(counts.load_words + counts.store_words) + costs->pc_load * double(counts.pc_loads);
  for (int c = 0; c < kClasses; ++c) cycles += costs->of[c] * double(counts.by_class[size_t(c)]);
  return cycles;
}

CostCalibration calibrate_cost(const std::string& core_name) {
  const std::string core = anchored_as(core_name);
  const auto own = anchors_where([&](const Anchor& a) { return a.core == core; });
  CostCalibration out;
  out.anchors = int(own.size());
  if (own.empty()) return out;
  out.scale = fit(own);
  out.leave_one_out_percent = worst_error(core, [](const Anchor& held, const Anchor& a) { return &held != &a; });
  out.other_board_percent = worst_error(core, [](const Anchor& held, const Anchor& a) { return held.board != a.board; });
  for (const Anchor* anchor : own)
    if (std::find(out.boards.begin(), out.boards.end(), anchor->board) == out.boards.end())
      out.boards.push_back(anchor->board);
  return out;
}

CostEstimate estimate_cost(const Board& board, const Workload& workload) {
  MOTE_ASSERT(workload.decisions > 0 && board.clock_mhz > 0);
  const CostCalibration calibration = calibrate_cost(board.core.name);
  CostEstimate out;
  out.instructions = double(workload.counts.instructions()) / workload.decisions;
  out.cycles = calibration.scale * published_cycles(board.core.name, workload.counts) / workload.decisions +
               board.flash_stall_per_byte * workload.flash_bytes;
  out.basis = basis_of(calibration, board.core.name);
  if (calibration.anchors > 0) out.error_percent = error_bar(board, calibration);
  out.time_us = out.cycles / board.clock_mhz;
  if (board.supply_v > 0 && board.current_ua_per_mhz > 0)  // uA/MHz = pC a cycle
    out.energy_uj = out.cycles * board.current_ua_per_mhz * board.supply_v * 1e-6;
  return out;
}

}  // namespace mote
