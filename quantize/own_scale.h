// SPDX-License-Identifier: Apache-2.0
// Integer forms at a stated scale of layers whose operators give another one: average_pool_2d its
// input's; logistic, tanh and softmax one that is fixed. A scale layer behind them would round
// twice. For pairs.cc.
#pragma once
#include "graph/quantizer.h"

namespace mote {

// Writes the layer with one rounding; false, and nothing is written, where the operator's own rule
// serves. An average pool: the mean over height and width where the window is the image, else a
// convolution of each channel by weights of 1 at scale 1 / window (not where windows reach over the
// border). logistic, tanh: a table. softmax: by way of 16 bits.
bool quantize_at_stated_scale(Quantizer& quantizer, const NodeView& view);

}  // namespace mote
