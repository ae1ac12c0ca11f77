// SPDX-License-Identifier: Apache-2.0
// The figures that the cost model is calibrated on. Instruction classes: TFLite Micro with
// CMSIS-NN, counted on emulated cores for the MLPerf Tiny int8 models. Cycles: published latencies
// of the same kernel library (other versions of it) on silicon, latency x clock. Not used: the
// MLPerf v0.5 reference on the M4 (kernels of 2020, half as fast) and libraries whose classes
// nobody has published.
#include <algorithm>
#include <string_view>

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

// One row of the count of code with MVE, for the Cortex-M55, which the M85 runs as it is.
struct VectorRow {
  const char* model;
  uint64_t mve_load, mve_store, mve_mac, mve_mul, mve_other, load, load_words, store, store_words,
      mac, ext, taken, not_taken, branch, call, loop, loops_taken, fp, other;
  double weights;
};
constexpr VectorRow kMve[] = {
    {"ad", 21576, 428, 16576, 418, 36546, 17744, 19149, 4120,  6401,  60,
     4144, 518,   686, 12,    285, 4562,  3726,  1672,  40581, 264192},
    {"kws", 332360, 43334, 152048, 91987, 354095, 226730, 242476, 84174,  109961, 10956,
     4222,  28668,  39878, 3733,   518,   102779, 58987,  12,     340172, 22016},
    {"ic", 1113657, 67817,  786472, 43010, 647936, 595490, 651677, 245072, 323807, 23402,
     7267, 78398,   110038, 13696,  1391,  297090, 187160, 8,      880773, 77360},
    {"vww", 985552, 143608, 442400, 262992, 1062159, 946101, 1030266, 371170,  492426, 38470,
     11498, 141457, 229167, 21474,  2541,   348947,  148587, 8,       1550415, 208112},
};

InstructionCounts counts_of(const VectorRow& row) {
  InstructionCounts c;
  split_multiples(c, kLoad, kLoadMultiple, row.load, row.load_words);
  split_multiples(c, kStore, kStoreMultiple, row.store, row.store_words);
  c.loops_taken = row.loops_taken;
  const std::pair<Class, uint64_t> rest[] = {{kMveLoad, row.mve_load},
                                             {kMveStore, row.mve_store},
                                             {kMveMac, row.mve_mac},
                                             {kMveMul, row.mve_mul},
                                             {kMveOther, row.mve_other},
                                             {kMac, row.mac},
                                             {kSatExt, row.ext},
                                             {kBranchTaken, row.taken},
                                             {kBranchNotTaken, row.not_taken},
                                             {kBranch, row.branch},
                                             {kCallReturn, row.call},
                                             {kLoop, row.loop},
                                             {kFp, row.fp},
                                             {kOther, row.other}};
  for (const auto& [kind, n] : rest) c.by_class[kind] = n;
  return c;
}

struct Published {
  const char *core, *board, *source;
  double ad, kws, ic, vww;  // latency, ms
  double clock_mhz, flash_stall;
};

// The flash stall of the L4R5 is measured (weights in flash against weights in RAM); no M33 with
// anchors has that figure, so both take the one of the STM32U575, also an M33, and the M85 that of
// the STM32H7A3, the fastest flash that has one.
constexpr Published kPublished[] = {
    {"cortex-m4f", "nucleo-l4r5zi", "MLPerf Tiny v1.0, OctoML, microTVM + CMSIS-NN", 8.60, 99.81,
     389.56, 301.20, 120, 0.50},
    {"cortex-m33", "nrf5340-dk", "MLPerf Tiny v1.0, OctoML, microTVM + CMSIS-NN", 6.27, 76.1, 316.2,
     232.0, 128, 0.43},
    {"cortex-m33", "ek-ra6m4", "MLPerf Tiny v0.7, Renesas, TFLite Micro + CMSIS-NN", 4.61, 50.6,
     246.2, 162.4, 200, 0.43},
    {"cortex-m85", "ek-ra8d1", "MLPerf Tiny v1.2, Renesas, TFLite Micro + CMSIS-NN", 0.531, 3.465,
     8.48, 13.39, 480, 0.29},
};

std::vector<Anchor> make_anchors() {
  std::vector<Anchor> out;
  const auto add = [&](const Published& p, const auto& row, double latency_ms) {
    out.push_back({p.core, p.board, row.model, p.source, counts_of(row),
                   latency_ms * p.clock_mhz * 1000, row.weights, p.flash_stall});
  };
  for (const Published& p : kPublished) {
    const double latency_ms[] = {p.ad, p.kws, p.ic, p.vww};
    const bool has_mve = std::string_view(p.core) == "cortex-m85";
    for (size_t i = 0; i < 4; ++i)
      has_mve ? add(p, kMve[i], latency_ms[i]) : add(p, kDsp[i], latency_ms[i]);
  }
  // Weights and code are in MRAM behind caches; its stalls are inside the figure.
  out.push_back({"cortex-m55", "apollo510-evb", kMve[1].model,
                 "neuralSPOT, TFLite Micro + CMSIS-NN, performance counters", counts_of(kMve[1]),
                 2279030, kMve[1].weights, 0});
  return out;
}

}  // namespace

const std::vector<Anchor>& anchors() {
  static const std::vector<Anchor> all = make_anchors();
  return all;
}

}  // namespace mote
