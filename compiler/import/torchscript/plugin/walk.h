// SPDX-License-Identifier: Apache-2.0
// The graph of a frozen TorchScript method as a Program. It is run once, node by node, on inputs of
// zeros: shapes, sizes and all numbers that do not depend on the input are then known, conditions
// and trip counts among them, and each operator that reads the input becomes a call. What does not
// follow from shapes and constants alone is refused. Private to this folder.
#pragma once
#include <torch/csrc/jit/ir/ir.h>

#include "compiler/import/torchscript/plugin/door.h"

namespace mote::torchscript {

struct Refused {
  Refusal refusal;
};

// "node aten::relu %x.3".
std::string place_of(const torch::jit::Node& node);

// `self` is the module, the graph's first input. Fails with Refused, or with libtorch's own errors.
pytorch::Program walk(torch::jit::Graph& graph, const c10::IValue& self,
                      const ReadRequest& request);

}  // namespace mote::torchscript
