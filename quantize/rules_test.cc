// SPDX-License-Identifier: Apache-2.0
// Every network operator's rule of quantisation: a float graph of one layer, its integer form by
// the rule, both run on the same inputs; the answers agree to a few of the output's steps.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "ops/nn/unary/functions.h"
#include "ops/run_one_node.h"
#include "quantize/post_training.h"

namespace mote {
namespace {

Graph integer_form(const OneNode& one, const std::vector<float>& x, Precision precision) {
  const Calibration calibration = calibrate(one.graph, rows_source(x, x.size()));
  QuantizePlan plan;
  plan.precision = precision;
  QuantizeReport report;
  Diagnostics diagnostics;
  return quantize(one.graph, calibration, plan, report, diagnostics);
}

// Runs `one` in float and in its integer form on `x`: the integer output's real numbers less the
// float ones.
std::vector<double> differences(const OneNode& one, const std::vector<float>& x,
                                const Graph& integer) {
  const auto y = one.run<float>(x);
  Evaluator evaluator(integer);
  const Bytes sample = sample_of(one.graph, integer, 0, x.data());
  evaluator.push(0, sample.data());
  const Value& output = integer.value(integer.outputs[0]);
  const uint8_t* bytes = evaluator.bytes(integer.outputs[0]).data();
  std::vector<double> all;
  for (size_t i = 0; i < y.size(); ++i) {
    const int32_t q = output.type == ElementType::s16 ? reinterpret_cast<const int16_t*>(bytes)[i]
                                                      : reinterpret_cast<const int8_t*>(bytes)[i];
    all.push_back(double(output.quantization.scale()) * (q - output.quantization.zero_point()) -
                  double(y[i]));
  }
  return all;
}

// The largest difference in steps of the int8 output. The 16x8 form, where there is one, must be
// much nearer.
double largest_difference(const OneNode& one, const std::vector<float>& x) {
  const Graph integer = integer_form(one, x, Precision::w8a8);
  EXPECT_EQ(integer.value(integer.outputs[0]).type, ElementType::s8);
  double largest = 0, wide_error = 0, signal = 0;
  for (double difference : differences(one, x, integer))
    largest = std::max(largest, std::fabs(difference));
  const std::string refusal = code_of_failure([&] {
    const Graph wide = integer_form(one, x, Precision::w8a16);
    EXPECT_EQ(wide.value(wide.outputs[0]).type, ElementType::s16);
    for (double difference : differences(one, x, wide)) wide_error += difference * difference;
    for (float y : one.run<float>(x)) signal += double(y) * double(y);
  });
  static const std::set<std::string> without{"unary", "prelu", "cumsum", "log_softmax",
                                             "l2_normalization"};
  const std::string& name = one.graph.nodes[0].op->name;
  if (!refusal.empty()) {
    EXPECT_TRUE(without.count(name)) << name << " has no 16x8 form: " << refusal;
  } else {
    EXPECT_LT(wide_error, 1e-4 * signal) << name;
  }
  return largest / double(integer.value(integer.outputs[0]).quantization.scale());
}

struct Layer {
  OneNode one;
  Numbers numbers;
  std::vector<float> x;

