// SPDX-License-Identifier: Apache-2.0
// Post-training quantisation: a float Graph, its calibration and a plan -> the same graph with the
// network in integers. Signal blocks and streams of counts stay as they are; each operator rewrites
// itself by its own rule (graph/quantizer.h); names are kept.
#pragma once
#include "graph/quantizer.h"
#include "quantize/calibration.h"
#include "quantize/plan.h"
#include "quantize/report.h"

namespace mote {

// Takes a graph that passes verify(). Float layers that have a quantisation rule become integer
// layers; layers that only move numbers take what comes, unless the plan names them; network layers
// without a rule compute in float32 between dequantize and quantize layers, each of which is a
// warning and a row of the report. A tensor stream of floats becomes an integer one at its
// calibrated range where an integer layer reads it. Throws UserError at the first layer that cannot
// be quantised; the result passes verify().
Graph quantize(const Graph& float_graph, const Calibration& calibration, const QuantizePlan& plan,
               QuantizeReport& report, Diagnostics& diagnostics);

}  // namespace mote
