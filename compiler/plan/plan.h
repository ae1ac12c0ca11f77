// SPDX-License-Identifier: Apache-2.0
// The Plan: a Graph with every byte of device memory decided. In: a verified integer or float
// Graph. Out: the order of layers with their kernels, and for every value where it lies: in the
// arena (transient, within one push), in the state (survives pushes), in the outputs (the last
// decision), in flash, or in the caller's sample. A plain model's sample is a block of the arena,
// alive from the beginning of the push to its last reader (decision 19).
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/plan/row_loop.h"
#include "graph/op_def.h"

namespace mote {

enum class Region : uint8_t { arena, state, output, flash, sample };

struct Location {
  Region region = Region::arena;
  // arena: from its start, of a value in a window of a loop its fresh rows; state, output: from the
  // start of the model struct, in which the arena's near part comes first
  int64_t offset = 0;
  ValueId storage = -1;  // the value that owns the bytes (a view has another's)
};

// One layer: a node with what it runs. A view has no kernel and costs nothing.
struct Layer {
  int32_t node = 0;
  bool has_kernel = false;
  std::string kernel;  // its name among those that there are (graph/kernel_choice.h)
  KernelCall call;
  int64_t scratch_offset = -1;  // in the arena
  int64_t macs = 0;
  int64_t arena_load = 0;  // bytes of the arena that it cannot do without
  int32_t gate = -1;  // the node whose `true` lets this layer run; -1: every push of its stream
};

// Bytes of the arena that a value or a layer's scratch holds, and the layers between which it is
// alive.
struct ArenaBlock {
  std::string name;
  int64_t begin = 0;
  int64_t end = 0;
  int32_t first = 0;     // layer that writes it
  int32_t last = 0;      // last layer that reads it
  int64_t accesses = 0;  // bytes read and written of it in a push: an estimate
};

// Words of the model struct in which nothing lies, and what ends before them.
struct Alignment {
  std::string behind;
  int64_t begin = 0;
  int64_t end = 0;
  bool operator==(const Alignment&) const = default;
};

// What no layout of the arena can do without.
struct ArenaBound {
  int64_t this_order = 0;  // of layers; arena_bytes where its offsets are known to be best
  int64_t any_order = 0;
};

struct Plan {
  Graph graph;
  std::vector<Layer> layers;
  std::vector<Location> locations;  // of each value
  std::vector<ArenaBlock> blocks;
  std::optional<RowLoop> loop;    // layers that run by rows
  std::vector<ValueId> resident;  // states, then outputs, in the order of the model struct
  // The output that every push writes anew (decision 7): it lies where the arena begins, and is
  // alive from its layer to the last. -1: there is none.
  ValueId arena_output = -1;
  int64_t input_offset = -1;  // of the sample in the arena; -1: it lies in the caller's memory
  int64_t arena_bytes = 0;
  // Of the arena, the first so many lie in the model struct, the others in its far part: what is
  // accessed least, for a second memory. Equal to arena_bytes where there is none.
  int64_t near_arena_bytes = 0;
  ArenaBound arena_bound;
  int64_t state_bytes = 0;  // of the states alone, padding-free
  int64_t saved_bytes = 0;  // what save() writes: the states and their check
  int64_t output_bytes = 0;
  int64_t bytes_of_whole_layers = 0;  // model_bytes if no layer ran by rows
  int64_t model_bytes = 0;  // sizeof the emitted struct: arena, states, outputs, alignment to 8
  int64_t touched_bytes =
      0;  // of ram_bytes(), in words that a value or scratch lies in: all but alignment
  std::vector<Alignment> alignment;

  bool has_input() const { return input_offset >= 0; }
  int64_t far_bytes() const { return arena_bytes - near_arena_bytes; }
  int64_t ram_bytes() const { return model_bytes + far_bytes(); }
  bool is_by_rows(int32_t layer) const { return loop && loop->has(layer); }
  // Of the value at its location: all, or of one in a window of the loop the rows of a step.
  int64_t bytes_at_location(ValueId id) const;
};

// Of some nodes, by their names, the kernel (kernels_for) that shall run them. All others take the
// first that is not compressed, or where they do little of the work, its smaller form.
using KernelChoices = std::map<std::string, std::string>;
// Bytes of the pointer by which a model struct finds its far part, on every core.
inline constexpr int64_t kFarPointerBytes = 8;

// Layers in the order as given, of each the kernel for `core`; offsets by search (arena.h). `loop`:
// made of this graph. `near_bytes`: what the model struct may take; where it takes more, a part of
// the arena becomes far (partition.h). 0: there is one memory. Fails only on our own bugs.
Plan make_plan(const Graph& graph, InstructionSet core = InstructionSet::portable,
               std::optional<RowLoop> loop = {}, const KernelChoices& choices = {},
               int64_t near_bytes = 0);

// Replays the plan with what its kernels say of themselves: every byte that a layer reads must be
// the one that was written for it. A disagreement is an InternalError.
void verify(const Plan& plan);

// "optimal", or how far from its bounds an arena may be.
std::string arena_quality(int64_t arena_bytes, const ArenaBound& bound);

// The `.plan.txt`: the table of layers and a drawing of the arena over time.
std::string print(const Plan& plan);

}  // namespace mote
