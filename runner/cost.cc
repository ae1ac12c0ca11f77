// SPDX-License-Identifier: Apache-2.0
// Cost tables and the estimate; see cost.h. The anchors are in cost_anchors.cc.
#include "runner/cost.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace mote {
namespace {

using namespace mote_count;

constexpr const char* kCores[] = {"cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4f",
                                  "cortex-m7", "cortex-m33",    "cortex-m55"};
constexpr size_t kCoreCount = sizeof kCores / sizeof kCores[0];

// Cycles of one instruction of a class, with no wait states; a range stands for its middle (P = 2,
// divide 7), 0 for what the core cannot execute. Sources:
// M4: Arm's table (TI SWCU192): load 2, multiple 1+N, divide 2..12, taken branch 1+P, P = 1..3.
// M3: the same table: mla 2, smull 3..5, smlal 4..7.
// M0+: Arm DDI0484C, table 3.1. M0: Arm DDI0432: taken branch 3, bl 4. Their multiplier takes 1
// cycle or 32, which a board says (multiplier_cycles).
// M33: scheduled as the M4 by compilers.
// M7: in-order, two instructions a cycle when they pair; 0.7 for what pairs is an assumption.
// M55: a 128-bit operation takes two beats of one cycle. M85: by the M55's column; that it runs
// more of them side by side is in its scale.
struct ClassCost {
  Class kind;
  double cycles[kCoreCount];
};
// clang-format off
constexpr ClassCost kCosts[kClasses] = {
    //                   M0   M0+  M3   M4   M7   M33  M55
    {kLoad,             {2,   2,   2,   2,   0.7, 2,   1}},
    {kStore,            {2,   2,   1,   1,   0.7, 1,   1}},
    {kLoadMultiple,     {1,   1,   1,   1,   1,   1,   1}},   // and kWord for each word
    {kStoreMultiple,    {1,   1,   1,   1,   1,   1,   1}},
    {kMul,              {1,   1,   1,   1,   1,   1,   1}},
    {kMulLong,          {0,   0,   4,   1,   1,   1,   1}},
    {kMac,              {0,   0,   2,   1,   1,   1,   1}},
    {kMacLong,          {0,   0,   5.5, 1,   1,   1,   1}},
    {kDualMac,          {0,   0,   0,   1,   1,   1,   1}},
    {kDiv,              {0,   0,   7,   7,   7,   7,   7}},
    {kSatExt,           {1,   1,   1,   1,   0.7, 1,   1}},
    {kBranchTaken,      {3,   2,   3,   3,   1.5, 3,   2}},
    {kBranchNotTaken,   {1,   1,   1,   1,   0.7, 1,   1}},
    {kBranch,           {3,   2,   3,   3,   1,   3,   2}},
    {kCallReturn,       {4,   3,   3,   3,   2,   3,   2}},
    {kLoop,             {0,   0,   0,   0,   0,   0,   1}},
    {kFpLoad,           {0,   0,   0,   1,   0.5, 1,   0}},   // and kWord for each word
    {kFpStore,          {0,   0,   0,   1,   0.5, 1,   0}},
    {kFp,               {0,   0,   0,   1,   1,   1,   1}},
    {kFpMac,            {0,   0,   0,   3,   1,   3,   1}},
    {kFpDiv,            {0,   0,   0,  14,  14,  14,  14}},
    {kMveLoad,          {0,   0,   0,   0,   0,   0,   2}},
    {kMveStore,         {0,   0,   0,   0,   0,   0,   2}},
    {kMveMac,           {0,   0,   0,   0,   0,   0,   2}},
    {kMveMul,           {0,   0,   0,   0,   0,   0,   2}},
    {kMveOther,         {0,   0,   0,   0,   0,   0,   2}},
    {kOther,            {1,   1,   1,   1,   0.7, 1,   1}},
};
// Added for each word of a multiple load or store, and for a jump by a load (pop {pc}).
constexpr double kWord[kCoreCount]   = {1, 1, 1, 1, 0.5, 1, 1};
constexpr double kPcLoad[kCoreCount] = {3, 2, 2, 2, 2,   2, 2};
// clang-format on

constexpr bool costs_are_in_order() {
  for (int c = 0; c < kClasses; ++c)
    if (kCosts[c].kind != c) return false;
  return true;
}
static_assert(costs_are_in_order());

// The M4 without FPU runs integer code as the one with it.
std::string calibrated_as(const std::string& core) {
  return core == "cortex-m4" ? "cortex-m4f" : core;
}

// kCoreCount: in none.
size_t find_column(const std::string& core) {
  const std::string name = core == "cortex-m85" ? "cortex-m55" : calibrated_as(core);
  return size_t(std::find(std::begin(kCores), std::end(kCores), name) - std::begin(kCores));
}
size_t column_of(const std::string& core) {
  const size_t column = find_column(core);
  MOTE_ASSERT(column < kCoreCount);
  return column;
}

double predict(const Anchor& anchor, double scale) {
  return scale * published_cycles(anchor.core, anchor.counts) +
         anchor.flash_stall * anchor.flash_bytes;
}

double error_percent(const Anchor& anchor, double scale) {
  return 100 * (predict(anchor, scale) / anchor.cycles - 1);
}

// The scale that fits some anchors best: geometric mean, so that each counts alike whatever its
// size.
double fit(const std::vector<const Anchor*>& some) {
  double sum = 0;
  for (const Anchor* a : some)
    sum += std::log((a->cycles - a->flash_stall * a->flash_bytes) /
                    published_cycles(a->core, a->counts));
  return std::exp(sum / double(some.size()));
}

template <typename Keep>
std::vector<const Anchor*> anchors_where(Keep keep) {
  std::vector<const Anchor*> out;
  for (const Anchor& anchor : anchors())
    if (keep(anchor)) out.push_back(&anchor);
  return out;
}

// Error of an anchor, predicted by those of its core that `may_use` admits; none: there are none.
template <typename MayUse>
std::optional<double> error_from(const Anchor& held, MayUse may_use) {
  const auto rest =
      anchors_where([&](const Anchor& a) { return a.core == held.core && may_use(held, a); });
  if (rest.empty()) return {};
  return error_percent(held, fit(rest));
}

bool is_another(const Anchor& held, const Anchor& a) { return &held != &a; }
bool is_of_another_board(const Anchor& held, const Anchor& a) { return held.board != a.board; }

template <typename MayUse>
double worst_error(const std::string& core, MayUse may_use) {
  double worst = 0;
  for (const Anchor& held : anchors())
    if (held.core == core)
      worst = std::max(worst, std::fabs(error_from(held, may_use).value_or(0)));
  return worst;
}

// How far one anchor, or one board's anchors, can be off for others: the worst over all cores that
// can tell. One anchor is judged by those of its model: an autoencoder's says less of convolutions.
double worst_from_one_anchor(const std::string& model) {
  double worst = 0;
  for (const Anchor& one : anchors())
    for (const Anchor& other : anchors())
      if (one.core == other.core && one.model == model)
        worst = std::max(worst, std::fabs(error_percent(other, fit({&one}))));
  return worst;
}

double worst_from_another_board() {
  double worst = 0;
  for (const char* core : kCores) worst = std::max(worst, calibrate_cost(core).other_board_percent);
  return worst;
}

// Leave-one-out holds the kernel library fixed; another library's mix of instructions is off by
// more. Not measured.
constexpr double kOtherKernelsPercent = 10;

double error_bar(const Board& board, const CostCalibration& calibration) {
  const auto& boards = calibration.boards;
  const bool same_board = std::find(boards.begin(), boards.end(), board.name) != boards.end();
  const double fitted = calibration.anchors == 1
                            ? worst_from_one_anchor(calibration.models.front())
                            : std::max(calibration.leave_one_out_percent, kOtherKernelsPercent);
  return same_board ? fitted : std::max(fitted, worst_from_another_board());
}

std::string basis_of(const CostCalibration& calibration, const std::string& core) {
  if (!has_published_costs(core)) return "no costs of the instructions of " + core + " are known";
  if (calibration.anchors == 0) return "uncalibrated";
  std::string text =
      std::to_string(calibration.anchors) + " published latencies of CMSIS-NN on " + core + " (";
  for (size_t i = 0; i < calibration.boards.size(); ++i)
    text += (i ? ", " : "") + calibration.boards[i];
  return text + ")";
}

}  // namespace

