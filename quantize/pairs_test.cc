// SPDX-License-Identifier: Apache-2.0
// fold_pairs: what becomes integer, with which scales, weights and biases; what stays float and
// says so. The oracle is the arithmetic that the pairs state: the same graph in float32.
#include "quantize/pairs.h"

#include <gtest/gtest.h>

#include <functional>

#include "graph/constant_layer.h"
#include "graph/evaluator.h"
#include "graph/text.h"
#include "quantize/test_networks.h"

namespace mote {
namespace {

using namespace testing_graphs;
using List = std::vector<int64_t>;
using Names = std::vector<std::string>;

// A graph with pairs, layer by layer.
struct Pairs {
  explicit Pairs(uint32_t seed) : random(seed) {}

  ValueId stream(ElementType type, Shape shape, Quantization q) {
    return graph.add_tensor_stream("x", type, std::move(shape), std::move(q));
  }
  ValueId dequantize(ValueId x) { return graph.add_node(dequantize_op, name("real"), {x}); }
  ValueId quantize(ValueId x, float scale, int64_t zero, const char* type = "s8") {
    return graph.add_node(quantize_op, name("steps"), {x},
                          {{"output_type", std::string(type)},
                           {"output_scale", double(scale)},
                           {"output_zero_point", zero},
                           {"halves", std::string("even_quotient")}});
  }
  // A dequantised constant of random numbers.
  ValueId constant(Shape shape, const Quantization& q) {
    std::vector<int8_t> numbers;
    for (int64_t i = 0; i < element_count(shape); ++i)
      numbers.push_back(int8_t(pick(random, -127, 127)));
    return dequantized(graph.add_constant(name("numbers"), ElementType::s8, shape, numbers, q));
  }
  ValueId bias(int32_t count, const Quantization& q) {
    std::vector<int32_t> numbers;
    for (int32_t i = 0; i < count; ++i) numbers.push_back(pick(random, -3000, 3000));
    return dequantized(graph.add_constant(name("bias"), ElementType::s32, {count}, numbers, q));
  }
  // A float constant for now: importers, too, make its layer once the graph is complete.
  ValueId dequantized(ValueId integers) {
    Value real =
        compute_constants(dequantize_op, name("real"), {&graph.value(integers)}, {}, {})[0];
    graph.values.push_back(std::move(real));
    const auto id = ValueId(graph.values.size()) - 1;
    constants.push_back({&dequantize_op, graph.value(id).name, {}, {integers}, {id}, {}});
    return id;
  }
  void finish(std::vector<ValueId> outputs) {
    graph.outputs = std::move(outputs);
    in_float = graph;
    for (const Node& node : constants) {
      graph.value(node.outputs[0]).kind = ValueKind::intermediate;
      graph.value(node.outputs[0]).data.reset();
    }
    graph.nodes.insert(graph.nodes.begin(), constants.begin(), constants.end());
  }
  std::string name(const std::string& word) { return word + std::to_string(++made); }

