// SPDX-License-Identifier: Apache-2.0
// The bench of the port tests: a graph of graphs.h, compiled and written to a scratch folder, its
// images for boards and for this host, and runs of them beside the host's evaluation. In: a graph
// and recordings. Out: Traces. What a user would be told fails the test at once (UserError).
#pragma once
#include <gtest/gtest.h>

#include "project/firmware.h"
#include "runner/cross_test.h"
#include "tests/ports/graphs.h"

#define MOTE_NEEDS_EMULATOR() MOTE_NEEDS_EMULATOR_OF(Architecture::arm)
#define MOTE_NEEDS_EMULATOR_OF(architecture)  \
  MOTE_NEEDS_TOOL(tool(architecture, "gcc")); \
  MOTE_NEEDS_TOOL(cross_tools(architecture).emulator)

namespace mote::ports {

// One board a core: M0, M0+, M3, M4F, M7, M33, M55, RV32. The M0 is a test board with the memory of
// its emulated machine: the micro:bit's 16 kB hold small_chain only.
std::vector<std::string> board_names();
Board board_for(const std::string& name);

// Recordings of `windows` random windows in all, 20 a recording, every third with a gap. The first
// recordings are the same for every seed: silence, full scale, steps, impulses, each after the
// other.
std::vector<Playback> recordings(uint64_t seed, int32_t windows);

// The same without observer, as push() runs in an application: decisions and stack.
std::vector<Playback> unobserved(std::vector<Playback> playbacks);

class Bench {
 public:
  // `ram_bytes`: a budget (compiler/budget.h).
  explicit Bench(const Graph& graph, InstructionSet core = InstructionSet::portable,
                 int64_t ram_bytes = 0, const KernelChoices& kernels = {});
  // For a board's core and memories.
  Bench(const Graph& graph, const Board& board) : Bench(graph, options_for(board)) {}

  const Plan& plan() const { return compiled_.plan; }
  const std::vector<WeightTable>& tables() const { return compiled_.library.tables; }
  std::filesystem::path folder() const { return scratch_.path(""); }
  // The emitted files; a test may change them before it asks for images.
  std::filesystem::path library() const { return scratch_.path("library"); }

  Image image(const Board& board, uint32_t stack_bytes = 4096) const;
  Image sanitized_host() const;

  Trace host(const std::vector<Playback>& playbacks) const;  // the evaluator's
  Trace run(const Image& image, const Board& board, std::vector<Playback> playbacks) const;
  Trace run_sanitized(const Image& image, std::vector<Playback> playbacks) const;

  // Counts with these data ranges; the regions of layers are called by their numbers.
  CountReport count(const Image& image, const Board& board, std::vector<Playback> playbacks,
                    const std::vector<CountedRange>& data) const;

  // The deepest stack of any push, from the call graph.
  uint32_t stack_bound(const Image& image) const;

 private:
  Bench(const Graph& graph, const CompileOptions& options);
  BuildRequest build_request() const;
  RunRequest run_request(const Image& image, std::vector<Playback> playbacks) const;

  ScratchFolder scratch_;
  Compiled compiled_;
};

// What the image of a run must keep, each with a message of its own:
// predicted bytes are sizeof and are touched to the word;
void expect_memory_as_planned(const Bench& bench, const Trace& trace);
// the stack bound holds and is near;
void expect_stack_bounded(const Bench& bench, const Image& image, const Trace& trace);
// every layer came through compiler and linker, and nothing of heap, exceptions, libm or the C++
// library with it, nor soft float in a model without float layers.
void expect_clean_image(const Bench& bench, const Image& image);

// "" or where two runs part, in words.
std::string difference(const Trace& a, const Trace& b);

}  // namespace mote::ports
