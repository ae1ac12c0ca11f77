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

format::Padding padding(const NodeView& node) {
  if (node.text("padding") == "given")
    node.refuse("no-tflite-operator", "the .tflite format has no convolution of given borders",
                "put a pad layer in front of it, with padding valid");
  return node.text("padding") == "same" ? format::Padding::SAME : format::Padding::VALID;
}

int32_t integer(const NodeView& node, const char* name) { return int32_t(node.integer(name)); }

OptionsTable fully_connected(FlatBufferBuilder& builder, const NodeView& node) {
  const bool keep_num_dims = written_shape(node.output()).size() > 2;
  const auto table = format::CreateFullyConnectedOptions(
      builder, fused_activation(node), format::WeightsFormat::DEFAULT, keep_num_dims);
  return {BuiltinOptions::FullyConnectedOptions, table.Union()};
}

OptionsTable conv_2d(FlatBufferBuilder& builder, const NodeView& node) {
  const auto table = format::CreateConv2DOptions(
      builder, padding(node), integer(node, "stride_w"), integer(node, "stride_h"),
      fused_activation(node), integer(node, "dilation_w"), integer(node, "dilation_h"));
  return {BuiltinOptions::Conv2DOptions, table.Union()};
}

OptionsTable depthwise_conv_2d(FlatBufferBuilder& builder, const NodeView& node) {
  const int32_t depth_multiplier = node.output().shape.back() / node.input(0).shape.back();
  const auto table = format::CreateDepthwiseConv2DOptions(
      builder, padding(node), integer(node, "stride_w"), integer(node, "stride_h"),
      depth_multiplier, fused_activation(node), integer(node, "dilation_w"),
      integer(node, "dilation_h"));
  return {BuiltinOptions::DepthwiseConv2DOptions, table.Union()};
}

OptionsTable pool_2d(FlatBufferBuilder& builder, const NodeView& node) {
  const auto table = format::CreatePool2DOptions(
      builder, padding(node), integer(node, "stride_w"), integer(node, "stride_h"),
      integer(node, "filter_w"), integer(node, "filter_h"), fused_activation(node));
  return {BuiltinOptions::Pool2DOptions, table.Union()};
}

OptionsTable softmax(FlatBufferBuilder& builder, const NodeView& node) {
  const auto table = format::CreateSoftmaxOptions(builder, float(node.number("beta")));
  return {BuiltinOptions::SoftmaxOptions, table.Union()};
}

std::vector<int32_t> reshaped(const NodeView& node) { return written_shape(node.output()); }

OptionsTable reshape(FlatBufferBuilder& builder, const NodeView& node) {
  const std::vector<int32_t> shape = reshaped(node);
  return {BuiltinOptions::ReshapeOptions,
          format::CreateReshapeOptionsDirect(builder, &shape).Union()};
}

OptionsTable add(FlatBufferBuilder& builder, const NodeView& node) {
  return {BuiltinOptions::AddOptions,
          format::CreateAddOptions(builder, fused_activation(node)).Union()};
}

// An axis counted in the dimensions that are written, where ones may stand before the node's own.
int32_t written_axis(const NodeView& node, int64_t axis) {
  const size_t rank = node.input(0).shape.size();
  return int32_t(axis) + int32_t(axis < 0 ? rank : 0) +
         int32_t(written_shape(node.input(0)).size() - rank);
}

OptionsTable concatenate(FlatBufferBuilder& builder, const NodeView& node) {
  const int32_t axis = written_axis(node, node.integer("axis"));
  return {BuiltinOptions::ConcatenationOptions,
          format::CreateConcatenationOptions(builder, axis).Union()};
}

// The written shape decides: [4] -> [] is [1, 4] -> [1, 1].
OptionsTable mean(FlatBufferBuilder& builder, const NodeView& node) {
  const bool keep_dims = written_shape(node.output()).size() == written_shape(node.input(0)).size();
  return {BuiltinOptions::ReducerOptions, format::CreateReducerOptions(builder, keep_dims).Union()};
}

std::vector<int32_t> mean_axes(const NodeView& node) {
  std::vector<int32_t> axes;
  for (int64_t axis : node.integers("axes")) axes.push_back(written_axis(node, axis));
  return axes;
}

BuiltinOperator activation_code(const NodeView& node) {
  switch (fused_activation(node)) {
    case ActivationFunctionType::RELU:
      return BuiltinOperator::RELU;
    case ActivationFunctionType::RELU6:
      return BuiltinOperator::RELU6;
    case ActivationFunctionType::RELU_N1_TO_1:
      return BuiltinOperator::RELU_N1_TO_1;
    default:
      break;
  }
  if (node.input(0).type == ElementType::f32)
    node.refuse("no-tflite-operator", "an activation of 'none' does nothing to float32 numbers",
                "remove the layer");
  // No clamp is left: a change of scale.
  return BuiltinOperator::QUANTIZE;
}

Difference activation_in_micro(const NodeView& node) {
  const char* remedy = "deploy with mote or LiteRT, or fuse the activation into the layer before";
  const std::string& name = node.text("activation");
  const Value& input = node.input(0);
  if (name == "relu_n1_to_1") return {"has no operator for relu_n1_to_1", remedy};
  if (name == "relu6" && input.quantization != node.output().quantization)
    return {"ignores that relu6 changes the scale here", remedy};
  return {};
}

using Op = BuiltinOperator;
constexpr Operands kData = Operands::data;
constexpr Operands kWeights = Operands::weights;
constexpr Operands kBias = Operands::weights_and_bias;
// clang-format off
constexpr Rule kRules[] = {
    {"activation", activation_code, {1, 2, 2}, kData, nullptr, nullptr, activation_in_micro},
    {"add", always<Op::ADD>, {1, 2, 2}, kData, add},
    {"average_pool_2d", always<Op::AVERAGE_POOL_2D>, {1, 2, 2}, kData, pool_2d},
    {"concatenate", always<Op::CONCATENATION>, {1, 2, 2}, kData, concatenate},
    {"conv_2d", always<Op::CONV_2D>, {1, 3, 3}, kBias, conv_2d},
    {"depthwise_conv_2d", always<Op::DEPTHWISE_CONV_2D>, {2, 3, 3}, kWeights, depthwise_conv_2d},
    {"dequantize", always<Op::DEQUANTIZE>, {2, 2, 2}, kData},
    {"fully_connected", always<Op::FULLY_CONNECTED>, {1, 4, 12}, kWeights, fully_connected},
    {"logistic", always<Op::LOGISTIC>, {1, 2, 2}, kData},
    {"max_pool_2d", always<Op::MAX_POOL_2D>, {1, 2, 2}, kData, pool_2d},
    {"mean", always<Op::MEAN>, {1, 2, 2}, kData, mean, mean_axes},
    {"quantize", always<Op::QUANTIZE>, {1, 2, 2}, kData},
    {"reshape", always<Op::RESHAPE>, {1, 1, 1}, kData, reshape, reshaped},
    {"softmax", always<Op::SOFTMAX>, {1, 2, 2}, kData, softmax},
    {"tanh", always<Op::TANH>, {1, 2, 2}, kData},
};
// clang-format on

}  // namespace

const Rule* find_rule(std::string_view op) {
  if (op == kLstmRule.op) return &kLstmRule;
  for (const Rule& rule : kRules)
    if (rule.op == op) return &rule;
  return nullptr;
}

int32_t version_of(const Rule& rule, const NodeView& node) {
  // The one clamp that took int8 from its first version on.
  if (rule.code(node) == BuiltinOperator::RELU_N1_TO_1) return 1;
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
