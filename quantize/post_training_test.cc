// SPDX-License-Identifier: Apache-2.0
// Post-training quantisation against the float graph: how near the integers come, what is kept,
// what is refused.
#include "quantize/post_training.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/subgraph.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "quantize/test_networks.h"
#include "quantize/value_taps.h"

namespace mote {
namespace {

using namespace testing_graphs;

struct Quantized {
  Graph graph;
  QuantizeReport report;
};

Quantized quantized(const Graph& graph, const Calibration& calibration,
                    const QuantizePlan& plan = {}) {
  Quantized out;
  Diagnostics diagnostics;
  out.graph = quantize(graph, calibration, plan, out.report, diagnostics);
  return out;
}

std::string refusal(const Graph& graph, const Calibration& calibration) {
  try {
    quantized(graph, calibration);
  } catch (const UserError& error) {
    return error.what();
  }
  return "taken";
}

// Every output of `graph` over `source`, as one list.
std::vector<int32_t> decisions_of(const Graph& graph, const SampleSource& source) {
  std::vector<int32_t> all;
  ValueTaps taps(graph, [&](ValueId id, std::span<const uint8_t> bytes) {
    if (id == graph.outputs[0]) all.push_back(reinterpret_cast<const int32_t*>(bytes.data())[0]);
  });
  source(taps);
  return all;
}

TEST(Int8Over, HoldsZeroExactlyAndTheEndsToHalfAStep) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    const float low = -std::exp2(real(random, -20, 20)) * float(pick(random, 0, 1));
    const float high = std::exp2(real(random, -20, 20)) * float(pick(random, 0, 1));
    const Quantization q = quantization_over(ElementType::s8, {low, high});
    ASSERT_GE(q.zero_point(), -128);
    ASSERT_LE(q.zero_point(), 127);
    EXPECT_EQ(to_integer(0, q, ElementType::s8), q.zero_point());
    for (float end : {low, high}) {
      const double got = double(q.scale()) * (to_integer(end, q, ElementType::s8) - q.zero_point());
      EXPECT_NEAR(got, end, 0.501 * double(q.scale())) << low << " " << high;
    }
  }
}

TEST(Int8Over, IsWhatTheTfliteConverterChooses) {
  EXPECT_EQ(quantization_over(ElementType::s8, {0, 255}), per_tensor(1, -128));
  EXPECT_EQ(quantization_over(ElementType::s8, {-128, 127}), per_tensor(1, 0));
  EXPECT_EQ(quantization_over(ElementType::s8, {-1, 1}),
            per_tensor(2.0f / 255, -1));  // -0.5 rounds away from zero
  EXPECT_EQ(quantization_over(ElementType::s8, {3, 255}), per_tensor(1, -128));  // widened to zero
  EXPECT_EQ(quantization_over(ElementType::s8, {0, 0}), per_tensor(1.0f / 255, -128));
}

// Over the calibration data, where nothing is clipped; and over fresh data, where a few numbers lie
// beyond the ranges.
TEST(PostTraining, RandomNetworksKeepThirtyDecibels) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    Random random(seed + 100);
    const Graph mlp = random_mlp(seed, 20, 4);
    const std::vector<float> rows = normal_numbers(random, 20 * 400);
    const std::vector<float> fresh = normal_numbers(random, 20 * 400);
    Quantized q = quantized(mlp, calibrate(mlp, rows_source(rows, 20)));
    QuantizeReport unseen = q.report;
    measure_error(mlp, q.graph, rows_source(rows, 20), q.report);
    measure_error(mlp, q.graph, rows_source(fresh, 20), unseen);
    ASSERT_EQ(q.report.values.size(), 5u);
    for (const QuantizedValue& value : q.report.values) {
      EXPECT_GT(value.sqnr_db(), 30) << "seed " << seed << "\n" << print(q.report);
      EXPECT_GE(value.count, 400 * 4);
    }
    EXPECT_LT(q.report.find("softmax")->largest_error, 0.02) << "seed " << seed << "\n"
                                                             << print(q.report);
    EXPECT_GT(unseen.find("softmax")->sqnr_db(), 30) << "seed " << seed << "\n" << print(unseen);
  }
}

TEST(PostTraining, ConvolutionsKeepThirtyDecibels) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    Random random(seed + 100);
    const Graph cnn = random_cnn(seed, 4);
    const std::vector<float> rows = normal_numbers(random, 80 * 60);
    Quantized q = quantized(cnn, calibrate(cnn, rows_source(rows, 80)));
    for (const Value& value : q.graph.values) EXPECT_NE(value.type, ElementType::f32) << value.name;
    measure_error(cnn, q.graph, rows_source(rows, 80), q.report);
    ASSERT_EQ(q.report.values.size(), cnn.nodes.size() + 1);
    for (const QuantizedValue& value : q.report.values)
      EXPECT_GT(value.sqnr_db(), 30) << "seed " << seed << "\n" << print(q.report);
  }
}

