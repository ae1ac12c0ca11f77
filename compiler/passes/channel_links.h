// SPDX-License-Identifier: Apache-2.0
// How the channels of a node's output follow from those of its inputs. A channel is an index of a
// value's last dimension, at all positions of the others. In: a node. Out: its kind, and which
// channels belong together.
#pragma once
#include "graph/op_def.h"

namespace mote {

// 1 for a scalar.
int32_t channel_count(const Value& value);

enum class ChannelKind : uint8_t {
  mixed,   // anything may depend on anything
  dense,   // an integer layer that sums each output channel over all input channels
  linked,  // an output channel depends on the channels that are linked to it and on no others
};

// Channel `from` of input `input`, which is computed, goes into channel `to` of the output.
struct ChannelLink {
  size_t input;
  int32_t from, to;
};

struct ChannelRule {
  ChannelKind kind = ChannelKind::mixed;
  std::vector<ChannelLink> links = {};  // of linked
};
ChannelRule channel_rule(const Graph& graph, const Node& node);

// conv_2d, depthwise_conv_2d, fully_connected.
bool is_weighted(const Node& node);

}  // namespace mote
