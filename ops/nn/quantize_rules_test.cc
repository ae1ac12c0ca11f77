// SPDX-License-Identifier: Apache-2.0
// Every network operator's rule of quantisation: a float graph of one layer, its integer form by
// the rule, both run on the same inputs; the answers agree to a few of the output's steps.
#include <gtest/gtest.h>

#include <cmath>

#include "graph/quantizer.h"
#include "ops/nn/unary/functions.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

// A quantizer for graphs of one layer: ranges are those of one sample.
class OneLayerQuantizer : public Quantizer {
 public:
  OneLayerQuantizer(const Graph& source, ValueRange input, ValueRange output)
      : source_(source), output_(output), ids_(source.values.size(), -1) {
    ids_[0] = out_.add_tensor_stream("x", ElementType::s8, source.value(0).shape, over(input));
  }
  Graph& graph() override { return out_; }
  ValueId input(const NodeView& view, size_t i) override {
    if (!view.has_input(i)) return -1;
    const ValueId id = view.node().inputs[i];
    const Value& value = source_.value(id);
    if (ids_[size_t(id)] < 0)
      ids_[size_t(id)] = out_.add_constant(value.name, value.type, value.shape, *value.data);
    return ids_[size_t(id)];
  }
  ValueRange range(const NodeView&, size_t) override { return output_; }
  Quantization activation(const NodeView&, size_t) override { return over(output_); }
  ValueId replace(const NodeView& view, const OpDef& op, std::vector<ValueId> inputs,
                  Attributes attributes) override {
    out_.outputs = {out_.add_node(op, view.node().name, std::move(inputs), std::move(attributes))};
    return out_.outputs[0];
  }
  static Quantization over(ValueRange r) {
    const float scale = (r.max - r.min) / 255;
    return per_tensor(scale, int32_t(std::round(-128 - r.min / scale)));
  }

 private:
  const Graph& source_;
  ValueRange output_;
  Graph out_;
  std::vector<ValueId> ids_;
};

ValueRange range_of(const std::vector<float>& numbers) {
  ValueRange r{-1e-3f, 1e-3f};
  for (float n : numbers) r = {std::min(r.min, n), std::max(r.max, n)};
  return r;
}

// Runs `one` in float and in its integer form on `x`; the largest difference in steps of the
// integer output.
double largest_difference(const OneNode& one, const std::vector<float>& x) {
  const auto y = one.run<float>(x);
  OneLayerQuantizer quantizer(one.graph, range_of(x), range_of(y));
  one.graph.nodes[0].op->quantize(quantizer, NodeView(one.graph, one.graph.nodes[0]));
  const Graph& integer = quantizer.graph();
  const Quantization in = integer.value(0).quantization;
  std::vector<int8_t> q;
  for (float n : x)
    q.push_back(
        int8_t(std::clamp(std::round(n / in.scale()) + float(in.zero_point()), -128.0f, 127.0f)));
  Evaluator evaluator(integer);
  evaluator.push(0, q.data());
  const Value& output = integer.value(integer.outputs[0]);
  EXPECT_EQ(output.type, ElementType::s8);
  const auto* got = reinterpret_cast<const int8_t*>(evaluator.bytes(integer.outputs[0]).data());
  double largest = 0;
  for (size_t i = 0; i < y.size(); ++i)
    largest = std::max(largest, std::fabs(got[i] - output.quantization.zero_point() -
                                          double(y[i]) / double(output.quantization.scale())));
  return largest;
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
  // The output's range is wider than the input's by what range_of starts from; make it much wider.
  const auto y = layer.one.run<float>(layer.x);
  OneLayerQuantizer quantizer(layer.one.graph, range_of(layer.x), {-20, 30});
  concatenate_op.quantize(quantizer, NodeView(layer.one.graph, layer.one.graph.nodes[0]));
  const Graph& integer = quantizer.graph();
  EXPECT_EQ(integer.nodes.size(), 3u);  // two quantize layers in front
  EXPECT_EQ(integer.value(integer.outputs[0]).quantization, OneLayerQuantizer::over({-20, 30}));
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
    if (!jumps) EXPECT_LE(largest_difference(layer.one, layer.x), 7) << function.name;
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
  // Not over(): standardize takes the features as they are.
  class Keep : public OneLayerQuantizer {
   public:
    explicit Keep(const Graph& source) : OneLayerQuantizer(source, {-1, 1}, {-1, 1}) {
      graph().values[0].type = ElementType::s32;
      graph().values[0].quantization = source.value(0).quantization;
    }
  } quantizer(one.graph);
  standardize_op.quantize(quantizer, NodeView(one.graph, one.graph.nodes[0]));
  Evaluator evaluator(quantizer.graph());
  evaluator.push(0, x.data());
  const auto* q =
      reinterpret_cast<const int8_t*>(evaluator.bytes(quantizer.graph().outputs[0]).data());
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(q[i] / 32.0, y[i], 0.51 / 32);
}

}  // namespace
}  // namespace mote
