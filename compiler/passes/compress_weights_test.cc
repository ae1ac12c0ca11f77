// SPDX-License-Identifier: Apache-2.0
// compress_weights: the layers that shrink most come first, those that do not are left alone, a
// core without such kernels has none; every output byte stays.
#include <gtest/gtest.h>

#include "compiler/passes/passes.h"
#include "graph/evaluator.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

constexpr int32_t kSize = 96;

// Three layers whose weights reach 127 (no code is short), 12 and 7 (four bits).
Graph three_layers() {
  Numbers numbers(16);
  Graph graph;
  graph.name = "three";
  const Quantization one{{0.02f}, {0}, 0};
  ValueId x = graph.add_tensor_stream("x", ElementType::s8, {1, kSize}, one);
  for (const int32_t most : {127, 12, 7}) {
    const ValueId w =
        graph.add_constant("w" + std::to_string(most), ElementType::s8, {kSize, kSize},
                           numbers.many<int8_t>(kSize * kSize, -most, most), one);
    x = graph.add_node(fully_connected_op, "fc" + std::to_string(most), {x, w, -1},
                       {{"output_scale", 0.02 * most}, {"output_zero_point", int64_t(0)}});
  }
  graph.outputs = {x};
  return graph;
}

std::vector<int64_t> compressed(InstructionSet core, int32_t most) {
  std::vector<int64_t> all;
  for (const Node& node : compress_weights(three_layers(), core, most).nodes)
    all.push_back(std::get<int64_t>(node.attributes.at("compressed")));
  return all;
}

TEST(CompressWeights, TheSmallestFirst) {
  using All = std::vector<int64_t>;
  EXPECT_EQ(compressed(InstructionSet::dsp, 0), (All{0, 0, 0}));
  EXPECT_EQ(compressed(InstructionSet::dsp, 1), (All{0, 0, 1}));
  EXPECT_EQ(compressed(InstructionSet::dsp, 2), (All{0, 1, 1}));
  EXPECT_EQ(compressed(InstructionSet::dsp, 3), (All{0, 1, 1}));
}

TEST(CompressWeights, OnlyWhereTheCoreHasKernels) {
  for (const InstructionSet core :
       {InstructionSet::portable, InstructionSet::scalar, InstructionSet::mve})
    EXPECT_EQ(compressed(core, 3), (std::vector<int64_t>{0, 0, 0})) << to_string(core);
}

TEST(CompressWeights, KeepsEveryOutputByte) {
  Numbers numbers(61);
  const Graph before = three_layers(), after = compress_weights(before, InstructionSet::dsp, 3);
  for (int i = 0; i < 20; ++i) {
    const std::vector<int8_t> x = numbers.many<int8_t>(kSize, -128, 127);
    Evaluator one(before), other(after, InstructionSet::dsp);
    one.push(0, x.data());
    other.push(0, x.data());
    ASSERT_EQ(other.outputs(), one.outputs());
  }
}

}  // namespace
}  // namespace mote
