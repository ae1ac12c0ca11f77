// SPDX-License-Identifier: Apache-2.0
// fuse_activations: what becomes one layer, what stays two, and always the same bytes.
#include <gtest/gtest.h>

#include "compiler/passes/layout_oracle.h"
#include "graph/test_graphs.h"

namespace mote {
namespace {

using namespace layout_oracle;
using testing_graphs::add_dense;
using testing_graphs::pick;
using testing_graphs::Random;

constexpr uint32_t kSeed = 77;
using Names = std::vector<std::string>;

Names layers_of(const Graph& graph) {
  Names all;
  for (const Node& node : graph.nodes) {
    const auto found = node.attributes.find("activation");
    const bool has = found != node.attributes.end();
    all.push_back(node.op->name + (has ? " " + std::get<std::string>(found->second) : ""));
  }
  return all;
}

class FuseActivations : public testing::Test {
 protected:
  FuseActivations() {
    graph_.name = "network";
    x_ = graph_.add_tensor_stream("x", ElementType::f32, {3, 5}, {});
  }

  ValueId activation(ValueId x, const std::string& name) {
    return graph_.add_node(activation_op, name + std::to_string(graph_.nodes.size()), {x},
                           {{"activation", name}});
  }

  Graph fused() {
    const Graph after = remove_unused(fuse_activations(graph_));
    EXPECT_EQ(findings_of(after), Names{});
    Numbers numbers(kSeed);
    const Bytes sample = sample_of(graph_, numbers);
    EXPECT_EQ(answer(after, sample), answer(graph_, sample));
    for (size_t i = 0; i < graph_.outputs.size(); ++i)
      EXPECT_EQ(after.value(after.outputs[i]).name, graph_.value(graph_.outputs[i]).name);
    return after;
  }

  Graph graph_;
  ValueId x_;
  Random random_{kSeed};
};

TEST_F(FuseActivations, BecomeTheClampOfTheLayerBefore) {
  const ValueId dense = activation(add_dense(graph_, random_, x_, 4, "none"), "relu");
  const ValueId sum = graph_.add_node(add_op, "sum", {dense, dense});
  graph_.outputs = {activation(sum, "relu6")};
  const Graph after = fused();
  EXPECT_EQ(layers_of(after), (Names{"fully_connected relu", "add relu6"}));
  for (const Node& node : after.nodes) EXPECT_EQ(node.name, after.value(node.outputs[0]).name);
}

TEST_F(FuseActivations, StayWhereAnotherReadsTheLayer) {
  const ValueId dense = add_dense(graph_, random_, x_, 4, "none");
  graph_.outputs = {graph_.add_node(add_op, "sum", {dense, activation(dense, "relu")})};
  EXPECT_EQ(layers_of(fused()), (Names{"fully_connected none", "activation relu", "add none"}));
}

TEST_F(FuseActivations, StayWhereTheLayerIsAnOutput) {
  const ValueId dense = add_dense(graph_, random_, x_, 4, "none");
  graph_.outputs = {dense, activation(dense, "relu")};
  EXPECT_EQ(layers_of(fused()), (Names{"fully_connected none", "activation relu"}));
}

// Two clamps that one attribute cannot say.
TEST_F(FuseActivations, StayBehindALayerThatHasOne) {
  const ValueId dense = add_dense(graph_, random_, x_, 4, "relu_n1_to_1");
  graph_.outputs = {activation(dense, "relu")};
  EXPECT_EQ(layers_of(fused()), (Names{"fully_connected relu_n1_to_1", "activation relu"}));
}

TEST_F(FuseActivations, StayBehindInputsAndLayersWithoutOne) {
  const ValueId clamped = activation(x_, "relu");
  graph_.outputs = {activation(graph_.add_node(logistic_op, "gate", {clamped}), "relu")};
  EXPECT_EQ(layers_of(fused()), (Names{"activation relu", "logistic", "activation relu"}));
}

// A cell's "activation" is inside the layer, not behind it: "none" there is no free clamp.
TEST_F(FuseActivations, StayBehindRecurrentLayers) {
  const auto weights = [&](const std::string& name, Shape shape) {
    const int64_t n = element_count(shape);
    return graph_.add_constant(name, ElementType::f32, std::move(shape),
                               testing_graphs::reals(random_, n, 1));
  };
  const ValueId steps =
      graph_.add_node(reshape_op, "steps", {x_}, {{"shape", std::vector<int64_t>{3, 1, 5}}});
  const ValueId cells = graph_.add_node(
      rnn_op, "cells", {steps, weights("w", {4, 5}), weights("r", {4, 4}), weights("b", {4})},
      {{"activation", std::string("none")}});
  graph_.outputs = {activation(cells, "relu")};
  EXPECT_EQ(layers_of(fused()), (Names{"reshape", "rnn none", "activation relu"}));
}

TEST_F(FuseActivations, KeepTheBytesOfRandomGraphs) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_.seed(seed);
    graph_ = {};
    graph_.name = "random";
    x_ = graph_.add_tensor_stream("x", ElementType::f32, {3, 4}, {});
    std::vector<ValueId> made{x_};
    const char* kClamps[] = {"none", "relu", "relu6", "relu_n1_to_1", "relu_0_to_1"};
    const OpDef* kPairs[] = {&add_op, &sub_op, &mul_op, &div_op};
    for (int n = pick(random_, 3, 12); n > 0; --n) {
      const auto any = [&] {
        return made[made.size() - 1 - size_t(pick(random_, 0, 2)) % made.size()];
      };
      const std::string clamp = kClamps[pick(random_, 0, 4)];
      const int kind = pick(random_, 0, 5);
      if (kind < 3)
        made.push_back(activation(any(), clamp));
      else if (kind == 3)
        made.push_back(add_dense(graph_, random_, any(), 4, clamp));
      else
        made.push_back(graph_.add_node(*kPairs[pick(random_, 0, 3)],
                                       "pair" + std::to_string(graph_.nodes.size()), {any(), any()},
                                       {{"activation", clamp}}));
      if (pick(random_, 0, 5) == 0) graph_.outputs.push_back(made.back());
    }
    if (graph_.outputs.empty() || graph_.outputs.back() != made.back())
      graph_.outputs.push_back(made.back());
    fused();
  }
}

}  // namespace
}  // namespace mote