TEST(PostTraining, EverythingBehindTheFeaturesIsInt8) {
  Random random(3);
  const Graph mlp = random_mlp(3, 10, 3);
  const std::vector<float> rows = normal_numbers(random, 10 * 50);
  const Quantized q = quantized(mlp, calibrate(mlp, rows_source(rows, 10)));
  for (const Value& value : q.graph.values) EXPECT_NE(value.type, ElementType::f32) << value.name;
  EXPECT_EQ(q.graph.streams[0].name, "features");
  EXPECT_EQ(q.graph.value(q.graph.outputs[0]).quantization, per_tensor(1.0f / 256, -128));
  EXPECT_EQ(q.graph.classes, mlp.classes);
  for (size_t i = 0; i < mlp.nodes.size(); ++i) EXPECT_EQ(q.graph.nodes[i].name, mlp.nodes[i].name);
}

// A fused clamp bounds the output's range, and zero is its lowest integer.
TEST(PostTraining, RespectsFusedActivations) {
  Random random(4);
  const Graph mlp = random_mlp(4, 12, 3, "relu6");
  std::vector<float> rows = normal_numbers(random, 12 * 300);
  for (float& x : rows) x *= 20;
  Quantized q = quantized(mlp, calibrate(mlp, rows_source(rows, 12)));
  const Quantization hidden = q.graph.value(value_named(q.graph, "dense0")).quantization;
  EXPECT_EQ(hidden, per_tensor(6.0f / 255, -128));
  measure_error(mlp, q.graph, rows_source(rows, 12), q.report);
  EXPECT_GT(q.report.find("dense0")->sqnr_db(), 30) << print(q.report);
}

// Calibrated on captured features, the whole graph is quantised: the sensor, the windows and the
// rules stay what they are, and decisions agree.
TEST(PostTraining, QuantisesAPipelineCalibratedOnItsNetworkPart) {
  const Graph whole = random_pipeline(7);
  const ValueId features = value_named(whole, "features");
  std::vector<float> rows;
  ValueTaps taps(whole, [&](ValueId id, std::span<const uint8_t> bytes) {
    const auto* numbers = reinterpret_cast<const float*>(bytes.data());
    if (id == features) rows.insert(rows.end(), numbers, numbers + 16);
  });
  samples_source(wandering_samples(1, 4000))(taps);
  const Subgraph part = network_part(whole, features);
  Quantized q = quantized(whole, calibrate(part.graph, rows_source(rows, 16)));

  const SampleSource fresh = samples_source(wandering_samples(2, 4000));
  EXPECT_EQ(q.graph.value(value_named(q.graph, "window")).type, ElementType::s16);
  EXPECT_EQ(q.graph.value(value_named(q.graph, "features")).type, ElementType::s8);
  EXPECT_EQ(q.graph.value(value_named(q.graph, "smooth")).type, ElementType::s8);
  measure_error(whole, q.graph, fresh, q.report);
  for (const QuantizedValue& value : q.report.values)
    EXPECT_GT(value.sqnr_db(), 25) << print(q.report);
  const auto expected = decisions_of(whole, fresh), got = decisions_of(q.graph, fresh);
  ASSERT_EQ(expected.size(), got.size());
  ASSERT_GT(expected.size(), 900u);
  size_t equal = 0;
  for (size_t i = 0; i < got.size(); ++i) equal += expected[i] == got[i];
  EXPECT_GT(double(equal), 0.97 * double(got.size()));
}

TEST(PostTraining, GivesTheSameBytesEachTime) {
  const Graph graph = random_pipeline(9);
  const SampleSource source = samples_source(wandering_samples(1, 500));
  const Quantized a = quantized(graph, calibrate(graph, source));
  const Quantized b = quantized(graph, calibrate(graph, source));
  EXPECT_EQ(print(a.graph), print(b.graph));
  EXPECT_EQ(print(a.report), print(b.report));
}

// An integer graph has nothing left to quantise.
TEST(PostTraining, LeavesAnIntegerGraphAsItIs) {
  const Graph graph = random_pipeline(9);
  const Quantized once =
      quantized(graph, calibrate(graph, samples_source(wandering_samples(1, 500))));
  const Quantized twice = quantized(once.graph, {});
  EXPECT_EQ(decisions_of(twice.graph, samples_source(wandering_samples(2, 500))),
            decisions_of(once.graph, samples_source(wandering_samples(2, 500))));
  EXPECT_TRUE(twice.report.values.empty());
}