  explicit Layer(Shape shape)
      : one(OneNode::make<float>(shape)), x(numbers.reals(element_count(shape), -3, 5)) {}
  ValueId constant(Shape shape) {
    return one.constant("c" + std::to_string(one.graph.values.size()), shape,
                        numbers.reals(element_count(shape), -1, 1));
  }
};

TEST(QuantizeRules, FullyConnectedAndConvolutions) {
  Layer dense({2, 20});
  dense.one.add(fully_connected_op, {}, {dense.constant({6, 20}), dense.constant({6})});
  EXPECT_LE(largest_difference(dense.one, dense.x), 3);

  Layer conv({1, 6, 7, 3});
  conv.one.add(conv_2d_op, {{"padding", std::string("same")}, {"activation", std::string("relu")}},
               {conv.constant({4, 3, 3, 3}), conv.constant({4})});
  EXPECT_LE(largest_difference(conv.one, conv.x), 3);

  Layer depthwise({1, 6, 7, 3});
  depthwise.one.add(depthwise_conv_2d_op, {{"stride_h", int64_t{2}}},
                    {depthwise.constant({1, 3, 3, 6}), -1});
  EXPECT_LE(largest_difference(depthwise.one, depthwise.x), 3);
}

TEST(QuantizeRules, TransposeConvAndBatchMatmul) {
  Layer transposed({1, 4, 5, 3});
  transposed.one.add(transpose_conv_op,
                     {{"output_h", int64_t{8}},
                      {"output_w", int64_t{10}},
                      {"stride_h", int64_t{2}},
                      {"stride_w", int64_t{2}},
                      {"padding", std::string("same")}},
                     {transposed.constant({4, 3, 3, 3}), transposed.constant({4})});
  EXPECT_LE(largest_difference(transposed.one, transposed.x), 3);

  Layer constant({2, 3, 20});
  constant.one.add(batch_matmul_op, {}, {constant.constant({20, 5})});
  EXPECT_LE(largest_difference(constant.one, constant.x), 3);

  Layer computed({2, 3, 6});
  computed.one.add(batch_matmul_op, {{"adj_y", int64_t{1}}}, {computed.one.input});
  EXPECT_LE(largest_difference(computed.one, computed.x), 3);
}

TEST(QuantizeRules, AddOfAConstant) {
  Layer layer({1, 4, 5});
  layer.one.add(add_op, {}, {layer.constant({5})});
  EXPECT_LE(largest_difference(layer.one, layer.x), 2);
}

TEST(QuantizeRules, OperatorsOfTwoOperands) {
  for (const OpDef* op : {&sub_op, &mul_op, &minimum_op, &maximum_op, &squared_difference_op}) {
    Layer layer({1, 4, 5});
    layer.one.add(*op, {}, {layer.constant({5})});
    EXPECT_LE(largest_difference(layer.one, layer.x), 3) << op->name;
  }
}

TEST(QuantizeRules, AddOfItself) {
  Layer layer({1, 20});
  layer.one.add(add_op, {{"activation", std::string("relu")}}, {layer.one.input});
  EXPECT_LE(largest_difference(layer.one, layer.x), 2);
}

TEST(QuantizeRules, ConcatenateBringsInputsToOneScale) {
  Layer layer({2, 10});
  layer.one.add(concatenate_op, {}, {layer.one.input});
  Calibration calibration = calibrate(layer.one.graph, rows_source(layer.x, layer.x.size()));
  for (float end : {-20.0f, 30.0f}) calibration.seen.at("node").histogram.add(end);
  QuantizeReport report;
  Diagnostics diagnostics;
  const Graph integer = quantize(layer.one.graph, calibration, {}, report, diagnostics);
  EXPECT_EQ(integer.nodes.size(), 3u);  // two quantize layers in front
  EXPECT_EQ(integer.value(integer.outputs[0]).quantization,
            quantization_over(ElementType::s8, {-20, 30}));
  EXPECT_EQ(integer.value(integer.outputs[0]).shape, (Shape{2, 20}));
}

TEST(QuantizeRules, Pooling) {
  for (const OpDef* op : {&max_pool_2d_op, &average_pool_2d_op}) {
    Layer layer({1, 6, 6, 3});
    layer.one.add(*op, {{"filter_h", int64_t{2}}, {"filter_w", int64_t{2}}});
    EXPECT_LE(largest_difference(layer.one, layer.x), 2) << op->name;
  }
}

TEST(QuantizeRules, ElementwiseAndMean) {
  Layer relu({1, 50});
  relu.one.add(activation_op, {{"activation", std::string("relu6")}});
  EXPECT_LE(largest_difference(relu.one, relu.x), 2);

  Layer mean({1, 5, 6, 4});
  mean.one.add(mean_op);
  EXPECT_LE(largest_difference(mean.one, mean.x), 4);

  for (const OpDef* op : {&logistic_op, &tanh_op, &softmax_op}) {
    Layer layer({1, 30});
    layer.one.add(*op);
    EXPECT_LE(largest_difference(layer.one, layer.x), 3) << op->name;
  }
}

TEST(QuantizeRules, EveryUnaryFunctionOverItsOwnRange) {
  for (const UnaryFunction& function : unary_functions()) {
    Layer layer({1, 60});
    const bool unit =
        function.name == "asin" || function.name == "acos" || function.name == "atanh";
    const bool positive = function.name == "log" || function.name == "sqrt" ||
                          function.name == "rsqrt" || function.name == "reciprocal" ||
                          function.name == "acosh";
    layer.x = layer.numbers.reals(60,
                                  unit       ? -0.9f
                                  : positive ? 1.5f
                                             : -1.4f,
                                  unit       ? 0.9f
                                  : positive ? 5
                                             : 1.4f);
    layer.one.add(unary_op, {{"function", std::string(function.name)}});
    // The input's step, times the slope, in steps of the output; sign and ceil jump.
    const bool jumps = function.name == "sign" || function.name == "ceil" ||
                       function.name == "floor" || function.name == "round" ||
                       function.name == "thresholded_relu";
    if (jumps) continue;
    EXPECT_LE(largest_difference(layer.one, layer.x), 7) << function.name;
  }
}

TEST(QuantizeRules, Prelu) {
  Layer layer({2, 4, 5});
  layer.one.add(prelu_op, {}, {layer.constant({4, 1})});
  EXPECT_LE(largest_difference(layer.one, layer.x), 3);
}

TEST(QuantizeRules, Reductions) {
  for (const char* function : {"sum", "max", "min", "l1", "l2", "sum_square", "log_sum_exp"}) {
    Layer layer({3, 4, 5});
    layer.one.add(reduce_op,
                  {{"function", std::string(function)}, {"axes", std::vector<int64_t>{0, 2}}});
    EXPECT_LE(largest_difference(layer.one, layer.x), 4) << function;
  }
  Layer cumsum({3, 7});
  cumsum.one.add(cumsum_op, {{"reverse", int64_t{1}}, {"exclusive", int64_t{1}}});
  EXPECT_LE(largest_difference(cumsum.one, cumsum.x), 9);  // TFLM's begins with the zero point
}

TEST(QuantizeRules, Normalisations) {
  for (const OpDef* op : {&log_softmax_op, &l2_normalization_op, &normalize_op}) {
    Layer layer({2, 30});
    layer.one.add(*op);
    EXPECT_LE(largest_difference(layer.one, layer.x), 4) << op->name;
  }
  Layer local({2, 9});
  local.one.add(local_response_normalization_op, {{"before", int64_t{1}}, {"after", int64_t{2}}});
  EXPECT_LE(largest_difference(local.one, local.x), 4);
}

TEST(QuantizeRules, StandardizeGivesInt8) {
  OneNode one = OneNode::make<int32_t>({6}, per_tensor(1.0f / 65536, 0));
  one.add(standardize_op, {},
          {one.constant("mean", {2}, std::vector<float>{1, -2}),
           one.constant("inv_std", {2}, std::vector<float>{0.5f, 2})});
  const std::vector<int32_t> x{65536, -65536, 200000, -131072, 0, 50000};
  const auto y = one.run<float>(x);
  QuantizeReport report;
  Diagnostics diagnostics;
  const Graph integer = quantize(one.graph, {}, {}, report, diagnostics);
  Evaluator evaluator(integer);
  evaluator.push(0, x.data());
  const auto* q = reinterpret_cast<const int8_t*>(evaluator.bytes(integer.outputs[0]).data());
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(q[i] / 32.0, y[i], 0.51 / 32);
}

}  // namespace
}  // namespace mote
