// SPDX-License-Identifier: Apache-2.0
// Layers with weights, pools and softmax. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

std::string padding(format::Padding padding) {
  return padding == format::Padding::SAME ? "same" : "valid";
}

// x, weights and bias. Where activations are float and weights are not (hybrid models), the weights
// are dequantised here: float arithmetic, as the model's author measured it.
std::vector<ValueId> weighted_inputs(OperatorView& op) {
  const ValueId x = op.input(0);
  const bool is_float = op.value(x).type == ElementType::f32;
  const ValueId weights = is_float ? op.float_constant(1) : op.input(1);
  return {x, weights, op.optional_input(2)};
}

template <class Options>
Attributes convolution(const OperatorView& op, const Options& options) {
  return op.with_output({{"stride_h", int64_t(options.stride_h())},
                         {"stride_w", int64_t(options.stride_w())},
                         {"dilation_h", int64_t(options.dilation_h_factor())},
                         {"dilation_w", int64_t(options.dilation_w_factor())},
                         {"padding", padding(options.padding())},
                         {"activation", op.activation(options.fused_activation_function())}});
}

void import_conv_2d(OperatorView& op) {
  const auto& options = op.options<format::Conv2DOptions>();
  op.set(op.add(conv_2d_op, weighted_inputs(op), convolution(op, options)));
}

void import_depthwise_conv_2d(OperatorView& op) {
  const auto& options = op.options<format::DepthwiseConv2DOptions>();
  op.set(op.add(depthwise_conv_2d_op, weighted_inputs(op), convolution(op, options)));
}

// The format's layer takes any shape whose elements are rows of the weights' length.
void import_fully_connected(OperatorView& op) {
  const auto& options = op.options<format::FullyConnectedOptions>();
  if (options.weights_format() != format::WeightsFormat::DEFAULT)
    op.refuse("wrong-options", "its weights are shuffled for one desktop kernel",
              "convert the model without that");
  std::vector<ValueId> inputs = weighted_inputs(op);
  const Shape& weights = op.value(inputs[1]).shape;
  if (weights.size() != 2) op.refuse("wrong-shape", "its weights must have two dimensions");
  const Shape& x = op.value(inputs[0]).shape;
  if (!options.keep_num_dims() && x.size() != 2)
    inputs[0] =
        op.add(reshape_op, {inputs[0]}, {{"shape", std::vector<int64_t>{-1, weights[1]}}}, "rows");
  op.set(
      op.add(fully_connected_op, inputs,
             op.with_output({{"activation", op.activation(options.fused_activation_function())}})));
}

void import_pool(OperatorView& op, const OpDef& pool) {
  const auto& options = op.options<format::Pool2DOptions>();
  op.set(op.add(pool, {op.input(0)},
                {{"stride_h", int64_t(options.stride_h())},
                 {"stride_w", int64_t(options.stride_w())},
                 {"filter_h", int64_t(options.filter_height())},
                 {"filter_w", int64_t(options.filter_width())},
                 {"padding", padding(options.padding())},
                 {"activation", op.activation(options.fused_activation_function())}}));
}
void import_average_pool_2d(OperatorView& op) { import_pool(op, average_pool_2d_op); }
void import_max_pool_2d(OperatorView& op) { import_pool(op, max_pool_2d_op); }

void import_softmax(OperatorView& op) {
  op.set(op.add(softmax_op, {op.input(0)},
                {{"beta", double(op.options<format::SoftmaxOptions>().beta())}}));
}

constexpr ImportRule kRules[] = {
    {Op::AVERAGE_POOL_2D, import_average_pool_2d},
    {Op::CONV_2D, import_conv_2d},
    {Op::DEPTHWISE_CONV_2D, import_depthwise_conv_2d},
    {Op::FULLY_CONNECTED, import_fully_connected},
    {Op::MAX_POOL_2D, import_max_pool_2d},
    {Op::SOFTMAX, import_softmax},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::tflite
