// SPDX-License-Identifier: Apache-2.0
// compile_tuned on an emulated Cortex-M4: every kernel is tried, the fastest taken, a limit of
// flash kept at the least cycles, what was measured remembered and forgotten when it is no longer
// true.
#include "project/tune.h"

#include <gtest/gtest.h>

#include "compiler/plan/dense_net.h"
#include "graph/scratch_folder.h"
#include "project/build.h"
#include "project/plain_model.h"
#include "project/store.h"
#include "runner/cross_test.h"

namespace mote {
namespace {

class Tune : public testing::Test {
 protected:
  void SetUp() override {
    MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
    MOTE_NEEDS_TOOL("qemu-system-arm");
    if (count_plugin_path().empty()) GTEST_SKIP() << "the counting plugin is not built";
    board_ = board_named("nucleo-l4r5zi", "test", diagnostics_);
  }

  Tuned tuned(const Graph& graph, int64_t flash_bytes = 0, bool only_for_flash = false) {
    TuneRequest request;
    request.graph = &graph;
    request.options.core = InstructionSet::dsp;
    request.board = &board_;
    request.flash_bytes = flash_bytes;
    request.only_for_flash = only_for_flash;
    request.remembered = work_.path("kernels.toml");
    request.playbacks = [&] {
      return std::vector{playback_of(graph, read_samples(graph, {"prng:1"}, diagnostics_))};
    };
    Tuned result = compile_tuned(request, diagnostics_);
    if (result.tuning) work_.write("kernels.toml", to_toml(*result.tuning));
    return result;
  }

  static const KernelFigures& chosen(const LayerTuning& layer) {
    for (const KernelFigures& kernel : layer.kernels)
      if (kernel.is_chosen) return kernel;
    ADD_FAILURE() << layer.name << " has no kernel";
    return layer.kernels.at(0);
  }

  Diagnostics diagnostics_;
  Board board_;
  ScratchFolder work_;
};

TEST_F(Tune, TakesTheFastestOfAllAndRemembersThem) {
  const Graph graph = dense_net(64, {127, 7});
  const Tuned first = tuned(graph);
  ASSERT_TRUE(first.tuning);
  EXPECT_GE(first.tuning->runs, 5);
  ASSERT_EQ(first.tuning->layers.size(), 2u);
  for (const LayerTuning& layer : first.tuning->layers) {
    EXPECT_GE(layer.kernels.size(), 4u);
    for (const KernelFigures& kernel : layer.kernels) {
      EXPECT_GT(kernel.instructions, 64 * 64 / 2) << kernel.name;
      EXPECT_GT(kernel.flash_bytes, 64 * 32) << kernel.name;
      EXPECT_LE(chosen(layer).cycles, kernel.cycles) << kernel.name;
    }
  }
  const Tuned again = tuned(graph);
  EXPECT_EQ(again.tuning->runs, 0);
  EXPECT_EQ(again.tuning->layers, first.tuning->layers);
  EXPECT_EQ(again.compiled.library.files, first.compiled.library.files);
}

TEST_F(Tune, MeasuresAgainWhatIsNoLongerTrue) {
  tuned(dense_net(64, {127, 7}));
  EXPECT_GT(tuned(dense_net(32, {127, 7})).tuning->runs, 0);
}

TEST_F(Tune, KeepsALimitOfFlashAtTheLeastCycles) {
  const Graph graph = dense_net(128, {12, 7});
  const Tuned free = tuned(graph);
  int64_t last = 0;
  double cycles = 0;
  for (const int64_t limit : {40 * 1024, 30 * 1024, 25 * 1024}) {
    const Tuned within = tuned(graph, limit);
    EXPECT_LE(within.flash_bytes, limit);
    const KernelFigures &one = chosen(within.tuning->layers[0]),
                        &two = chosen(within.tuning->layers[1]);
    EXPECT_GT(one.cycles + two.cycles, cycles * 0.999);
    cycles = one.cycles + two.cycles;
    EXPECT_NE(within.flash_bytes, last);
    last = within.flash_bytes;
  }
}

TEST_F(Tune, LeavesTheRuleWhereItKeepsTheLimit) {
  const Graph graph = dense_net(32, {127});
  const Tuned kept = tuned(graph, 200 * 1024, true);
  EXPECT_FALSE(kept.tuning);
  EXPECT_GT(kept.flash_bytes, 1024);
  Diagnostics diagnostics;
  EXPECT_EQ(kept.compiled.library.files,
            compile(graph, {.core = InstructionSet::dsp}, diagnostics).library.files);
}

TEST_F(Tune, TakesTheSmallestWhereNothingKeepsTheLimit) {
  const Tuned none = tuned(dense_net(64, {127}), 1024, true);
  EXPECT_GT(none.flash_bytes, 1024);
  ASSERT_TRUE(none.tuning);
  const LayerTuning& layer = none.tuning->layers.at(0);
  for (const KernelFigures& kernel : layer.kernels)
    EXPECT_LE(chosen(layer).flash_bytes, kernel.flash_bytes + 2048) << kernel.name;
}

TEST(Tuning, IsReadAsItWasWritten) {
  Tuning tuning{"board \"b\"", 1234, {}};
  tuning.layers = {
      {"a\\\"b\n", "key", {{"kernel", 1.5, 2.25, 300, {{"f(int)", 8}, {"g", 9}}, true}}},
      {"plain", "other", {{"one", 7, 8, 9, {}, false}, {"two", 1, 2, 3, {}, true}}}};
  const ScratchFolder work;
  Diagnostics diagnostics;
  EXPECT_EQ(read_tuning(work.write("kernels.toml", to_toml(tuning)), diagnostics), tuning);
}

TEST(Tuning, AFileOfSomethingElseIsAnError) {
  const ScratchFolder work;
  for (const char* text : {"format = \"other\"\n", "[[layer]]\nname = 3\n", "not toml",
                           "format = \"mote-kernels-1\"\nunknown = 1\n"}) {
    Diagnostics diagnostics;
    EXPECT_THROW(read_tuning(work.write("kernels.toml", text), diagnostics), UserError) << text;
  }
}

}  // namespace
}  // namespace mote