  Random random;
  Graph graph;
  Graph in_float;  // the same, all constants as numbers
  std::vector<Node> constants;
  int32_t made = 0;
};

Names operators(const Graph& graph) {
  Names names;
  for (const Node& node : graph.nodes) names.push_back(node.op->name);
  return names;
}

// How many outputs differ from the float graph's by one step and by more, over random samples.
struct Differences {
  int64_t of = 0, one = 0, more = 0;
};
Differences differences(const Pairs& p, const Graph& folded, uint32_t seed) {
  Random random(seed);
  const Graph& graph = p.in_float;
  Evaluator expected(graph), got(folded);
  Bytes sample(size_t(sample_bytes(graph, graph.streams[0])));
  Differences found;
  for (int32_t round = 0; round < 200; ++round) {
    for (uint8_t& byte : sample) byte = uint8_t(pick(random, 0, 255));
    expected.push(0, sample.data());
    got.push(0, sample.data());
    const Bytes a = expected.outputs(), b = got.outputs();
    EXPECT_EQ(a.size(), b.size());
    const bool u8 = graph.value(graph.outputs[0]).type == ElementType::u8;
    for (size_t i = 0; i < a.size(); ++i) {
      const int32_t distance = std::abs(u8 ? a[i] - b[i] : int8_t(a[i]) - int8_t(b[i]));
      ++found.of, found.one += distance == 1, found.more += distance > 1;
    }
  }
  return found;
}

Graph folded(const Graph& graph, std::vector<Diagnostic>* warnings = nullptr) {
  Diagnostics diagnostics;
  Graph out = fold_pairs(graph, diagnostics);
  if (warnings) *warnings = diagnostics.warnings();
  return out;
}

void expect_integer(const Graph& graph) {
  for (const Node& node : graph.nodes)
    EXPECT_NE(graph.value(node.outputs[0]).type, ElementType::f32) << node.name;
}

Quantization per_channel(std::vector<float> scales, int32_t axis) {
  const std::vector<int32_t> zeros(scales.size(), 0);
  return {std::move(scales), zeros, axis};
}

// A convolution as ONNX has it: unsigned, channels first, an activation behind it.
void make_convolution(Pairs& p) {
  const ValueId x = p.stream(ElementType::u8, {1, 2, 6, 5}, per_tensor(0.03f, 120));
  const ValueId turned =
      p.graph.add_node(transpose_op, "to_nhwc", {p.dequantize(x)}, {{"perm", List{0, 2, 3, 1}}});
  const ValueId weights = p.constant({3, 3, 3, 2}, per_channel({0.01f, 0.02f, 0.005f}, 0));
  const ValueId bias = p.bias(3, per_channel({0.03f * 0.01f, 0.03f * 0.02f, 0.03f * 0.005f}, 0));
  const ValueId y = p.graph.add_node(conv_2d_op, "conv", {turned, weights, bias},
                                     {{"padding", std::string("same")}});
  const ValueId back = p.graph.add_node(transpose_op, "to_nchw", {y}, {{"perm", List{0, 3, 1, 2}}});
  const ValueId positive =
      p.graph.add_node(activation_op, "relu", {back}, {{"activation", std::string("relu6")}});
  p.finish({p.quantize(positive, 0.05f, 10, "u8")});
}

TEST(FoldPairs, AConvolutionKeepsScalesWeightsAndBias) {
  Pairs p(1);
  make_convolution(p);
  const Graph& graph = p.graph;
  std::vector<Diagnostic> warnings;
  const Graph out = folded(graph, &warnings);
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(operators(out),
            (Names{"quantize", "transpose", "conv_2d", "transpose", "activation", "quantize"}));
  EXPECT_EQ(out.value(out.streams[0].value).type, ElementType::u8);
  EXPECT_EQ(out.value(out.outputs[0]).type, ElementType::u8);
  const Node& conv = out.nodes[2];
  EXPECT_EQ(out.value(conv.inputs[0]).quantization, per_tensor(0.03f, -8));
  EXPECT_EQ(out.value(conv.outputs[0]).quantization, per_tensor(0.05f, -118));
  const Value& weights = graph.value(value_named(graph, "numbers2"));
  const Value& bias = graph.value(value_named(graph, "bias4"));
  EXPECT_EQ(*out.value(conv.inputs[1]).data, *weights.data);
  EXPECT_EQ(out.value(conv.inputs[1]).quantization, weights.quantization);
  EXPECT_EQ(*out.value(conv.inputs[2]).data, *bias.data);
  const Differences found = differences(p, out, 7);
  EXPECT_EQ(found.more, 0);
  EXPECT_LT(found.one * 50, found.of);
}

// One layer between a pair, at the scale of its input or another one. Means of six numbers often
// lie in the middle of two steps; a logistic is rounded at its own scale first.
using Layer = std::function<ValueId(Pairs&, ValueId)>;
struct LayerCase {
  const char* name;
  Layer layer;
  float scale;
  int64_t zero;
  double halves = 0.05;  // share of outputs next to the middle of two steps, at most
};

ValueId add(Pairs& p, const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
  return p.graph.add_node(op, p.name(op.name), std::move(inputs), std::move(attributes));
}

const Attributes kWindow{{"filter_h", int64_t(2)},
                         {"filter_w", int64_t(3)},
                         {"stride_h", int64_t(2)},
                         {"padding", std::string("valid")}};

std::vector<LayerCase> layer_cases() {
  const auto plain = [](const OpDef& op, Attributes attributes) -> Layer {
    return [&op, attributes](Pairs& p, ValueId x) { return add(p, op, {x}, attributes); };
  };
  const auto pair = [](const OpDef& op) -> Layer {
    return [&op](Pairs& p, ValueId x) {
      return add(p, op, {x, p.constant({4}, per_tensor(0.02f, 5))});
    };
  };
  const auto joined = [](Pairs& p, ValueId x) {
    return add(p, concatenate_op, {x, p.constant({1, 4, 5, 2}, per_tensor(0.02f, 5))});
  };
  const auto dense = [](Pairs& p, ValueId x) {
    return add(p, fully_connected_op, {x, p.constant({7, 4}, per_tensor(0.01f, 0)), -1});
  };
  const auto twice = [](Pairs& p, ValueId x) {
    return add(p, batch_matmul_op, {x, x}, {{"adj_y", int64_t(1)}});
  };
  const auto function = [&](const char* name) {
    return plain(unary_op, {{"function", std::string(name)}});
  };
  const auto clamp = [](Pairs& p, ValueId x) {
    const ValueId most =
        p.graph.add_constant("most", ElementType::f32, {}, std::vector<float>{0.7f});
    return add(p, minimum_op, {x, most});
  };
  const Attributes axes{{"axes", List{1, 2}}, {"keep_dims", int64_t(1)}};
  return {
      {"add", pair(add_op), 0.06f, 3},
      {"sub", pair(sub_op), 0.06f, 3},
      {"mul", pair(mul_op), 0.05f, -4},
      {"concatenate", joined, 0.05f, 1},
      {"fully_connected", dense, 0.06f, -20},
      {"batch_matmul", twice, 0.2f, -100},
      {"relu", plain(activation_op, {{"activation", std::string("relu")}}), 0.02f, -128},
      {"minimum", clamp, 0.03f, 4},
      {"logistic", plain(logistic_op, {}), 1.0f / 256, -128},
      {"logistic at another scale", plain(logistic_op, {}), 0.005f, -120},
      {"tanh at another scale", plain(tanh_op, {}), 0.009f, 5},
      {"softmax at another scale", plain(softmax_op, {}), 1.0f / 255, -128},
      {"tanh", plain(tanh_op, {}), 1.0f / 128, 0},
      {"softmax", plain(softmax_op, {}), 1.0f / 256, -128},
      {"leaky_relu", function("leaky_relu"), 0.03f, -60},
      {"hard_swish", function("hard_swish"), 0.03f, -60},
      {"max_pool_2d", plain(max_pool_2d_op, kWindow), 0.04f, 7},
      {"average_pool_2d", plain(average_pool_2d_op, kWindow), 0.04f, 7, 0.1},
      {"average_pool_2d at another scale", plain(average_pool_2d_op, kWindow), 0.011f, -3},
      {"mean", plain(mean_op, axes), 0.011f, -3, 0.1},
      {"reduce", plain(reduce_op, {{"function", std::string("max")}, {"axes", List{1}}}), 0.03f, 0},
      {"pad", plain(pad_op, {{"before", List{0, 1, 0, 0}}, {"after", List{0, 0, 2, 0}}}), 0.04f, 7},
      {"resize_nearest", plain(resize_nearest_op, {{"size", List{1, 8, 10, 4}}}), 0.04f, 7},
      {"slice", plain(slice_op, {{"begin", List{0, 1, 0, 0}}, {"size", List{1, 2, 5, 4}}}), 0.05f,
       0},
      {"reshape", plain(reshape_op, {{"shape", List{20, 4}}}), 0.04f, 7},
  };
}

TEST(FoldPairs, EachLayerIsWithinOneStepOfTheFloatOne) {
  for (const LayerCase& c : layer_cases()) {
    SCOPED_TRACE(c.name);
    Pairs p(3);
    const ValueId x = p.stream(ElementType::s8, {1, 4, 5, 4}, per_tensor(0.04f, 7));
    p.finish({p.quantize(c.layer(p, p.dequantize(x)), c.scale, c.zero)});
    std::vector<Diagnostic> warnings;
    const Graph out = folded(p.graph, &warnings);
    EXPECT_TRUE(warnings.empty()) << warnings[0].place << warnings[0].message;
    expect_integer(out);
    const Differences found = differences(p, out, 11);
    EXPECT_EQ(found.more, 0);
    EXPECT_LT(double(found.one), c.halves * double(found.of));
  }
}

TEST(FoldPairs, EqualScalesMeetWithoutALayerAndOthersWithOne) {
  Pairs p(4);
  const ValueId x = p.stream(ElementType::s8, {8}, per_tensor(0.04f, 7));
  const ValueId same = p.quantize(p.dequantize(x), 0.04f, 7);
  const ValueId other = p.quantize(p.dequantize(same), 0.09f, -3);
  p.finish({other});
  const Graph out = folded(p.graph);
  EXPECT_EQ(operators(out), Names{"quantize"});
  EXPECT_EQ(differences(p, out, 5).more, 0);
}

TEST(FoldPairs, UnsignedInputsAndOutputsKeepTheirType) {
  Pairs p(5);
  const ValueId x = p.stream(ElementType::u8, {1, 4}, per_tensor(0.02f, 128));
  const ValueId weights = p.constant({4}, per_tensor(0.02f, 5));
  p.finish({p.quantize(add(p, add_op, {p.dequantize(x), weights}), 0.05f, 130, "u8")});
  const Graph out = folded(p.graph);
  EXPECT_EQ(operators(out), (Names{"quantize", "add", "quantize"}));
  EXPECT_EQ(out.value(out.outputs[0]).quantization, per_tensor(0.05f, 130));
  EXPECT_EQ(differences(p, out, 5).more, 0);
}

// The layer stays what it was, bit for bit, and the warning names it and why.
void expect_float(Pairs& p, const std::string& layer, const std::string& why) {
  std::vector<Diagnostic> warnings;
  const Graph out = folded(p.graph, &warnings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "stays-float");
  EXPECT_NE(warnings[0].place.find("\"" + layer + "\""), std::string::npos) << warnings[0].place;
  EXPECT_NE(warnings[0].message.find(why), std::string::npos) << warnings[0].message;
  const Differences found = differences(p, out, 9);
  EXPECT_EQ(found.one + found.more, 0);
}

TEST(FoldPairs, AnOutputThatIsNotQuantisedStaysFloat) {
  Pairs p(6);
  const ValueId x = p.stream(ElementType::s8, {8}, per_tensor(0.04f, 7));
  const ValueId y = p.graph.add_node(softmax_op, "scores", {p.dequantize(x)});
  const ValueId again = p.quantize(y, 1.0f / 256, -128);
  p.finish({again, y});
  expect_float(p, "scores", "its output \"scores\" is not quantised");
}

TEST(FoldPairs, ScalesThatDifferStayFloat) {
  Pairs p(6);
  const ValueId x = p.stream(ElementType::s8, {8}, per_tensor(0.04f, 7));
  const ValueId y = p.graph.add_node(tanh_op, "curve", {p.dequantize(x)});
  p.finish({p.quantize(y, 0.01f, 0), p.quantize(y, 0.02f, 0)});
  expect_float(p, "curve", "not by all that read it");
}

// A convolution whose weights are `least` .. `least` + 107.
void make_convolution(Pairs& p, ElementType type, int32_t least, const Quantization& q) {
  const ValueId x = p.stream(ElementType::s8, {1, 4, 4, 4}, per_tensor(0.04f, 7));
  Bytes numbers(3 * 3 * 3 * 4);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[(i * 7) % 108] = uint8_t(least + int32_t(i));
  const ValueId weights =
      p.dequantized(p.graph.add_constant("numbers", type, {3, 3, 3, 4}, numbers, q));
  p.finish(
      {p.quantize(p.graph.add_node(conv_2d_op, "conv", {p.dequantize(x), weights, -1}), 0.1f, 0)});
}

TEST(FoldPairs, WeightsThatNoIntegerLayerTakesStayFloat) {
  Pairs p(6);
  make_convolution(p, ElementType::u8, 100, per_tensor(0.01f, 79));  // 21 .. 128
  expect_float(p, "conv", "zero point");
}

TEST(FoldPairs, WeightsLessTheirZeroPointAreWeights) {
  const std::tuple<ElementType, int32_t, Quantization> cases[] = {
      {ElementType::u8, 100, per_tensor(0.01f, 80)},                         // 20 .. 127
      {ElementType::u8, 2, per_tensor(0.01f, 130)},                          // -128 .. -21
      {ElementType::s8, -100, {{0.01f, 0.02f, 0.015f}, {-50, 20, 28}, 0}}};  // -128 .. 57
  for (const auto& [type, least, q] : cases) {
    Pairs p(6);
    make_convolution(p, type, least, q);
    std::vector<Diagnostic> warnings;
    const Graph out = folded(p.graph, &warnings);
    EXPECT_TRUE(warnings.empty()) << warnings[0].message;
    expect_integer(out);
    const Value& weights = out.value(out.nodes.back().inputs[1]);
    EXPECT_EQ(weights.quantization.scales, q.scales);
    for (int32_t zero_point : weights.quantization.zero_points) EXPECT_EQ(zero_point, 0);
    const Differences found = differences(p, out, 9);
    EXPECT_EQ(found.more, 0);
    EXPECT_LT(found.one * 50, found.of);
  }
}

// Dequantised constants alone: the float layers are what the model says.
TEST(FoldPairs, WeightsAloneBecomeRealNumbersAndSaySo) {
  Pairs p(6);
  const ValueId x = p.stream(ElementType::f32, {1, 4}, {});
  const ValueId weights = p.constant({7, 4}, per_channel({1, 2, 3, 4, 5, 6, 7}, 0));
  p.finish({add(p, fully_connected_op, {x, weights, -1})});
  std::vector<Diagnostic> warnings;
  const Graph out = folded(p.graph, &warnings);
  EXPECT_EQ(operators(out), Names{"fully_connected"});
  EXPECT_EQ(out.value(out.nodes[0].inputs[1]).type, ElementType::f32);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "float-weights");
  EXPECT_NE(warnings[0].message.find("28 bytes of integers become 112"), std::string::npos);
}

TEST(FoldPairs, AConstantWithoutAPairStaysFloat) {
  Pairs p(6);
  const ValueId x = p.stream(ElementType::s8, {1, 4}, per_tensor(0.04f, 7));
  const ValueId w = p.graph.add_constant("w", ElementType::f32, {4}, reals(p.random, 4, 1));
  p.finish({p.quantize(p.graph.add_node(mul_op, "factors", {p.dequantize(x), w}), 0.1f, 0)});
  expect_float(p, "factors", "its constant \"w\" is not quantised");
}

TEST(FoldPairs, SixteenBitsStayFloat) {
  Pairs p(6);
  const ValueId x = p.stream(ElementType::s8, {1, 4}, per_tensor(0.04f, 7));
  const ValueId wide = p.quantize(p.dequantize(x), 0.001f, 0, "s16");
  const ValueId y = p.graph.add_node(tanh_op, "curve", {p.dequantize(wide)});
  p.finish({p.quantize(y, 0.01f, 0)});
  expect_float(p, "curve", "is not dequantised from 8 bits");
}

// A border that the integers cannot hold is only taken around a pool that takes the largest.
TEST(FoldPairs, BordersBelowAllNumbers) {
  for (const bool pooled : {false, true}) {
    Pairs p(6);
    const ValueId x = p.stream(ElementType::s8, {1, 4, 5, 4}, per_tensor(0.04f, 7));
    ValueId y = p.graph.add_node(
        pad_op, "border", {p.dequantize(x)},
        {{"before", List{0, 1, 1, 0}}, {"after", List{0, 1, 1, 0}}, {"value", -100.0}});
    if (pooled) y = add(p, max_pool_2d_op, {y}, kWindow);
    p.finish({p.quantize(y, 1.0f, 0)});
    const Graph out = folded(p.graph);
    EXPECT_EQ(differences(p, out, 5).more, 0);
    if (pooled) expect_integer(out);
  }
}

TEST(FoldPairs, AGraphWithoutPairsComesBack) {
  const Graph graph = random_cnn(1, 3);
  EXPECT_EQ(print(folded(graph)), print(graph));
}

}  // namespace
}  // namespace mote
