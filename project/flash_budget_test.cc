// SPDX-License-Identifier: Apache-2.0
// compile_within: no layer is compressed that need not be; a limit that nothing keeps is refused
// with the nearest.
#include "project/flash_budget.h"

#include <gtest/gtest.h>

#include "ops/run_one_node.h"
#include "runner/cross_test.h"

namespace mote {
namespace {

constexpr int32_t kSize = 128;

Graph two_layers() {
  Numbers numbers(16);
  Graph graph;
  graph.name = "two";
  const Quantization one{{0.02f}, {0}, 0};
  ValueId x = graph.add_tensor_stream("x", ElementType::s8, {1, kSize}, one);
  for (const int32_t most : {12, 7}) {
    const ValueId w =
        graph.add_constant("w" + std::to_string(most), ElementType::s8, {kSize, kSize},
                           numbers.many<int8_t>(kSize * kSize, -most, most), one);
    x = graph.add_node(fully_connected_op, "fc" + std::to_string(most), {x, w, -1},
                       {{"output_scale", 0.5}, {"output_zero_point", int64_t(0)}});
  }
  graph.outputs = {x};
  return graph;
}

int64_t compressed_within(int64_t bytes, Diagnostics& diagnostics) {
  const Compiled compiled = compile_within(two_layers(), {.core = InstructionSet::dsp},
                                           {"nucleo-l4r5zi", bytes, "--flash-kb"}, diagnostics);
  int64_t layers = 0;
  for (const Node& node : compiled.plan.graph.nodes)
    layers += std::get<int64_t>(node.attributes.at("compressed"));
  return layers;
}

TEST(FlashBudget, CompressesAsFewLayersAsItTakes) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  Diagnostics diagnostics;
  EXPECT_EQ(compressed_within(40 * 1024, diagnostics), 0);
  EXPECT_EQ(compressed_within(30 * 1024, diagnostics), 1);
  EXPECT_EQ(compressed_within(25 * 1024, diagnostics), 2);
}

TEST(FlashBudget, NamesTheNearest) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  Diagnostics diagnostics;
  try {
    compressed_within(10 * 1024, diagnostics);
    FAIL() << "10 KB hold no 18 KB of codes";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("--flash-kb: flash of 10240 bytes is asked"),
              std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find(" would do"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace mote
