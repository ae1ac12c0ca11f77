// SPDX-License-Identifier: Apache-2.0
// For tests of kernels that are chosen: fully connected layers one behind the other, with random
// weights up to a magnitude each. 127: no code is shorter than a byte; 12: some are; 7: four bits
// do.
#pragma once
#include "ops/run_one_node.h"

namespace mote {

inline Graph dense_net(int32_t size, const std::vector<int32_t>& magnitudes) {
  Numbers numbers(16);
  Graph graph;
  graph.name = "dense";
  const Quantization one{{0.02f}, {0}, 0};
  ValueId x = graph.add_tensor_stream("x", ElementType::s8, {1, size}, one);
  for (const int32_t most : magnitudes) {
    const ValueId w =
        graph.add_constant("w" + std::to_string(most), ElementType::s8, {size, size},
                           numbers.many<int8_t>(int64_t(size) * size, -most, most), one);
    x = graph.add_node(fully_connected_op, "fc" + std::to_string(most), {x, w, -1},
                       {{"output_scale", 0.02 * most}, {"output_zero_point", int64_t(0)}});
  }
  graph.outputs = {x};
  return graph;
}

}  // namespace mote
