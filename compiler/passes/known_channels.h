// SPDX-License-Identifier: Apache-2.0
// Channels that do not depend on the input. Trained networks hold many: weight decay drives all
// weights of a channel to zero, or its sums end beyond the clamp of its activation. In: a graph.
// Out: which channels are known before it runs, and their numbers.
#pragma once
#include "graph/graph.h"

namespace mote {

struct KnownChannels {
  std::vector<bool> known;  // a channel each
  Bytes numbers;            // the value's; those of channels that are not known mean nothing

  bool any() const;
};

// Of each value. A channel of a layer with weights is known where every weight that meets a channel
// that is not is zero, or where its output is the same for all sums that can come; a channel of
// other layers where all channels linked to it are. Their numbers are what the layers' own kernels
// make of what is known, so borders, roundings and clamps are as in the model.
std::vector<KnownChannels> known_channels(const Graph& graph);

}  // namespace mote
