// SPDX-License-Identifier: Apache-2.0
// stream_over_time: a model of a whole window of frames as one that takes the frames of a hop.
//   before  x [1, 30, 1, 40]; a = conv_2d(x) [1, 28, ...]; y = fully_connected(reshape(a))
//   after   x [1, 1, 1, 40]; w = sliding_window(x) [1, 3, ...]; a = conv_2d(w) [1, 1, ...];
//           v = sliding_window(a) [1, 28, ...], from the 30th hop on; y =
//           fully_connected(reshape(v))
// Windows that overlap share rows: what a layer made of them for the last window is kept, and only
// its new rows are made. Layers that need all rows, and all behind them, run on a window of rows as
// they are. The first answer comes when a whole window has been pushed; it and every later one has
// the bytes of the whole model's answer to the window that ends there.
#pragma once
#include "graph/graph.h"

namespace mote {

// `hop`: frames between two windows, along the first dimension of the input that is larger than 1.
// Fails with a UserError where hop and model do not fit, naming the layer.
Graph stream_over_time(const Graph& graph, int64_t hop);

}  // namespace mote
