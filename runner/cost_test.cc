// SPDX-License-Identifier: Apache-2.0
// The cost model: the tables by hand, the fit against an independent formula, and the leave-one-out
// error, which is printed and must not grow.
#include "runner/cost.h"

#include <cmath>
#include <cstdio>

#include "runner/cross_test.h"

namespace mote {
namespace {

using namespace mote_count;

Board toy_board(const std::string& core, const std::string& name = "toy") {
  Board board;
  board.name = name;
  board.core = *find_core(core);
  board.clock_mhz = 100;
  return board;
}

TEST(Cost, PublishedCyclesByHand) {
  InstructionCounts counts;
  counts.by_class[kLoad] = 10;          // 2 each
  counts.by_class[kStoreMultiple] = 2;  // 1 + words
  counts.store_words = 8;
  counts.by_class[kBranchTaken] = 5;  // 1 + P, P = 2
  counts.by_class[kBranchNotTaken] = 3;
  counts.by_class[kLoadMultiple] = 1;  // pop {r4, pc}: 1 + 2 + P
  counts.load_words = 2;
  counts.pc_loads = 1;
  counts.by_class[kOther] = 7;
  EXPECT_EQ(published_cycles("cortex-m4f", counts), 20 + 2 + 8 + 15 + 3 + 1 + 2 + 2 + 7);
  EXPECT_EQ(published_cycles("cortex-m0plus", counts), 20 + 2 + 8 + 10 + 3 + 1 + 2 + 2 + 7);
}

TEST(Cost, EveryCoreOfTheTableHasCosts) {
  for (const std::string& core : core_names()) {
    if (!has_published_costs(core)) continue;
    InstructionCounts counts;
    counts.by_class[kOther] = 100;
    EXPECT_GT(published_cycles(core, counts), 0) << core;
  }
}

// No class that a core can execute is free.
TEST(Cost, NoExecutableClassIsFree) {
  for (const std::string& core : core_names())
    for (int c = 0; c < kClasses; ++c) {
      if (!has_published_costs(core)) continue;
      const Core& about = *find_core(core);
      const bool small = core == "cortex-m0" || core == "cortex-m0plus";
      const bool absent = (c >= kMveLoad && c <= kMveOther && !about.has_mve) ||
                          (c == kLoop && !about.has_mve) ||
                          (c >= kFpLoad && c <= kFpDiv && !about.has_fpu) ||
                          (c == kDualMac && about.instruction_set < InstructionSet::dsp) ||
                          (small && (c == kMulLong || c == kMac || c == kMacLong || c == kDiv));
      if (absent) continue;
      InstructionCounts counts;
      counts.by_class[size_t(c)] = 1;
      counts.load_words = c == kFpLoad;
      counts.store_words = c == kFpStore;
      EXPECT_GT(published_cycles(core, counts), 0) << core << " " << class_name(c);
    }
}

TEST(Cost, OfACoreWithoutPublishedCostsOnlyInstructionsAreSaid) {
  Board board;
  board.core = *find_core("rv32imac");
  board.clock_mhz = 100;
  Workload work;
  work.counts.by_class[kLoad] = 10;
  const CostEstimate estimate = estimate_cost(board, work);
  EXPECT_EQ(estimate.instructions, 10);
  EXPECT_FALSE(estimate.cycles || estimate.time_us || estimate.error_percent);
  EXPECT_EQ(estimate.basis, "no costs of the instructions of rv32imac are known");
}

TEST(Cost, AnchorsAddUpToThePublishedCounts) {
  const std::map<std::string, uint64_t> dsp = {
      {"ad", 582867}, {"kws", 7699736}, {"ic", 29863149}, {"vww", 24101545}};
  const std::map<std::string, uint64_t> mve = {
      {"ad", 149928}, {"kws", 1815666}, {"ic", 4911517}, {"vww", 6557951}};
  for (const Anchor& anchor : anchors()) {
    const uint64_t want = (find_core(anchor.core)->has_mve ? mve : dsp).at(anchor.model);
    const double got = double(anchor.counts.instructions());
    EXPECT_NEAR(got, double(want), 1e-4 * double(want)) << anchor.core << " " << anchor.model;
  }
}

// The worst errors of the fit. They are what the error bars are made of, so a change of a table
// shows here.
TEST(Cost, LeaveOneOutError) {
  for (const char* core : {"cortex-m4f", "cortex-m33", "cortex-m55", "cortex-m85"}) {
    const CostCalibration c = calibrate_cost(core);
    std::printf("%-11s %d anchors, scale %.3f, leave one out %.1f %%, from another board %.1f %%\n",
                core, c.anchors, c.scale, c.leave_one_out_percent, c.other_board_percent);
  }
  EXPECT_EQ(calibrate_cost("cortex-m4f").anchors, 4);
  EXPECT_LT(calibrate_cost("cortex-m4f").leave_one_out_percent, 5);
  EXPECT_EQ(calibrate_cost("cortex-m33").anchors, 8);
  EXPECT_LT(calibrate_cost("cortex-m33").leave_one_out_percent, 25);
  EXPECT_EQ(calibrate_cost("cortex-m55").anchors, 1);
  EXPECT_EQ(calibrate_cost("cortex-m85").anchors, 4);
  EXPECT_LT(calibrate_cost("cortex-m85").leave_one_out_percent, 30);
}

TEST(Cost, AFittedCoreReproducesItsAnchorsWithinItsErrorBar) {
  for (const Anchor& anchor : anchors()) {
    if (anchor.core == "cortex-m55") continue;
    Board board = toy_board(anchor.core, anchor.board);
    board.flash_stall_per_byte = anchor.flash_stall;
    const CostEstimate estimate = estimate_cost(board, {anchor.counts, 1, anchor.flash_bytes});
    ASSERT_TRUE(estimate.error_percent);
    EXPECT_NEAR(*estimate.cycles, anchor.cycles, anchor.cycles * *estimate.error_percent / 100)
        << anchor.board << " " << anchor.model;
  }
}

TEST(Cost, ASmallMultiplierTakesTheCyclesThatItsBoardSays) {
  Workload work;
  work.counts.by_class[kMul] = 10;
  work.counts.by_class[kOther] = 5;
  Board board = toy_board("cortex-m0plus");
  EXPECT_EQ(estimate_cost(board, work).cycles, 15);
  board.multiplier_cycles = 32;
  EXPECT_EQ(estimate_cost(board, work).cycles, 325);
}

TEST(Cost, WaitsForAFurtherMemoryAreAdded) {
  const Board board = toy_board("cortex-m7");
  Workload work;
  work.counts.by_class[kOther] = 1000;
  const double without = estimate_cost(board, work).cycles.value();
  work.stall_cycles = 300;
  EXPECT_DOUBLE_EQ(estimate_cost(board, work).cycles.value(), without + 300);
}

TEST(Cost, ACoreWithoutAnchorsIsUncalibrated) {
  for (const char* core : {"cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m7"}) {
    Workload work;
    work.counts.by_class[kOther] = 1000;
    const CostEstimate estimate = estimate_cost(toy_board(core), work);
    EXPECT_EQ(estimate.basis, "uncalibrated");
    EXPECT_FALSE(estimate.error_percent);
  }
}

TEST(Cost, ErrorBarsWidenAwayFromTheAnchors) {
  Workload work;
  work.counts.by_class[kOther] = 1000;
  const double at_home =
      *estimate_cost(toy_board("cortex-m4f", "nucleo-l4r5zi"), work).error_percent;
  const double away = *estimate_cost(toy_board("cortex-m4f", "nrf52840-dk"), work).error_percent;
  const double one_anchor =
      *estimate_cost(toy_board("cortex-m55", "corstone-300"), work).error_percent;
  std::printf("error bars: M4 on the anchor's board %.0f %%, on another %.0f %%; M55 %.0f %%\n",
              at_home, away, one_anchor);
  EXPECT_LT(at_home, away);
  EXPECT_LE(away, one_anchor);
}

TEST(Cost, TimeAndEnergyFollowFromCycles) {
  Board board = toy_board("cortex-m3");
  Workload work;
  work.counts.by_class[kOther] = 40000;
  work.decisions = 4;
  EXPECT_FALSE(estimate_cost(board, work).energy_uj);
  board.supply_v = 2;
  board.current_ua_per_mhz = 150;
  board.flash_stall_per_byte = 0.5;
  work.flash_bytes = 2000;
  const CostEstimate estimate = estimate_cost(board, work);
  EXPECT_EQ(estimate.instructions, 10000);
  EXPECT_EQ(estimate.cycles, 11000);
  EXPECT_EQ(estimate.time_us, 110);
  // 150 uA/MHz at 100 MHz is 15 mA; 15 mA x 2 V x 110 us = 3.3 uJ
  EXPECT_NEAR(*estimate.energy_uj, 3.3, 1e-9);
}

}  // namespace
}  // namespace mote
