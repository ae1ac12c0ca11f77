// SPDX-License-Identifier: Apache-2.0
// Graphs that somebody else quantised, and that say so by pairs: dequantize -> float layer ->
// quantize. Format-neutral; ONNX's QDQ form and PyTorch's PT2E come as such graphs.
//
//   before  x s8 -> dequantize -> conv_2d f32 -> transpose -> quantize -> y s8
//   after   x s8 -> conv_2d s8 -> transpose -> y s8
//
// Each float layer whose inputs all come from dequantize layers and whose outputs are all read by
// quantize layers of one scale becomes its integer form by the operator's own rule
// (graph/quantizer.h), with the scales, weights and biases that the pairs state: nothing is
// calibrated or quantised again. Between layer and pair may stand what moves numbers or cuts them
// off (activations). u8 becomes s8 at zero points less 128, exactly, and weights become themselves
// less their zero point where those are s8 numbers; inputs and outputs of the graph keep their
// types. Where only constants are dequantised the arithmetic is float by meaning: they become f32,
// and a warning says how many bytes that takes ("float-weights").
//
// The integer layers round by their own rule (TFLite Micro's fixed point), not by the pairs' (float
// arithmetic, halves to even): an output may differ by one step where the real number lies next to
// the middle of two.
#pragma once
#include "graph/graph.h"

namespace mote {

// What cannot become integer stays dequantize -> float layer -> quantize: a warning each
// ("stays-float"). Takes away dequantize layers of constants, which no evaluator runs. A graph
// without pairs comes back as it is.
Graph fold_pairs(const Graph& graph, Diagnostics& diagnostics);

// The same graph with all layers as they are: what the pairs mean, to compare with.
Graph compute_pairs_in_float(const Graph& graph, Diagnostics& diagnostics);

}  // namespace mote
