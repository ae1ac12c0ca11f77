// SPDX-License-Identifier: Apache-2.0
// Layers with weights, pools and softmax. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

std::string padding(format::Padding padding) {
  return padding == format::Padding::SAME ? "same" : "valid";
}

// Weights, at input i. Where activations are float and weights are not (hybrid models), the weights
// are dequantised here: float arithmetic, as the model's author measured it.
ValueId weights_of(OperatorView& op, ValueId x, size_t i) {
  const ValueId weights = op.input(i);
  const bool hybrid =
      op.value(x).type == ElementType::f32 && op.value(weights).type != ElementType::f32;
  return hybrid ? op.float_constant(i) : weights;
}

std::vector<ValueId> weighted_inputs(OperatorView& op) {
  const ValueId x = op.input(0);
  return {x, weights_of(op, x, 1), op.optional_input(2)};
}

// What an s16 layer without bias sums in.
int64_t sum_bits(format::TensorType bias_type) {
  return bias_type == format::TensorType::INT32 ? 32 : 64;
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
  Attributes attributes = convolution(op, options);
  attributes["sum_bits"] = sum_bits(options.quantized_bias_type());
  op.set(op.add(conv_2d_op, weighted_inputs(op), attributes));
}

void import_depthwise_conv_2d(OperatorView& op) {
  const auto& options = op.options<format::DepthwiseConv2DOptions>();
  op.set(op.add(depthwise_conv_2d_op, weighted_inputs(op), convolution(op, options)));
}

ValueId in_shape(OperatorView& op, ValueId id, const Shape& shape, const char* part) {
  if (op.value(id).shape == shape) return id;
  return op.add(reshape_op, {id}, {{"shape", std::vector<int64_t>(shape.begin(), shape.end())}},
                part);
}

// The format's layer takes any shape whose elements are rows of the weights' length, and gives any
// shape whose last dimension is theirs.
void import_fully_connected(OperatorView& op) {
  const auto& options = op.options<format::FullyConnectedOptions>();
  if (options.weights_format() != format::WeightsFormat::DEFAULT)
    op.refuse("wrong-options", "its weights are shuffled for one desktop kernel",
              "convert the model without that");
  std::vector<ValueId> inputs = weighted_inputs(op);
  const Shape weights = op.value(inputs[1]).shape;
  if (weights.size() != 2) op.refuse("wrong-shape", "its weights must have two dimensions");
  const int64_t elements = op.value(inputs[0]).elements();
  if (elements % weights[1] != 0)
    op.refuse("wrong-shape", "its input is not rows of " + std::to_string(weights[1]) + " numbers");
  Shape rows = op.out().shape;
  if (rows.empty()) op.refuse("wrong-shape", "its output has no dimensions");
  rows.back() = weights[1];
  if (element_count(rows) != elements) rows = {int32_t(elements / weights[1]), weights[1]};
  inputs[0] = in_shape(op, inputs[0], rows, "rows");
  op.set(op.add(fully_connected_op, inputs,
                op.with_output({{"activation", op.activation(options.fused_activation_function())},
                                {"sum_bits", sum_bits(options.quantized_bias_type())}})));
}

// Inputs: the output's shape, which the file gives the output as well, weights, x, bias.
void import_transpose_conv(OperatorView& op) {
  const auto& options = op.options<format::TransposeConvOptions>();
  const ValueId x = op.input(2);
  const Shape& shape = op.out().shape;
  if (shape.size() != 4) op.refuse("wrong-shape", "its output must have four dimensions");
  op.set(
      op.add(transpose_conv_op, {x, weights_of(op, x, 1), op.optional_input(3)},
             op.with_output({{"output_h", int64_t(shape[1])},
                             {"output_w", int64_t(shape[2])},
                             {"stride_h", int64_t(options.stride_h())},
                             {"stride_w", int64_t(options.stride_w())},
                             {"padding", padding(options.padding())},
                             {"activation", op.activation(options.fused_activation_function())}})));
}

void import_batch_matmul(OperatorView& op) {
  const auto& options = op.options<format::BatchMatMulOptions>();
  const ValueId x = op.input(0);
  op.set(op.add(
      batch_matmul_op, {x, weights_of(op, x, 1)},
      op.with_output({{"adj_x", int64_t(options.adj_x())}, {"adj_y", int64_t(options.adj_y())}})));
}

// Inputs: x, features, times, bias, state (a variable: the operator's own). The runtimes' integer
// kernels apply no activation.
void import_svdf(OperatorView& op) {
  const auto& options = op.options<format::SVDFOptions>();
  const ValueId x = op.input(0);
  const bool is_float = op.value(x).type == ElementType::f32;
  const Tensor& state = op.in(4);
  if (!state.is_variable) op.refuse("wrong-input", "its state must be a variable");
  Attributes attributes = op.with_output(
      {{"rank", int64_t(options.rank())},
       {"activation", is_float ? op.activation(options.fused_activation_function()) : "none"}});
  if (!is_float) {
    attributes["state_scale"] = double(state.quantization.scale());
    attributes["state_zero_point"] = int64_t(state.quantization.zero_point());
  }
  op.set(op.add(svdf_op, {x, weights_of(op, x, 1), weights_of(op, x, 2), op.optional_input(3)},
                attributes));
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
void import_l2_pool_2d(OperatorView& op) { import_pool(op, l2_pool_2d_op); }
void import_max_pool_2d(OperatorView& op) { import_pool(op, max_pool_2d_op); }

void import_softmax(OperatorView& op) {
  op.set(op.add(softmax_op, {op.input(0)},
                {{"beta", double(op.options<format::SoftmaxOptions>().beta())},
                 {"output_type", op.out().type == format::TensorType::INT16 ? "s16" : "same"}}));
}

constexpr ImportRule kRules[] = {
    {Op::AVERAGE_POOL_2D, import_average_pool_2d},
    {Op::BATCH_MATMUL, import_batch_matmul},
    {Op::CONV_2D, import_conv_2d},
    {Op::DEPTHWISE_CONV_2D, import_depthwise_conv_2d},
    {Op::FULLY_CONNECTED, import_fully_connected},
    {Op::L2_POOL_2D, import_l2_pool_2d},
    {Op::MAX_POOL_2D, import_max_pool_2d},
    {Op::SOFTMAX, import_softmax},
    {Op::SVDF, import_svdf},
    {Op::TRANSPOSE_CONV, import_transpose_conv},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::tflite
