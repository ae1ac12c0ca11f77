// SPDX-License-Identifier: Apache-2.0
// What a graph with explicit quantize layers says about the scale of its float values: read
// backwards from each quantize layer, through what moves numbers or cuts them off. For pairs.cc.
#pragma once
#include <optional>

#include "graph/op_def.h"

namespace mote {

// The same integers as s8: u8 and its zero point less 128. None where they are of another type or
// have several scales.
std::optional<Quantization> as_s8(ElementType type, const Quantization& quantization);

// Whether the layer does to integers, at their scale, what it does to the real numbers that they
// stand for: moves them, or chooses the largest.
bool keeps_scale(const Node& node);

// Of each value: the s8 quantisation that everything that reads it gives it, perhaps behind layers
// that keep the scale or clamp; none where something reads it as it is.
std::vector<std::optional<Quantization>> wanted_scales(const Graph& graph);

}  // namespace mote
