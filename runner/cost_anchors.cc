// SPDX-License-Identifier: Apache-2.0
// The figures that the cost model is calibrated on. Instruction classes: TFLite Micro with
// CMSIS-NN, counted on emulated cores for the MLPerf Tiny int8 models. Cycles: published latencies
// of the same kernel library (other versions of it) on silicon, latency x clock. Not used: the
// MLPerf v0.5 reference on the M4 (kernels of 2020, half as fast) and libraries whose classes
// nobody has published.
#include <algorithm>

#include "runner/cost.h"

namespace mote {
namespace {

using namespace mote_count;

// One row of the count: loads and stores with the words they moved in all.
struct ScalarRow {
  const char* model;
  uint64_t load, load_words, store, store_words, dual_mac, mac, mul, div, ext, taken, not_taken,
      branch, call, pop_pc, other;
  double weights;
};

// Code for the DSP extension (Cortex-M4F); the M33 runs the same instructions.
constexpr ScalarRow kDsp[] = {
    {"ad", 126138, 127884, 6519, 7730, 132096, 1732, 0, 0, 198164, 11585, 3051, 1443, 285, 71,
     101854, 264192},
    {"kws", 1635432, 1673145, 223040, 240220, 1184384, 315364, 527, 67, 1363666, 165798, 141346,
     31320, 9770, 1035, 2629022, 22016},
    {"ic", 7372445, 7506680, 1624291, 1710714, 6226240, 221585, 1537, 85, 3548802, 1149889, 359978,
     88181, 71288, 7248, 9198828, 77360},
    {"vww", 5108743, 5250319, 777787, 859578, 3318016, 1002282, 1856, 259, 3983064, 572422, 489114,
     116580, 45525, 3938, 8685897, 208112},
};

// The count gives words, not how many instructions are multiple; they move four words on average.
void split_multiples(InstructionCounts& counts, Class one, Class many, uint64_t n, uint64_t words) {
  const uint64_t multiple = std::min((words - n) / 3, n);
  counts.by_class[one] = n - multiple;
  counts.by_class[many] = multiple;
  (one == kLoad ? counts.load_words : counts.store_words) = words - (n - multiple);
}

InstructionCounts counts_of(const ScalarRow& row) {
  InstructionCounts c;
  split_multiples(c, kLoad, kLoadMultiple, row.load, row.load_words);
  split_multiples(c, kStore, kStoreMultiple, row.store, row.store_words);
  c.pc_loads = row.pop_pc;
  const std::pair<Class, uint64_t> rest[] = {{kDualMac, row.dual_mac},
                                             {kMac, row.mac},
                                             {kMul, row.mul},
                                             {kDiv, row.div},
                                             {kSatExt, row.ext},
                                             {kBranchTaken, row.taken},
                                             {kBranchNotTaken, row.not_taken},
                                             {kBranch, row.branch},
                                             {kCallReturn, row.call},
                                             {kOther, row.other}};
  for (const auto& [kind, n] : rest) c.by_class[kind] = n;
  return c;
}

// Keyword spotting on the Cortex-M55 with MVE.
InstructionCounts m55_keyword_spotting() {
  InstructionCounts c;
  split_multiples(c, kLoad, kLoadMultiple, 226730, 242476);
  split_multiples(c, kStore, kStoreMultiple, 84174, 109961);
  c.loops_taken = 58987;
  const std::pair<Class, uint64_t> rest[] = {
      {kMveLoad, 332360}, {kMveStore, 43334},    {kMveMac, 152048},
      {kMveMul, 91987},   {kMveOther, 354095},   {kMac, 10956},
      {kSatExt, 4222},    {kBranchTaken, 28668}, {kBranchNotTaken, 39878},
      {kBranch, 3733},    {kCallReturn, 518},    {kLoop, 102779},
      {kFp, 12},          {kOther, 340172}};
  for (const auto& [kind, n] : rest) c.by_class[kind] = n;
  return c;
}

struct Published {
  const char *core, *board, *source;
  double ad, kws, ic, vww;  // latency, ms
  double clock_mhz, flash_stall;
};

// The flash stall of the L4R5 is measured (weights in flash against weights in RAM); no M33 with
// anchors has that figure, so both take the one of the STM32U575, also an M33.
constexpr Published kPublished[] = {
    {"cortex-m4f", "nucleo-l4r5zi", "MLPerf Tiny v1.0, OctoML, microTVM + CMSIS-NN", 8.60, 99.81,
     389.56, 301.20, 120, 0.50},
    {"cortex-m33", "nrf5340-dk", "MLPerf Tiny v1.0, OctoML, microTVM + CMSIS-NN", 6.27, 76.1, 316.2,
     232.0, 128, 0.43},
    {"cortex-m33", "ek-ra6m4", "MLPerf Tiny v0.7, Renesas, TFLite Micro + CMSIS-NN", 4.61, 50.6,
     246.2, 162.4, 200, 0.43},
};

std::vector<Anchor> make_anchors() {
  std::vector<Anchor> out;
  for (const Published& p : kPublished) {
    const double latency_ms[] = {p.ad, p.kws, p.ic, p.vww};
    for (size_t i = 0; i < 4; ++i)
      out.push_back({p.core, p.board, kDsp[i].model, p.source, counts_of(kDsp[i]),
                     latency_ms[i] * p.clock_mhz * 1000, kDsp[i].weights, p.flash_stall});
  }
  // Weights and code are in MRAM behind caches; its stalls are inside the figure.
  out.push_back({"cortex-m55", "apollo510-evb", "kws",
                 "neuralSPOT, TFLite Micro + CMSIS-NN, performance counters",
                 m55_keyword_spotting(), 2279030, 22016, 0});
  return out;
}

}  // namespace

const std::vector<Anchor>& anchors() {
  static const std::vector<Anchor> all = make_anchors();
  return all;
}

}  // namespace mote
