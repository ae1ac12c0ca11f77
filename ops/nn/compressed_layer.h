// SPDX-License-Identifier: Apache-2.0
// Host: weights of a layer as few bytes in flash. In: a PackedLayer of folded weights, four
// channels at a time, or a layer whose weights have four bits. Out: what ops/nn/coded_weights.h
// decodes, or what ops/nn/fully_connected/fully_connected_nibbles.h reads.
#pragma once
#include "ops/nn/packed_layer.h"

namespace mote {

struct CodedWeights {
  std::vector<uint8_t> codes;
  std::vector<uint16_t> table;
  int32_t longest = 0;  // code, in bits

  int64_t bytes() const { return int64_t(codes.size() + table.size() * sizeof(uint16_t)); }
};
// The code of fewest bytes, its table included, for these numbers in this order.
CodedWeights code_weights(std::span<const int8_t> weights);

// Takes the weights out of the layer's words, in the order in which they are decoded. `filled`: of
// a channel.
std::vector<int8_t> take_weights(PackedLayer& layer, int32_t filled);

// None where weights need more than four bits.
std::optional<PackedLayer> nibble_layer(const NodeView& node, int32_t channels,
                                        QuantizedClampRange clamp);

}  // namespace mote
