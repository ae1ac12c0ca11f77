// SPDX-License-Identifier: Apache-2.0
// From a compiled model to a verified one: images for a board, run on the emulated core and on the
// host under sanitizers, compared with the host's evaluation, measured. In: a Compiled, a Board,
// what to play. Out: every figure that `mote run` prints.
#pragma once
#include <optional>

#include "compiler/pipeline.h"
#include "runner/board.h"
#include "runner/cost.h"
#include "runner/emulator.h"
#include "runner/memory_use.h"
#include "runner/stack_bound.h"

namespace mote {

struct FirmwareRequest {
  const Compiled* compiled = nullptr;
  const Board* board = nullptr;  // null: on the host alone, under sanitizers
  std::filesystem::path folder;  // emitted files and images go here
  std::vector<Playback> playbacks;
  bool sanitized_host = true;        // also run the emitted code on the host under sanitizers
  bool own_image = true;             // also link the board's own image
  const Trace* reference = nullptr;  // the host's evaluation, where it is known already
  bool measure = true;               // count instructions, bound the stack, read sizes
  std::function<void(const std::string& step, double fraction)> progress;
};

struct LayerFigures {
  int32_t index = 0;
  std::string name;
  std::string op;
  int64_t macs = 0;
  double instructions = 0;  // mean over the decisions after the first
  double cycles = 0;        // the same, an estimate; 0: none, as of the whole
  int64_t arena_begin = 0;
  int64_t arena_end = 0;
  int64_t flash_bytes = 0;  // code and tables
};

// Of a model that runs hop by hop: its answers beside those of the model of a whole window.
struct HopComparison {
  int64_t hop_frames = 0;
  int64_t window_frames = 0;
  int64_t windows = 0;  // that the frames completed
  int64_t differing = 0;
};

struct FirmwareResult {
  std::string board;
  bool ran = false;  // false: no emulator or tool; then only what follows from the plan is given
  double instructions = 0;  // of one decision, mean after the first
  uint64_t first_instructions = 0;
  uint64_t largest_push = 0;
  CostEstimate cost;
  int64_t ram_bytes =
      0;  // .data + .bss without what only the player needs, + model + stack high-water
  int64_t input_bytes =
      0;  // of the caller's memory: samples that have no place in the model, or one row
  int64_t model_bytes = 0;           // with its far part
  int64_t far_bytes = 0;             // in a second memory
  int64_t model_touched_bytes = 0;   // measured
  std::vector<Alignment> alignment;  // of model_bytes, what the plan leaves idle
  int64_t arena_bytes = 0;
  ArenaBound arena_bound;
  std::string rows;  // what runs by rows (compiler/budget.h); "" if nothing does
  int64_t state_bytes = 0;
  int64_t stack_bytes = 0;  // deepest measured below one push, as an application calls it
  int64_t stack_bound_bytes = 0;
  std::vector<std::string> stack_path;
  int64_t flash_bytes = 0;          // the board's memory that model, kernels and libraries take
  std::vector<MemoryUse> memories;  // of the board: what lies where
  bool bit_exact = false;  // every layer, decision and state equal to the host's evaluation
  std::string difference;  // the first difference in words
  int64_t windows_verified = 0;
  int64_t windows_differing = 0;
  bool self_test_passed = false;
  std::optional<HopComparison> hop;
  std::vector<LayerFigures> layers;
  std::vector<ArenaBlock> blocks;  // who holds which bytes of the arena, and when
  std::vector<uint8_t> last_outputs;
  Trace trace;      // of the emulated core
  Trace reference;  // the host's evaluation that it was compared with
  Image emulated;
  Image own;
};

// Writes the emitted library into folder/library and images into folder/image. Problems that a user
// can mend are in `diagnostics`; a difference between host and core is a value.
FirmwareResult verify_firmware(const FirmwareRequest& request, Diagnostics& diagnostics);

// A library for a board: for its core and its memories.
CompileOptions options_for(const Board& board, int64_t ram_bytes = 0);

// What an image of the library is told of its weights.
std::vector<TableReads> table_reads(const EmittedLibrary& library);

// What a player image of the plan reserves.
PlayerSizes player_sizes(const Plan& plan);

// The emitted function that takes a sample of `stream`.
std::string push_function(const Plan& plan, const Stream& stream);

// A request for the bound of an image's stack, without its entry.
StackRequest stack_request(const Image& image);

// What the player's table of functions adds to the stack of a push that it measures; an application
// calls directly.
int64_t player_call_bytes(const Plan& plan, const Image& image);

// Writes the emitted files, and with them the headers of core/ and ops/ that they include, so the
// folder stands alone.
void write_library(const EmittedLibrary& library, const std::filesystem::path& folder);

// The folder that holds core/, ops/, device/, ports/ and boards/: $MOTE_HOME, or found from where
// the program is.
std::filesystem::path source_root();

}  // namespace mote