// Bug: a stream of float features became int8 because its first reader only reshapes.
TEST(PostTraining, FloatFeaturesBehindAReshapeStayFloatUpToStandardize) {
  Random random(2);
  Graph graph;
  const ValueId stream = graph.add_tensor_stream("in", ElementType::f32, {2, 3}, {});
  const ValueId flat =
      graph.add_node(reshape_op, "flat", {stream}, {{"shape", std::vector<int64_t>{6}}});
  const ValueId mean = graph.add_constant("mean", ElementType::f32, {1}, std::vector<float>{10});
  const ValueId inv = graph.add_constant("inv_std", ElementType::f32, {1}, std::vector<float>{1});
  const ValueId features = graph.add_node(standardize_op, "features", {flat, mean, inv});
  graph.outputs = {add_dense(graph, random, features, 2, "none")};
  const std::vector<float> rows = reals(random, 6 * 40, 12);
  const Calibration calibration = calibrate(graph, rows_source(rows, 6));
  const Quantized q = quantized(graph, calibration);
  EXPECT_EQ(q.graph.value(q.graph.streams[0].value).type, ElementType::f32);
  EXPECT_EQ(q.graph.value(value_named(q.graph, "features")).type, ElementType::s8);
  EXPECT_EQ(calibration.find("flat")->histogram.count(), 6 * 40);  // views are seen too
}

TEST(PostTraining, LayersThatShareWeightsGetTheirOwn) {
  Random random(2);
  Graph graph;
  const ValueId stream = graph.add_tensor_stream("in", ElementType::f32, {4}, {});
  const ValueId first = add_dense(graph, random, stream, 4, "relu");
  const std::vector<ValueId> inputs = graph.nodes[0].inputs;
  graph.outputs = {graph.add_node(fully_connected_op, "again", {first, inputs[1], inputs[2]})};
  const std::vector<float> rows = reals(random, 4 * 40, 1);
  const Quantized q = quantized(graph, calibrate(graph, rows_source(rows, 4)));
  EXPECT_GE(value_named(q.graph, "dense0/weights"), 0);
  EXPECT_GE(value_named(q.graph, "dense0/weights#2"), 0);
}

// Bug: at the scale of weights near zero the bias needed more than 32 bits and was cut off.
TEST(PostTraining, TheBiasOfADeadChannelSurvives) {
  Graph graph;
  const ValueId stream = graph.add_tensor_stream("in", ElementType::f32, {2}, {});
  const ValueId weights = graph.add_constant("w", ElementType::f32, {2, 2},
                                             std::vector<float>{1e-18f, -1e-18f, 1, 0.5f});
  const ValueId bias =
      graph.add_constant("b", ElementType::f32, {2}, std::vector<float>{0.75f, 0.1f});
  graph.outputs = {graph.add_node(fully_connected_op, "dense", {stream, weights, bias})};
  Random random(2);
  const std::vector<float> rows = reals(random, 2 * 100, 1);
  Quantized q = quantized(graph, calibrate(graph, rows_source(rows, 2)));
  measure_error(graph, q.graph, rows_source(rows, 2), q.report);
  EXPECT_LT(q.report.find("dense")->largest_error, 0.03) << print(q.report);
}

TEST(PostTraining, RefusesWhatWasNeverReached) {
  const Graph mlp = random_mlp(1, 4, 2);
  EXPECT_EQ(refusal(mlp, {}),
            "stream \"features\": no calibration sample reached \"features\"; calibrate with "
            "recordings at least one "
            "window long [not-calibrated]");
  const Graph pipeline = random_pipeline(1);
  const Calibration short_one = calibrate(pipeline, samples_source(wandering_samples(1, 7)));
  EXPECT_EQ(refusal(pipeline, short_one),
            "layer 3 fully_connected \"dense3\": no calibration sample reached \"dense3\"; "
            "calibrate with recordings "
            "at least one window long [not-calibrated]");
}

TEST(PostTraining, RefusesNumbersThatAreNotFinite) {
  const Graph mlp = random_mlp(1, 4, 2);
  const std::vector<float> rows = {1, 2, 3, 4, 1, NAN, 3, 4};
  EXPECT_EQ(refusal(mlp, calibrate(mlp, rows_source(rows, 4))),
            "stream \"features\": \"features\" is not finite for some calibration samples; look "
            "for weights or "
            "features that overflow [not-finite]");
}

