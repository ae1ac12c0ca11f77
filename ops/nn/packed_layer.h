// SPDX-License-Identifier: Apache-2.0
// Host: s8 layers for kernels that take a group of channels at a time and read all they need of
// these in one go. In: a layer's weights and bias, channel by channel. Out: words, of each group
//   its biases; the weights; of each channel the numbers of its output rule
//   (ops/nn/folded_output.h, ops/nn/vector_output.h).
#pragma once
#include <optional>

#include "graph/op_def.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/exact_requantize.h"

namespace mote {

// One output channel.
struct Channel {
  std::vector<int8_t> weights;
  int32_t bias = 0;
};

// s8 input and weights without zero point, constant weights and bias: every kernel here needs that.
bool is_plain_s8(const NodeView& node);
// Whether a weight is -128: products of two are then one too large for 16 bits.
bool has_least_weight(const NodeView& node);
// `stride` from one weight of a channel to the next: 1, or the channels of a depthwise layer.
std::vector<Channel> channels_of(const NodeView& node, int32_t channels, int32_t stride);

// For sums in units of 1/256.
int32_t bias_256(const Channel& channel);

// How many channels a kernel takes at a time, and how it wants their weights and their bias in its
// unit, both for inputs x as they are (what the zero point adds is taken off already).
struct Packing {
  size_t group;
  std::vector<uint32_t> (*weights)(std::span<const Channel> group);
  int32_t (*bias)(const Channel& channel);
  SumForm sums = kFoldedSums;
  bool vectors = false;  // numbers by kind: first all multipliers; RoundedVectorOutput is known
  size_t (*order)(size_t) = nullptr;  // of biases and numbers in a group; null: that of channels
  bool joins_alike = false;           // its rule may be of channels that are alike
  // Of four channels 0 and 2, then 1 and 3, each weights, biases, numbers; `weights` sees two.
  bool in_pairs = false;
};

// By which rule sums become outputs: TFLM's steps for any layer, ExactOutput or ExactVectorOutput,
// RoundedVectorOutput.
enum class OutputRule { any, exact, rounded };

struct PackedLayer {
  std::vector<uint32_t> words;
  OutputRule rule = OutputRule::any;
  int32_t shift = 0;
  bool signs = false;
  // Of folded sums, what all channels share of ExactOutput: always the offset; where `alike`, all.
  int32_t offset = 0;
  bool alike = false;
  int32_t multiplier = 0;
  int32_t negative = 0;
};
// None where a sum may leave 32 bits with its unit.
std::optional<PackedLayer> pack_layer(const NodeView& node, std::vector<Channel> channels,
                                      QuantizedClampRange clamp, const Packing& packing);

// A plain s8 layer whose channels are rows of weights, for so many places at a time (1 or 4) by
// byte-fold (ops/nn/byte_fold.h): none, too, where a weight is -128.
std::optional<PackedLayer> fold_layer(const NodeView& node, int32_t channels, int32_t places,
                                      QuantizedClampRange clamp);
// The same for windows of 3x3 (core/simd_rows_3x3.h), a channel at a time.
std::optional<PackedLayer> fold_layer_3x3(const NodeView& node, int32_t channels,
                                          QuantizedClampRange clamp);
// The same in Winograd's form (ops/nn/conv_2d/conv_2d_winograd.h), two channels at a time; the rule
// is ExactOutput.
std::optional<PackedLayer> winograd_layer(const NodeView& node, int32_t channels,
                                          QuantizedClampRange clamp);

}  // namespace mote
