// SPDX-License-Identifier: Apache-2.0
// A project that was trained, read back from PROJECT/build, and its firmware run again. In: a
// project folder. Out: the graphs with what is needed to feed them, and the figures that `mote run`
// prints.
#pragma once
#include "project/walk.h"

namespace mote {

struct StoredModel {
  Config config;
  Graph float_graph;
  Graph graph;  // integer
};

// Fails where PROJECT was not trained.
StoredModel read_stored(const std::filesystem::path& folder, Diagnostics& diagnostics);

// The library that the last build made for that board: within its budget, with the kernels that it
// chose. `at_door`: as of CompileOptions.
Compiled compile_as_built(const StoredModel& stored, const Board& board, Diagnostics& diagnostics,
                          decltype(CompileOptions::at_door) at_door = {});

// The scales of the sensor's axes, and the samples of one window, as the graph holds them.
std::vector<float> scales_of(const Graph& graph);
int64_t window_samples_of(const Graph& graph);

// Recordings fit the model's stream: axes, units, rate and labels; every difference is an error.
void check_stream(const StoredModel& stored, const Dataset& dataset, Diagnostics& diagnostics);

struct RunOptions {
  std::string board;  // instead of the project's
  std::string port;   // of run_on_board(): the serial line
};

// Emits, compiles, runs on the emulated core and compares: the project's held-out recordings.
FirmwareResult run_stored(const StoredModel& stored, const RunOptions& options,
                          const StepProgress& progress, Diagnostics& diagnostics);

// What a real board said, beside the host.
struct BoardRun {
  Trace trace;
  bool bit_exact = false;
  std::string difference;  // the first one, in words
  int64_t windows_verified = 0;
  int64_t windows_differing = 0;
};

// Plays the held-out recordings to a board that runs the project's player image, on a serial port.
BoardRun run_on_board(const StoredModel& stored, const RunOptions& options,
                      const StepProgress& progress, Diagnostics& diagnostics);

// How many decisions of the host the device said otherwise.
struct Comparison {
  int64_t windows = 0;
  int64_t differing = 0;
};
Comparison compare_decisions(const Trace& host, const Trace& device);

}  // namespace mote
