// SPDX-License-Identifier: Apache-2.0
// Post-training quantisation: a float Graph and its calibration -> the same graph with the network
// in int8. Signal blocks and streams stay as they are; each operator rewrites itself by its own
// rule (graph/quantizer.h); names are kept.
#pragma once
#include "graph/quantizer.h"
#include "quantize/calibration.h"
#include "quantize/report.h"

namespace mote {

// Takes a graph that passes verify(). Float layers that have a quantisation rule become integer
// layers; the others are copied and take what comes. A tensor stream of floats becomes int8 at its
// calibrated range where an integer layer reads it. The report gets a row for every value that
// became int8. Throws UserError at the first layer that cannot be quantised; the result passes
// verify().
Graph quantize(const Graph& float_graph, const Calibration& calibration, QuantizeReport& report,
               Diagnostics& diagnostics);

// int8 over a range that contains zero: scale = (max - min) / 255, zero point nudged to the nearest
// integer, so that zero is exact (TFLite's ChooseQuantizationParams). A range of no width gets
// scale 1 / 255.
Quantization int8_over(ValueRange range);

}  // namespace mote
