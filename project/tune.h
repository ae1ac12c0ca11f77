// SPDX-License-Identifier: Apache-2.0
// The kernels of a model, chosen by measuring (decision 20). In: a graph, a board, what to play,
// perhaps a limit of flash, perhaps the figures of an earlier tune. Out: the library of fewest
// estimated cycles that keeps the limits, and what was tried. Each image holds another kernel of
// every layer, so that there are as many runs as the richest layer has kernels.
#pragma once
#include "compiler/pipeline.h"
#include "project/tuning.h"
#include "runner/protocol.h"

namespace mote {

struct TuneRequest {
  const Graph* graph = nullptr;
  CompileOptions options;  // for the board's core
  const Board* board = nullptr;
  // What kernels are measured on; called only if they are.
  std::function<std::vector<Playback>()> playbacks;
  int64_t flash_bytes = 0;           // that the image may take; 0: as many as there are
  bool only_for_flash = false;       // the rule's kernels stay where they take no more
  std::filesystem::path remembered;  // kernels.toml of an earlier tune; need not be there
  std::function<void(const std::string& step, double fraction)> progress;
};

struct Tuned {
  Compiled compiled;
  std::optional<Tuning> tuning{};  // none: the rule's kernels were taken unmeasured
  int64_t flash_bytes = 0;       // of the image, linked; 0: nobody asked
};

// Where no choice keeps flash_bytes, the smallest kernels: the caller looks at what they take.
Tuned compile_tuned(const TuneRequest& request, Diagnostics& diagnostics);

// The kernels that a tune of the same layers chose; none where there is no such file, or with a
// warning where it is of other layers.
KernelChoices remembered_kernels(const Graph& graph, const CompileOptions& options,
                                 const Board& board, const std::filesystem::path& remembered,
                                 Diagnostics& diagnostics);

}  // namespace mote
