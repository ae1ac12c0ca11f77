// SPDX-License-Identifier: Apache-2.0
// The layer alone in a graph, with its first constant as the sample. See constant_layer.h.
#include "graph/constant_layer.h"

#include "graph/evaluator.h"

namespace mote {

std::vector<Value> compute_constants(const OpDef& op, const std::string& name,
                                     const std::vector<const Value*>& inputs,
                                     const Attributes& attributes,
                                     const std::function<void(const Graph& alone)>& check) {
  Graph alone;
  std::vector<ValueId> ids;
  const Value* sample = nullptr;
  for (const Value* value : inputs) {
    if (!value) {
      ids.push_back(-1);
    } else if (!sample) {
      sample = value;
      ids.push_back(
          alone.add_tensor_stream(value->name, value->type, value->shape, value->quantization));
    } else {
      alone.values.push_back(*value);
      ids.push_back(ValueId(alone.values.size()) - 1);
    }
  }
  if (!sample) fail("missing-input", name, "the layer has no input", "convert the model again");
  alone.add_node(op, name, ids, attributes);
  alone.outputs = alone.nodes.back().outputs;
  if (check) check(alone);
  Evaluator evaluator(alone);
  evaluator.push(0, sample->data->data());
  std::vector<Value> constants;
  for (ValueId id : alone.outputs) {
    const auto result = evaluator.bytes(id);
    Value constant = alone.value(id);
    constant.kind = ValueKind::constant;
    constant.clock = {};
    constant.data = std::make_shared<const Bytes>(result.begin(), result.end());
    constants.push_back(std::move(constant));
  }
  return constants;
}

}  // namespace mote
