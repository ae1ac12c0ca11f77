// SPDX-License-Identifier: Apache-2.0
// What a model asks for, before anything is compiled for a board. In: a compiled graph. Out:
// inputs, outputs and layers with shapes, scales, MACs and live MACs, weights and memory, as a
// table and as JSON. Memory figures are the plan's and exact; nothing is run.
#pragma once
#include <optional>
#include <string>

#include "compiler/passes/layout.h"
#include "compiler/pipeline.h"

namespace mote {

struct LayerInspection {
  int32_t index = 0;
  std::string name, op;
  std::string output;        // "s8[1, 25, 5, 64]"
  std::string quantization;  // "0.0235 * (q + 128)"; "" for float
  int64_t macs = 0;          // of the model
  int64_t live_macs = 0;     // of what runs: without dead channels (passes/remove_dead_channels.cc)
  int64_t constant_bytes = 0;
  int64_t arena_bytes = 0;  // of the arena that is alive while it runs
};

struct Inspection {
  std::string name;
  std::vector<std::string> inputs, outputs;  // "Identity s8[1, 12] 0.0039 * (q + 128)"
  std::vector<LayerInspection> layers;
  int64_t macs = 0, live_macs = 0;
  std::optional<int64_t> window_macs;  // of a model by hops: what a whole window takes
  int64_t constant_bytes = 0;          // in flash; equal tables once
  int64_t arena_bytes = 0, state_bytes = 0, model_bytes = 0;
  ArenaBound arena_bound;
  std::string rows;  // what runs by rows (compiler/budget.h); "" if nothing does
  LayoutReport layout;  // transposes in the file and in the graph
};

Inspection inspect(const Compiled& compiled, const LayoutReport& layout = {});
std::string to_text(const Inspection& inspection);
std::string to_json(const Inspection& inspection);

}  // namespace mote
