// SPDX-License-Identifier: Apache-2.0
// See vector_layer.h.
#include "ops/nn/vector_layer.h"

#include "ops/nn/fully_connected/fully_connected_mve.h"

namespace mote {
namespace {

std::vector<uint32_t> vectors_in_turn(std::span<const Channel> group) {
  std::vector<uint32_t> words;
  for (size_t k = 0; k < group[0].weights.size(); k += kVector)
    for (const Channel& c : group)
      for (size_t i = 0; i < kVector; i += 4) words.push_back(word_of_weights(c, k + i));
  return words;
}

size_t even_first(size_t i) { return i < 4 ? 2 * i : 2 * i - 7; }

std::vector<uint32_t> eight_in_turn(std::span<const Channel> eight) {
  std::vector<Channel> ordered;
  for (size_t i = 0; i < eight.size(); ++i) ordered.push_back(eight[even_first(i)]);
  return vectors_in_turn(ordered);
}

std::vector<int8_t> filled_up(const std::vector<int8_t>& weights, RowsOfWeights rows) {
  std::vector<int8_t> filled;
  for (auto row = weights.begin(); row != weights.end(); row += rows.row) {
    filled.insert(filled.end(), row, row + rows.row);
    filled.resize(filled.size() + size_t(rows.filled - rows.row));
  }
  filled.resize(size_t(whole_vectors(int32_t(filled.size())) * kVector));
  return filled;
}

}  // namespace

uint32_t word_of_weights(const Channel& channel, size_t k) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) word |= uint32_t(uint8_t(channel.weights[k + i])) << (8 * i);
  return word;
}

std::optional<KernelCall> vector_rows_call(const NodeView& node, const FullyConnectedParams& p) {
  const RunsOfVectors runs = cut_in_runs(whole_vectors(p.input_size));
  const int32_t filled = runs.count * runs.steps * kVector;
  std::vector<Channel> rows = channels_of(node, p.output_size, 1);
  for (Channel& row : rows) row.weights.resize(size_t(filled));
  const auto layer = pack_layer(node, std::move(rows), {p.output_min, p.output_max},
                                {8, eight_in_turn, plain_bias, kPlainSums, true, even_first});
  if (!layer) return std::nullopt;
  const FullyConnectedMveParams m{p, runs.steps, runs.count, layer->shift};
  return vector_call({"ops/nn/fully_connected/fully_connected_mve.h",
                      MOTE_VECTOR_KERNELS(fully_connected_s8_mve), "FullyConnectedMveParams"},
                     m, *layer)
      .scratch(filled == p.input_size ? 0 : filled);
}

void fill_up(std::vector<Channel>& channels, RowsOfWeights rows) {
  for (Channel& c : channels) c.weights = filled_up(c.weights, rows);
}

int32_t plain_bias(const Channel& channel) { return channel.bias; }

RunsOfVectors cut_in_runs(int32_t vectors) {
  const int32_t count = (vectors + kMostSteps - 1) / kMostSteps;
  return {(vectors + count - 1) / count, count};
}

std::optional<PackedLayer> vector_layer(const NodeView& node, std::vector<Channel> channels,
                                        QuantizedClampRange clamp, RowsOfWeights rows) {
  fill_up(channels, rows);
  return pack_layer(node, std::move(channels), clamp,
                    {4, vectors_in_turn, plain_bias, kPlainSums, true});
}

}  // namespace mote
