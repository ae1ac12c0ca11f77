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

constexpr Bias kNoBias = Bias::none_or_optional;
constexpr Rule kRules[] = {
    {"average_pool_2d", always<BuiltinOperator::AVERAGE_POOL_2D>, {1, 2, 2}, pool_2d, {}, kNoBias},
    {"conv_2d", always<BuiltinOperator::CONV_2D>, {1, 3, 3}, conv_2d, {}, Bias::needed},
    {"depthwise_conv_2d",
     always<BuiltinOperator::DEPTHWISE_CONV_2D>,
     {2, 3, 3},
     depthwise_conv_2d,
     {},
     kNoBias},
    {"fully_connected",
     always<BuiltinOperator::FULLY_CONNECTED>,
     {1, 4, 12},
     fully_connected,
     {},
     kNoBias},
    {"max_pool_2d", always<BuiltinOperator::MAX_POOL_2D>, {1, 2, 2}, pool_2d, {}, kNoBias},
    {"reshape", always<BuiltinOperator::RESHAPE>, {1, 1, 1}, reshape, reshaped, kNoBias},
    {"softmax", always<BuiltinOperator::SOFTMAX>, {1, 2, 2}, softmax, {}, kNoBias},
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
