// SPDX-License-Identifier: Apache-2.0
// The table of operators. See rules.h.
#include "compiler/emit/tflite/rules.h"

#include <iterator>

namespace mote::tflite {
namespace {

using flatbuffers::FlatBufferBuilder;
using format::ActivationFunctionType;
using format::BuiltinOperator;
using format::BuiltinOptions;

template <BuiltinOperator kCode>
BuiltinOperator always(const NodeView&) {
  return kCode;
}

ActivationFunctionType fused_activation(const NodeView& node) {
  const std::string& name = node.text("activation");
  if (name == "relu") return ActivationFunctionType::RELU;
  if (name == "relu6") return ActivationFunctionType::RELU6;
  if (name == "relu_n1_to_1") return ActivationFunctionType::RELU_N1_TO_1;
  MOTE_ASSERT(name == "none");
  return ActivationFunctionType::NONE;
}

OptionsTable fully_connected(FlatBufferBuilder& builder, const NodeView& node) {
  const bool keep_num_dims = written_shape(node.output()).size() > 2;
  const auto table = format::CreateFullyConnectedOptions(
      builder, fused_activation(node), format::WeightsFormat::DEFAULT, keep_num_dims);
  return {BuiltinOptions::FullyConnectedOptions, table.Union()};
}

constexpr Rule kRules[] = {
    {"fully_connected", always<BuiltinOperator::FULLY_CONNECTED>, {1, 4, 12}, fully_connected, {}},
};

}  // namespace

const Rule* find_rule(std::string_view op) {
  for (const Rule& rule : kRules)
    if (rule.op == op) return &rule;
  return nullptr;
}

int32_t version(const Rule& rule, const NodeView& node) {
  if (node.input(0).type == ElementType::f32) return rule.versions.f32;
  const bool per_channel = node.has_input(1) && node.input(1).quantization.scales.size() > 1;
  return per_channel ? rule.versions.s8_per_channel : rule.versions.s8;
}

Shape written_shape(const Value& value) {
  Shape shape = value.shape;
  while (shape.size() < 2) shape.insert(shape.begin(), 1);
  return shape;
}

}  // namespace mote::tflite
