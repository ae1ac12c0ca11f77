// SPDX-License-Identifier: Apache-2.0
// A model file that is run hop by hop (compiler/passes/stream_over_time.h). In: the model of a
// whole window, the same hop by hop, frames. Out: the frames as samples of a hop, and whether each
// answer is the whole window's.
#pragma once
#include "project/plain_model.h"

namespace mote {

// What to feed, as read_samples(): zero and prng are two windows' hops, or of long windows one and
// 32 hops; of a .npy file the dimension of time holds as many frames as there are, a multiple of
// the hop and at least a window.
ModelSamples read_frames(const Graph& window, const Graph& by_hop,
                         const std::vector<std::string>& words, Diagnostics& diagnostics);

// Runs the whole model on every window that the frames complete. `answers`: of by_hop.
HopComparison compare_with_windows(const Graph& window, const Graph& by_hop,
                                   const ModelSamples& samples, const ModelAnswers& answers);

// Every layer, state and decision as on the host, every answer as the whole window's.
bool is_equal(const FirmwareResult& result);

}  // namespace mote