bool has_published_costs(const std::string& core) { return find_column(core) < kCoreCount; }

double published_cycles(const std::string& core, const InstructionCounts& counts) {
  const size_t column = column_of(core);
  double cycles = kWord[column] * double(counts.load_words + counts.store_words) +
                  kPcLoad[column] * double(counts.pc_loads);
  for (const ClassCost& cost : kCosts)
    cycles += cost.cycles[column] * double(counts.by_class[cost.kind]);
  return cycles;
}

CostCalibration calibrate_cost(const std::string& core_name) {
  const std::string core = calibrated_as(core_name);
  const auto own = anchors_where([&](const Anchor& a) { return a.core == core; });
  CostCalibration out;
  out.anchors = int(own.size());
  if (own.empty()) return out;
  out.scale = fit(own);
  out.leave_one_out_percent = worst_error(core, is_another);
  out.other_board_percent = worst_error(core, is_of_another_board);
  for (const Anchor* anchor : own) {
    out.models.push_back(anchor->model);
    if (std::find(out.boards.begin(), out.boards.end(), anchor->board) == out.boards.end())
      out.boards.push_back(anchor->board);
  }
  return out;
}

std::optional<double> left_out_error_percent(const Anchor& anchor) {
  return error_from(anchor, is_another);
}

CostEstimate estimate_cost(const Board& board, const Workload& workload) {
  MOTE_ASSERT(workload.decisions > 0 && board.clock_mhz > 0);
  const CostCalibration calibration = calibrate_cost(board.core.name);
  CostEstimate out;
  out.instructions = double(workload.counts.instructions()) / workload.decisions;
  out.basis = basis_of(calibration, board.core.name);
  if (!has_published_costs(board.core.name)) return out;
  const double cycles = published_cycles(board.core.name, workload.counts) +
                        (board.multiplier_cycles - 1) * double(workload.counts.by_class[kMul]);
  out.cycles = calibration.scale * cycles / workload.decisions +
               board.flash_stall_per_byte * workload.flash_bytes +
               workload.stall_cycles / workload.decisions;
  if (calibration.anchors > 0) out.error_percent = error_bar(board, calibration);
  out.time_us = *out.cycles / board.clock_mhz;
  if (board.supply_v > 0 && board.current_ua_per_mhz > 0)  // uA/MHz = pC a cycle
    out.energy_uj = *out.cycles * board.current_ua_per_mhz * board.supply_v * 1e-6;
  return out;
}

}  // namespace mote
