// SPDX-License-Identifier: Apache-2.0
// Writes the network part of a Graph as a .tflite model, for colleagues who deploy with TensorFlow
// Lite and as the way to ask TensorFlow Lite Micro for a second opinion. In: a float or integer
// Graph and the values to cut it at. Out: the bytes of the file. An int8 model answers byte for
// byte the same under TensorFlow Lite Micro as here.
#pragma once
#include "graph/graph.h"

namespace mote {

struct TfliteExportOptions {
  std::vector<ValueId>
      inputs;  // where the exported part begins (the standardized features); empty: the streams
  std::vector<ValueId> outputs;  // where it ends (the scores); empty: the graph's outputs
};

// Only nodes between inputs and outputs are written. Values of rank 0 and 1 get leading dimensions
// of 1, because the format's runtimes expect a batch. Fails (UserError, with all problems at once)
// on an operator that the format lacks, and where an output depends on something that is neither a
// given input nor a constant.
Bytes export_tflite(const Graph& graph, const TfliteExportOptions& options,
                    Diagnostics& diagnostics);

}  // namespace mote
