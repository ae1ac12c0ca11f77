// SPDX-License-Identifier: Apache-2.0
// Budgets of RAM: which loops over rows are chosen, what they cost, what is said where none is
// small enough.
#include "compiler/budget.h"

#include <gtest/gtest.h>

#include "compiler/mobilenet_v2_net.h"
#include "compiler/plan/plan_run_test.h"

namespace mote {
namespace {

int64_t macs_of(const Plan& plan) {
  int64_t macs = 0;
  for (const Layer& layer : plan.layers) macs += layer.macs;
  return macs;
}

Plan planned(const Graph& graph, int64_t ram_bytes) {
  Plan plan = plan_within(graph, InstructionSet::dsp, ram_bytes);
  verify(plan);
  return plan;
}

TEST(Budget, MobileNetV2Takes64KbWithHardlyMoreProductsAsItsImageComesByRows) {
  Numbers numbers;
  const Graph graph = mobilenet_v2(numbers);
  const Plan plan = planned(graph, 64 * 1024);
  std::cout << words_of_rows(plan) << '\n';
  ASSERT_TRUE(plan.loop && plan.loop->comes_by_rows);
  EXPECT_LE(plan.model_bytes, 64 * 1024);
  EXPECT_LE(double(macs_of(plan)), 1.3 * double(dead_channels::macs(graph)));
  PlanRun run(plan);
  Evaluator whole(graph);
  const Bytes sample = numbers.many<uint8_t>(144 * 144 * 3, 0, 255);
  whole.push(0, sample.data());
  EXPECT_EQ(run.push(sample), whole.outputs());
}

// Three layers at full size; the largest is in the middle.
Graph small_net(Numbers& numbers) {
  dead_channels::Net net(numbers);
  net.graph.name = "small";
  ValueId x = net.conv(net.input({1, 48, 48, 3}), 8, {3, 2, "same"});
  x = net.conv(net.depthwise(x, 1, {3, 1, "same"}), 16, {});
  x = net.conv(net.depthwise(x, 1, {3, 2, "same"}), 16, {});
  net.graph.outputs = {net.dense(net.flat(x), 4)};
  return net.graph;
}

TEST(Budget, WholeLayersWhereTheyFit) {
  Numbers numbers;
  const Graph graph = small_net(numbers);
  const Plan whole = make_plan(graph, InstructionSet::dsp);
  EXPECT_FALSE(planned(graph, whole.model_bytes).loop);
  const Plan smaller = planned(graph, whole.model_bytes - 1);
  EXPECT_TRUE(smaller.loop);
  EXPECT_LT(smaller.model_bytes, whole.model_bytes);
  EXPECT_EQ(smaller.bytes_of_whole_layers, whole.model_bytes);
  EXPECT_EQ(words_of_rows(whole), "");
}

// The first layer's output lies over the image as it is used up, so that rows need only begin
// behind it. Such a loop was not looked at where one from the image on was smaller than none.
TEST(Budget, RowsBeginWhereTheArenaIsFullest) {
  Numbers numbers;
  const Graph graph = small_net(numbers);
  const Plan plan = planned(graph, 0);
  ASSERT_TRUE(plan.loop);
  EXPECT_GT(plan.loop->first, 0);
  for (int64_t rows = 1; rows <= 4; ++rows)
    if (const auto from_image = make_row_loop(graph, {0, plan.loop->last, rows})) {
      EXPECT_LT(plan.model_bytes, make_plan(graph, InstructionSet::dsp, from_image).model_bytes);
    }
  PlanRun run(plan);
  Evaluator whole(graph);
  const Bytes sample = numbers.many<uint8_t>(48 * 48 * 3, 0, 255);
  whole.push(0, sample.data());
  EXPECT_EQ(run.push(sample), whole.outputs());
}

// One that was estimated as small as another, but was not, hid those behind it, and the image had
// to come by rows.
TEST(Budget, AnImageComesByRowsOnlyWhereNoPlanHoldsIt) {
  Numbers numbers;
  const Graph graph = small_net(numbers);
  const Plan smallest = planned(graph, 0);
  ASSERT_FALSE(smallest.loop->comes_by_rows);
  const Plan plan = planned(graph, smallest.model_bytes);
  ASSERT_TRUE(plan.loop);
  EXPECT_FALSE(plan.loop->comes_by_rows);
  EXPECT_LE(plan.model_bytes, smallest.model_bytes);
}

TEST(Budget, NoneIsTheLeastMemoryThatCostsHardlyAnything) {
  Numbers numbers;
  const Graph graph = mobilenet_v2(numbers);
  const Plan plan = planned(graph, 0);
  ASSERT_TRUE(plan.loop);
  EXPECT_LE(cost_of(graph, *plan.loop), dead_channels::macs(graph) / 25);
  EXPECT_LT(plan.model_bytes, plan.bytes_of_whole_layers / 2);
}

TEST(Budget, TheSmallestPlanIsNamedWhereNoneFits) {
  Numbers numbers;
  const Plan plan = planned(small_net(numbers), 100);
  Diagnostics diagnostics;
  EXPECT_EQ(code_of_failure([&] { check_ram(plan, 100, diagnostics); }), "over-budget");
  const std::string message = diagnostics.errors().at(0).message;
  EXPECT_NE(message.find("at least " + std::to_string(plan.model_bytes) + " bytes"),
            std::string::npos)
      << message;
  Diagnostics none;
  check_ram(plan, plan.model_bytes, none);
  EXPECT_TRUE(none.errors().empty());
}

}  // namespace
}  // namespace mote
