// SPDX-License-Identifier: Apache-2.0
// Choices of kernels: a plan takes them, and the rule where there is none; names stay and are all
// different; compressed ones where they save something, and where the core has them.
#include "compiler/plan/kernel_choices.h"

#include <gtest/gtest.h>

#include <set>

#include "compiler/plan/dense_net.h"
#include "graph/kernel_choice.h"

namespace mote {
namespace {

const Graph& three_layers() {
  static const Graph graph = dense_net(96, {127, 12, 7});
  return graph;
}

TEST(KernelChoices, APlanTakesThem) {
  const std::string all[] = {"fully_connected_s8_dsp", "fully_connected_s8_scalar_clamped",
                             "fully_connected_s8"};
  for (const std::string& kernel : all) {
    const Plan plan = make_plan(three_layers(), InstructionSet::dsp, {}, {{"fc12", kernel}});
    EXPECT_EQ(plan.layers[0].kernel, "fully_connected_s8_dsp");
    EXPECT_EQ(plan.layers[1].kernel, kernel);
    verify(plan);
  }
}

TEST(KernelChoices, OneThatTheLayerCannotTakeIsLeftToTheRule) {
  const Plan plan =
      make_plan(three_layers(), InstructionSet::dsp, {}, {{"fc12", "fully_connected_s8_mve"}});
  EXPECT_EQ(plan.layers[1].kernel, "fully_connected_s8_dsp");
}

// The rule for layers of little work must not undo what somebody chose, either way.
TEST(KernelChoices, SmallerFormsAreChosenToo) {
  Graph graph = dense_net(96, {127, 12});
  const auto function = [&](const char* kernel) {
    const Plan plan = make_plan(graph, InstructionSet::dsp, {}, {{"fc12", kernel}});
    return std::string(plan.layers[1].call.kernel.function);
  };
  const std::string usual = function("fully_connected_s8_dsp");
  const std::string smaller = function("fully_connected_s8_dsp_small");
  EXPECT_EQ(usual.substr(0, usual.find('<')), smaller.substr(0, smaller.find('<')));
  EXPECT_NE(usual, smaller);
}

TEST(KernelChoices, NamesAreDifferentAndWithoutTheOutputRule) {
  const Graph& graph = three_layers();
  std::set<std::string> names;
  for (const KernelCandidate& kernel :
       kernels_for(InstructionSet::mve, NodeView(graph, graph.nodes[2]))) {
    EXPECT_TRUE(names.insert(kernel.name).second) << kernel.name;
    EXPECT_EQ(kernel.name.find_first_of("<>:, "), std::string::npos) << kernel.name;
    EXPECT_EQ(find_kernel(InstructionSet::mve, NodeView(graph, graph.nodes[2]), kernel.name)
                  .call.kernel.function,
              std::string(kernel.call.kernel.function));
  }
  EXPECT_EQ(names.count("fully_connected_s8"), 1u);
  EXPECT_GE(names.size(), 5u);
  KernelCall call;
  call.kernel.function = "f<4, mote::Rule<0, 8>>";
  EXPECT_EQ(named(call).name, "f_4");
}

TEST(KernelChoices, CompressedWhereItSaves) {
  EXPECT_EQ(
      compressed_kernels(three_layers(), InstructionSet::dsp),
      (KernelChoices{{"fc12", "fully_connected_s8_coded"}, {"fc7", "fully_connected_s8_nibbles"}}));
}

TEST(KernelChoices, CompressedOnlyWhereTheCoreHasKernels) {
  for (const InstructionSet core : {InstructionSet::portable, InstructionSet::scalar})
    EXPECT_EQ(compressed_kernels(three_layers(), core), KernelChoices{}) << to_string(core);
}

}  // namespace
}  // namespace mote
