// SPDX-License-Identifier: Apache-2.0
// Graphs inside a file's graph: bodies of branches and loops, and functions of the file, both taken
// over where they are called. Private to this folder.
#pragma once
#include "compiler/import/onnx/rules.h"

namespace mote::onnx {

// One node through its rule, or the function that the file gives for it.
void import_node(Import& import, int32_t node);

// What the outputs of `body` become, given its inputs. It sees the values around the node.
std::vector<ValueId> call(OperatorView& op, const format::GraphProto& body,
                          const std::vector<ValueId>& inputs);

// Null where the file has no such function.
const format::FunctionProto* find_function(const Model& model, const format::NodeProto& node);

}  // namespace mote::onnx
