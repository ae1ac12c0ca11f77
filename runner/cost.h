// SPDX-License-Identifier: Apache-2.0
// A model of time and energy. In: executed instructions by class (exact, from the emulator) and a
// board. Out: an estimate of cycles with an error bar and what it was calibrated on, and what
// follows from it: time and energy. cycles = scale x sum(instructions of a class x the core's
// published cost) + flash stalls; `scale` is fitted to published latencies of kernels whose classes
// we know. A core without such a figure is "uncalibrated": scale 1, no error bar. An instruction
// count is exact; a cycle count from here is an estimate and is called one.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runner/board.h"
#include "runner/count_report.h"

namespace mote {

// What a number of decisions executed. `flash_bytes`: constants that one decision reads from flash
// (its weights). `stall_cycles`: what all decisions wait for further memories.
struct Workload {
  InstructionCounts counts;
  double decisions = 1;
  double flash_bytes = 0;
  double stall_cycles = 0;
};

struct CostEstimate {
  double instructions = 0;              // of one decision: exact, if all decisions are alike
  std::optional<double> cycles;         // of one decision: an estimate; none: no published costs
  std::optional<double> error_percent;  // none: uncalibrated
  std::string basis;                    // what the estimate was calibrated on, or "uncalibrated"
  std::optional<double> time_us;        // none: as cycles
  std::optional<double> energy_uj;      // none: the board file does not know supply or current
};

CostEstimate estimate_cost(const Board& board, const Workload& workload);

// Whether the costs of a core's instructions are in the table.
bool has_published_costs(const std::string& core);
// Cycles by the core's published costs alone: no scale, no flash stalls.
double published_cycles(const std::string& core, const InstructionCounts& counts);

// A published latency of a kernel library whose instruction classes are known.
struct Anchor {
  std::string core, board, model, source;
  InstructionCounts counts;
  double cycles = 0;       // published
  double flash_bytes = 0;  // weights
  double flash_stall = 0;  // cycles per byte of them
};
const std::vector<Anchor>& anchors();
// What the other anchors of its core make of it, in percent of its cycles; none: it is the only
// one.
std::optional<double> left_out_error_percent(const Anchor& anchor);

struct CostCalibration {
  double scale = 1;
  double leave_one_out_percent =
      0;  // worst error of an anchor, predicted from the others of its core
  double other_board_percent =
      0;  // worst error of an anchor, predicted from another board's anchors
  int anchors = 0;
  std::vector<std::string> boards;
  std::vector<std::string> models;  // of each anchor
};
// The calibration of a core; anchors == 0: none.
CostCalibration calibrate_cost(const std::string& core);

}  // namespace mote
