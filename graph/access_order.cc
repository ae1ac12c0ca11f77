// SPDX-License-Identifier: Apache-2.0
// See access_order.h.
#include "graph/access_order.h"

#include <algorithm>

namespace mote {

// What is written before a step must lie below what the step reads.
int64_t least_distance(const AccessOrder& order) {
  int64_t distance = 0, written = 0;
  for_each_step(order, [&](const AccessStep& step) {
    if (step.read_begin < step.read_end) distance = std::max(distance, written - step.read_begin);
    written = std::max(written, step.write_end);
  });
  return (distance + order.lanes - 1) / order.lanes * order.lanes;
}

}  // namespace mote
