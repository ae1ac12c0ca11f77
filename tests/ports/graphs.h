// SPDX-License-Identifier: Apache-2.0
// The graphs that must give the same bytes on every core: between them they hold every kind of
// signal block and every operator of ops.def, in several parameterisations, side by side as
// outputs. In: nothing. Out: Graphs; the same ones in every run.
#pragma once
#include <string>
#include <vector>

#include "graph/graph.h"

namespace mote::ports {

constexpr int32_t kAxes = 3;            // of the sensor stream of every graph here
constexpr int32_t kWindowSamples = 32;  // of most blocks' windows, and of a random window

// Every signal block and operator of ops/dsp in its fixed-point form; missing samples interpolate.
Graph fixed_signals();
// The same in float32; missing samples hold.
Graph float_signals();
// Every operator of ops/nn and ops/rule in float32; missing samples reset.
Graph float_network();
// The same network after post-training quantisation, with quantize and dequantize on top.
Graph int8_network();
// Functions of one number, reductions and normalisations with each of their kernels: of integers and
// in float32.
Graph reductions();
Graph float_reductions();
// Every operator that moves numbers, with each of its kernels.
Graph movement();
// Layers with weights that the networks do not hold, in float32; and in int8 and int16.
Graph float_layers();
Graph integer_layers();
// 64 int8 layers of a kind with kernels for instruction sets, of random shapes, strides, padding,
// zero points and scales: each compiled with its own constants.
Graph convolutions();
Graph depthwise_convolutions();
Graph dense_layers();
Graph sums();
// Every kernel of operators of two operands on integers, and on real numbers; missing samples hold.
Graph elementwise();
Graph float_elementwise();
// Every operator of ops/audio; recurrent layers, and what else has states or several outputs.
Graph signal_library();
Graph recurrent();
// A network of an image; its test wants it in so little memory that layers run by rows.
Graph image_by_rows();
// One window of statistics and a small int8 network: what fits a board of 16 kB.
Graph small_chain();

Graph graph_named(const std::string& name);
std::vector<std::string> graph_names();

}  // namespace mote::ports
