// SPDX-License-Identifier: Apache-2.0
// What the search finds on networks that are hard for int8, and what it does when nothing is found.
#include "quantize/search.h"

#include <gtest/gtest.h>

#include <cmath>

#include "quantize/output_error.h"
#include "quantize/test_networks.h"
#include "quantize/value_taps.h"

namespace mote {
namespace {

using namespace testing_graphs;

// Percent of root mean square error of the outputs.
struct Trial {
  Graph graph;
  std::vector<float> rows;

  SampleSource source() const { return rows_source(rows, size_t(graph.values[0].elements())); }
  double loss(const Graph& integer) const {
    return 100 * std::sqrt(OutputError(graph, source()).of(integer));
  }
  SearchResult search(Precision precision, double budget) const {
    Diagnostics diagnostics;
    return search_plan({graph,
                        source(),
                        source(),
                        precision,
                        budget,
                        [this](const Graph& integer) { return loss(integer); },
                        {}},
                       diagnostics);
  }
};

Trial hard_trial() {
  Random random(11);
  Trial trial{random_mlp(3, 16, 4), normal_numbers(random, 16 * 200)};
  // A few numbers a hundred times as large as the others: one int8 scale cannot hold both.
  for (size_t i = 5; i < trial.rows.size(); i += 97) trial.rows[i] *= 100;
  return trial;
}

TEST(Search, NeverEndsWorseThanRangesByExtremes) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    Trial trial{random_cnn(seed, 4), normal_numbers(random, 80 * 24)};
    for (float& x : trial.rows) x = x * x * x;
    const SearchResult found = trial.search(Precision::w8a8, 100);
    EXPECT_LE(found.output_error, found.output_error_min_max) << "seed " << seed;
    EXPECT_TRUE(found.repairs.empty());
    EXPECT_NEAR(OutputError(trial.graph, trial.source()).of(found.graph), found.output_error,
                1e-12);
  }
}

TEST(Search, RepairsWithFewLayersOf16x8) {
  const Trial trial = hard_trial();
  const SearchResult coarse = trial.search(Precision::w8a8, 1000);
  const SearchResult fine = trial.search(Precision::w8a16, 1000);
  ASSERT_LT(fine.cost, coarse.cost / 2);
  const double budget = std::sqrt(fine.cost * coarse.cost);
  const SearchResult repaired = trial.search(Precision::w8a8, budget);
  EXPECT_LE(repaired.cost, budget);
  EXPECT_GT(repaired.cost_before_repair, budget);
  ASSERT_FALSE(repaired.repairs.empty());
  EXPECT_LT(trial.loss(repaired.graph), budget * 1.0001);
  for (const Repair& repair : repaired.repairs) {
    EXPECT_EQ(repaired.plan.of_layer(repair.layer), Precision::w8a16);
    EXPECT_EQ(repaired.report.find(repair.layer)->type, ElementType::s16) << repair.layer;
    // Each is needed: without it the budget breaks.
    QuantizePlan without = repaired.plan;
    without.layers[repair.layer] = Precision::w8a8;
    QuantizeReport report;
    Diagnostics diagnostics;
    const Graph tried =
        quantize(trial.graph, calibrate(trial.graph, trial.source()), without, report, diagnostics);
    if (repaired.equalized_pairs > 0) continue;  // the weights there are others
    EXPECT_GT(trial.loss(tried), budget) << repair.layer;
  }
}

TEST(Search, FourBitWeightsAreRepairedToEightFirst) {
  Random random(2);
  const Trial trial{random_mlp(5, 20, 4), normal_numbers(random, 20 * 200)};
  const SearchResult four = trial.search(Precision::w4a8, 1000);
  const SearchResult eight = trial.search(Precision::w8a8, 1000);
  ASSERT_LT(eight.cost, four.cost / 2);
  for (const Value& value : four.graph.values)
    if (value.kind == ValueKind::constant && value.type == ElementType::s8)
      for (int64_t i = 0; i < value.elements(); ++i) {
        ASSERT_LE(std::abs(value.as<int8_t>()[i]), 7);
      }
  const SearchResult mixed = trial.search(Precision::w4a8, std::sqrt(four.cost * eight.cost));
  ASSERT_FALSE(mixed.repairs.empty());
  EXPECT_LT(mixed.repairs.size(), 4u);
  for (const Repair& repair : mixed.repairs) EXPECT_EQ(repair.to, Precision::w8a8);
}

TEST(Search, SaysThatNothingKeepsTheBudget) {
  const Trial trial = hard_trial();
  try {
    trial.search(Precision::w8a8, 1e-9);
    FAIL();
  } catch (const UserError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("no choice of precisions keeps the loss within"), std::string::npos)
        << text;
    EXPECT_NE(text.find("[over-budget]"), std::string::npos) << text;
  }
}

// E[y] of the integer layer is that of the float one: rounding's mean shift is in the bias.
TEST(BiasCorrection, TakesBackTheMeanShift) {
  Random random(8);
  Graph graph;
  const ValueId x = graph.add_tensor_stream("x", ElementType::f32, {32}, {});
  const ValueId w = graph.add_constant("w", ElementType::f32, {3, 32}, reals(random, 96, 1));
  graph.outputs = {graph.add_node(fully_connected_op, "dense", {x, w})};
  std::vector<float> rows = reals(random, 32 * 300, 1);
  for (float& number : rows) number += 3;
  const Calibration calibration = calibrate(graph, rows_source(rows, 32));
  QuantizePlan plan;
  for (const auto& node : graph.nodes) plan.layers[node.name] = Precision::w4a8;
  const auto mean_error = [&](bool correct) {
    plan.correct_bias = correct;
    QuantizeReport report;
    Diagnostics diagnostics;
    const Graph integer = quantize(graph, calibration, plan, report, diagnostics);
    const auto means = [&](const Graph& g) {
      std::vector<double> sums(3, 0.0);
      ValueTaps taps(g, [&](ValueId id, std::span<const uint8_t> bytes) {
        if (id != g.outputs[0]) return;
        const std::vector<double> reals = real_numbers(g.value(id), bytes);
        for (size_t o = 0; o < 3; ++o) sums[o] += reals[o] / 300;
      });
      IntegerSamples samples(graph, g, taps);
      rows_source(rows, 32)(samples);
      return sums;
    };
    const std::vector<double> real = means(graph), got = means(integer);
    double most = 0;
    for (size_t o = 0; o < 3; ++o) most = std::max(most, std::fabs(real[o] - got[o]));
    return most;
  };
  const double before = mean_error(false), after = mean_error(true);
  EXPECT_GT(before, 0.2);
  EXPECT_LT(after, before / 5);
}

}  // namespace
}  // namespace mote
