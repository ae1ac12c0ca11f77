// SPDX-License-Identifier: Apache-2.0
// Neighbouring layers that run by rows: a loop inside a push, each step of which makes a few rows
// of the last layer's output, and of the values before it the rows that these still lack. In: a
// graph of images and which layers. Out: of each value how many rows a step makes, how many are
// kept, and which step begins and ends the loop; the kernel of a layer for the rows of a step.
// Only the last value is there as a whole; no row is computed twice. Rows above and below an image
// are written as its zero point, so that layers meet their padding as rows.
#pragma once
#include <optional>
#include <vector>

#include "compiler/passes/time_rules.h"
#include "core/row_window.h"
#include "graph/kernel_choice.h"

namespace mote {

// The window of a value, and where it lies.
struct RowValue {
  ValueId value = -1;
  RowWindow window{};
  bool is_padded = false;  // rows above or below the image are read
  int64_t offset = 0;      // in the arena, once there is a plan

  int64_t bytes() const { return window.kept_bytes() + window.fresh_bytes(); }
  int64_t fresh_offset() const { return offset + window.kept_bytes(); }
};

struct RowLoop {
  int32_t first = 0;  // layers
  int32_t last = 0;
  int32_t begin = 0;  // steps, from begin to end - 1
  int32_t end = 0;
  // The source is a sample that is never there as a whole: its rows come one by one, as a camera
  // gives them, and each step waits for its own.
  bool comes_by_rows = false;
  // The source, whose rows are copied into its window, then what each layer makes. The last one's
  // rows come one after the other in the whole value; it has no bytes of its own.
  std::vector<RowValue> values;

  const RowValue& source() const { return values.front(); }
  const RowValue& result() const { return values.back(); }
  const RowValue& of_layer(int32_t layer) const { return values[size_t(layer - first + 1)]; }
  bool has(int32_t layer) const { return first <= layer && layer <= last; }
  // Null: not in a window.
  const RowValue* in_window(ValueId value) const;
};

struct RowLoopRequest {
  int32_t first = 0;
  int32_t last = 0;
  int64_t rows = 1;         // of the last layer, a step
  bool is_aligned = false;  // rows are made in whole steps from the first on: none idle, more kept
};

// None where the layers cannot run so.
std::optional<RowLoop> make_row_loop(const Graph& graph, const RowLoopRequest& request);

// Whether the loop's source may come by rows: a plain model's sample that only the loop reads.
bool may_come_by_rows(const Graph& graph, const RowLoop& loop);

// What a step of `layer` reads of a computed input.
struct RowsRead {
  Reach reach;         // of a row
  int64_t rows = 0;    // of the input, one after the other ..
  int64_t offset = 0;  // .. from this byte of its window on
};
RowsRead rows_read(const Graph& graph, const RowLoop& loop, int32_t layer, ValueId input);

// The kernel for the rows of a step; `name` as of find_kernel().
struct RowKernel {
  InstructionSet core;
  std::string name;
};
KernelCandidate lower_rows(const Graph& graph, const RowLoop& loop, int32_t layer,
                           const RowKernel& wanted);

// In which order the loop reads the source's rows and writes the result's.
AccessOrder order_of(const RowLoop& loop);

// Multiply-accumulates of a layer in all steps, those for rows outside the image included.
int64_t macs_by_rows(const Graph& graph, const RowLoop& loop, int32_t layer);

}  // namespace mote
