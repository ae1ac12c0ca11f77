// SPDX-License-Identifier: Apache-2.0
// See through_float.h.
#include "ops/nn/through_float.h"

#include "ops/activation.h"
#include "ops/registry.h"

namespace mote {

void quantize_through_float(Quantizer& quantizer, const NodeView& node, const OpDef& op) {
  Graph& graph = quantizer.graph();
  const std::string name = node.node().name;
  const std::string type = to_string(quantizer.type(node));
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < node.input_count(); ++i) {
    ValueId input = node.has_input(i) ? quantizer.input(node, i) : -1;
    if (input >= 0 && graph.value(input).type == quantizer.type(node))
      input = graph.add_node(dequantize_op, name + "/input" + std::to_string(i), {input});
    inputs.push_back(input);
  }
  const ValueId real = graph.add_node(op, name + "/real", inputs, node.node().attributes);
  quantizer.replace(node, quantize_op, {real},
                    with_output_quantization({{"output_type", type}}, quantizer.activation(node)));
}

}  // namespace mote