Graph dense_with(std::vector<float> weights, std::vector<float> bias) {
  Graph graph;
  const ValueId stream = graph.add_tensor_stream("in", ElementType::f32, {2}, {});
  const ValueId w = graph.add_constant("w", ElementType::f32, {1, 2}, weights);
  const ValueId b = graph.add_constant("b", ElementType::f32, {int32_t(bias.size())}, bias);
  graph.outputs = {graph.add_node(fully_connected_op, "dense", {stream, w, b})};
  return graph;
}

TEST(PostTraining, RefusesWeightsThatCannotBeScaled) {
  Calibration calibration;
  for (const char* name : {"in", "dense"}) calibration.seen[name].histogram.add(1);
  EXPECT_EQ(refusal(dense_with({1, INFINITY}, {0}), calibration),
            "layer 0 fully_connected \"dense\": weights[1] is not finite [not-finite]");
  EXPECT_EQ(refusal(dense_with({1, 2}, {NAN}), calibration),
            "layer 0 fully_connected \"dense\": bias[0] is not finite [not-finite]");
}

TEST(PostTraining, FloatSignalsBecomeIntegersInFrontOfTheNetwork) {
  Random random(1);
  Graph graph;
  const ValueId sensor = graph.add_stream("acc", {{"x", "g", 1}}, 10, MissingPolicy::drop);
  const ValueId real_numbers =
      graph.add_node(to_float_op, "float", {sensor}, {{"scales", std::vector<double>{0.5}}});
  graph.outputs = {add_dense(graph, random, real_numbers, 2, "none")};
  const Calibration calibration = calibrate(graph, [](SampleSink& sink) {
    for (int16_t x : {1, 2, 3}) sink.push(0, &x);
  });
  const Quantized q = quantized(graph, calibration);
  EXPECT_EQ(q.graph.value(value_named(q.graph, "float/s8")).type, ElementType::s8);
  EXPECT_EQ(q.graph.value(q.graph.outputs[0]).type, ElementType::s8);
}

TEST(PostTraining, SaysWhatStaysFloat) {
  Graph graph;
  const ValueId sensor = graph.add_stream("acc", {{"x", "g", 1}}, 10, MissingPolicy::drop);
  const ValueId numbers =
      graph.add_node(to_float_op, "float", {sensor}, {{"scales", std::vector<double>{0.5}}});
  graph.outputs = {graph.add_node(smooth_op, "smooth", {numbers}, {{"length", int64_t{2}}})};
  QuantizeReport report;
  Diagnostics diagnostics;
  quantize(graph, {}, {}, report, diagnostics);
  ASSERT_EQ(diagnostics.warnings().size(), 1u);
  EXPECT_EQ(to_string(diagnostics.warnings()[0]),
            "layer 1 smooth \"smooth\": the layer stays in float32; put a standardize layer in "
            "front of it "
            "[stays-float]");
}

TEST(PostTraining, RangeRulesClipWhatTheyShould) {
  Random random(5);
  const Graph mlp = random_mlp(5, 6, 2);
  std::vector<float> rows = normal_numbers(random, 6 * 2000);
  for (float& x : rows) x = x * x * x;  // heavy tails
  const Calibration calibration = calibrate(mlp, rows_source(rows, 6));
  const auto input_scale = [&](RangeRule rule) {
    QuantizePlan plan;
    plan.rule = rule;
    return quantized(mlp, calibration, plan).report.find("features")->scale;
  };
  const float extremes = input_scale(RangeRule::min_max);
  EXPECT_LT(input_scale(RangeRule::percentile), extremes);
  EXPECT_LT(input_scale(RangeRule::entropy), extremes);
  EXPECT_LE(input_scale(RangeRule::mse), extremes);
}

TEST(QuantizeReport, IsATableAndCountsWhatIsClipped) {
  const Graph graph = dense_with({1, 1}, {0});
  const std::vector<float> narrow = {-1, -1, 1, 1}, wide = {-1, -1, 3, 1};
  Quantized q = quantized(graph, calibrate(graph, rows_source(narrow, 2)));
  measure_error(graph, q.graph, rows_source(wide, 2), q.report);
  EXPECT_EQ(q.report.find("in")->saturated, 1);
  EXPECT_EQ(q.report.find("dense")->saturated, 1);
  EXPECT_EQ(print(q.report),
            "value  layer                       min          max        scale   zero  sqnr_db  "
            "worst error clipped %\n"
            "in     input                        -1            1    0.0078431     -1      4.8      "
            " 1.9961    25.000\n"
            "dense  fully_connected              -2            2     0.015686     -1      7.0      "
            " 1.9922    50.000\n");
}

}  // namespace
}  // namespace mote
