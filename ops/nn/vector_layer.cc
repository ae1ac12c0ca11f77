// SPDX-License-Identifier: Apache-2.0
// See vector_layer.h.
#include "ops/nn/vector_layer.h"

#include "ops/nn/vector_runs.h"

namespace mote {
namespace {

std::vector<uint32_t> vectors_in_turn(std::span<const Channel> four) {
  std::vector<uint32_t> words;
  for (size_t k = 0; k < four[0].weights.size(); k += kVector)
    for (const Channel& c : four)
      for (size_t i = 0; i < kVector; i += 4) words.push_back(word_of_weights(c, k + i));
  return words;
}

std::vector<int8_t> filled_up(const std::vector<int8_t>& weights, RowsOfWeights rows) {
  std::vector<int8_t> filled;
  for (auto row = weights.begin(); row != weights.end(); row += rows.row) {
    filled.insert(filled.end(), row, row + rows.row);
    filled.resize(filled.size() + size_t(rows.filled - rows.row));
  }
  return filled;
}

}  // namespace

uint32_t word_of_weights(const Channel& channel, size_t k) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) word |= uint32_t(uint8_t(channel.weights[k + i])) << (8 * i);
  return word;
}

int32_t plain_bias(const Channel& channel) { return channel.bias; }

RunsOfVectors cut_in_runs(int32_t vectors) {
  const int32_t count = (vectors + kMostSteps - 1) / kMostSteps;
  return {(vectors + count - 1) / count, count};
}

std::optional<PackedLayer> vector_layer(const NodeView& node, std::vector<Channel> channels,
                                        QuantizedClampRange clamp, RowsOfWeights rows) {
  for (Channel& c : channels) c.weights = filled_up(c.weights, rows);
  return pack_layer(node, std::move(channels), clamp,
                    {4, vectors_in_turn, plain_bias, kPlainSums, true});
}

}  // namespace mote
