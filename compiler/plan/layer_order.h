// SPDX-License-Identifier: Apache-2.0
// Orders of layers that need little memory. In: which layers must come before which, what each
// makes and reads. Out: an order whose worst layer needs as little as was found, and a number of
// bytes that no order can do without. The search is deterministic and limited in its work, not in
// time.
#pragma once
#include "compiler/plan/plan.h"

namespace mote {

// Where the layer's first value, or its scratch, may overlap one that nobody reads later
// (graph/access_order.h).
struct OrderOverlap {
  int32_t value = 0;
  int64_t distance = 0;
};

struct OrderLayer {
  std::vector<int32_t> after;  // layers that must have run
  int32_t earliest = 0;        // so many must have run at least: of an earlier clock
  std::vector<int32_t> makes, reads;
  int64_t scratch_bytes = 0;
  std::vector<OrderOverlap> overlaps, scratch_overlaps;
};

struct OrderProblem {
  std::vector<int64_t> bytes;  // of each value in the arena; those that no layer makes are given
  std::vector<bool> is_kept;   // to the last layer, whoever reads it
  std::vector<OrderLayer> layers;
};

struct LayerOrder {
  std::vector<int32_t> order;
  int64_t load = 0;      // what is alive at its worst layer
  int64_t bound = 0;     // no order has less
  bool is_only = false;  // there is no other order
};

LayerOrder find_order(const OrderProblem& problem);

// The layers of a plan. Layers of one clock may change places, but for those that have a state.
OrderProblem order_problem(const Plan& plan);

}  // namespace mote
