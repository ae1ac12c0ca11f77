// SPDX-License-Identifier: Apache-2.0
// Host: s8 layers for kernels that add two sums in one word (core/simd_lanes.h). In: a layer's
// weights and bias, channel by channel. Out: words. Of four places at a time (a convolution), of
// each eight channels the weights, of each tap a byte a channel, then of each channel
//   what T begins with; the bias, with which F begins; its runs, a byte each (core/
//   simd_lane_places.h), filled up to words; the numbers of its output rule
//   (ops/nn/clamped_output.h).
// Of four channels at a time (fully connected), of each four
//   the bytes of the runs; what T, F of 0 and 1, T, F of 2 and 3 begin with; the runs, a byte each,
//   and kEndOfRuns, filled up to words; of each two taps two words of weights (core/
//   simd_lane_channels.h); of each channel its numbers.
// Of one channel of 3x3 at a time (depthwise), what T and F begin with; how its runs are
// cut (core/simd_lane_rows.h); its nine weights, filled up to three words; its numbers.
// Of one channel at a time whose sum has a word of its own (depthwise, too), the weights as they
// lie in the graph, filled up to words; then of each channel the bias, its numbers.
#pragma once
#include <optional>

#include "graph/op_def.h"
#include "ops/activation.h"
#include "ops/nn/packed_layer.h"

namespace mote {

struct LaneLayer {
  std::vector<uint32_t> words;
  bool is_clamped = false;  // the numbers are those of ClampedOutput
  int32_t low_bits = 0;
  bool signs = false;
};

// None where a sum may leave 23 bits and its sign, or the products of two weights int16.
std::optional<LaneLayer> lane_layer_by_places(const NodeView& node, int32_t channels,
                                              QuantizedClampRange clamp);
std::optional<LaneLayer> lane_layer_by_channels(const NodeView& node, int32_t channels,
                                                QuantizedClampRange clamp);
// `turned`: rows and columns are exchanged. Clamped, or none.
std::optional<LaneLayer> lane_layer_3x3(const NodeView& node, int32_t channels,
                                        QuantizedClampRange clamp, bool turned);
// Clamped, or none.
std::optional<LaneLayer> lane_layer_by_taps(const NodeView& node, int32_t channels,
                                            QuantizedClampRange clamp);

}  // namespace mote
