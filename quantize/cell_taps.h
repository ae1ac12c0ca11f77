// SPDX-License-Identifier: Apache-2.0
// Listens to the cells of float lstm layers: they are states, which no tap of values hears. In: a
// graph, and the bytes of its values as they are produced. Out: each layer's cell after every step
// of its sequences, from the layer run once more, a step at a time.
#pragma once
#include <functional>
#include <memory>
#include <span>

#include "graph/graph.h"

namespace mote {

class CellTaps {
 public:
  // `state` is the cell's value in the graph. The graph must outlive this.
  using Tap = std::function<void(ValueId state, std::span<const uint8_t> bytes)>;

  CellTaps(const Graph& graph, Tap tap);
  ~CellTaps();

  void reset();
  // Value `id` of the graph was produced: an lstm that reads it runs. Steps behind the end of a
  // shorter sequence count, too.
  void produced(ValueId id, std::span<const uint8_t> bytes);

 private:
  struct Layer;
  Tap tap_;
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace mote
