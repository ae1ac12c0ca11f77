// SPDX-License-Identifier: Apache-2.0
// Counting the instructions of the fixture model on emulated cores: the plugin, the ranges it is
// given and the report it leaves.
#include "runner/count_report.h"

#include <gtest/gtest.h>

#include "runner/player_ranges.h"
#include "runner/test_firmware.h"

namespace mote::test {
namespace {

constexpr const char* kFixtureLayers[] = {"means", "energy", "dense", "decide"};

CountReport counted(const ScratchFolder& folder, const Image& image, const Board& board,
                    ImageKind kind) {
  ModelFunctions functions = {{{"push_plain", "push"}}, {}};
  for (const std::string layer : kFixtureLayers)
    functions.layers.push_back({"layer_" + layer, layer});
  RunRequest run = run_in(folder, image);
  run.playbacks.resize(1);
  run.self_test = false;
  run.counting = {count_plugin_path(), folder.path("ranges"), folder.path("out.json")};
  folder.write("ranges", ranges_text(player_ranges(image.elf, functions)));
  Diagnostics diagnostics;
  run_emulated(run, board, kind, diagnostics);
  diagnostics.stop_if_any();
  return read_count_report(folder.path("out.json"));
}

// Another run and another port count the same: nothing of player or port is in it.
TEST(Firmware, CountsAreOfTheModelAloneAndRepeat) {
  MOTE_NEEDS_EMULATOR();
  ASSERT_FALSE(count_plugin_path().empty()) << "mote_count.so was not built";
  ScratchFolder folder;
  for (const char* name : {"rp2040-pico", "nucleo-l4r5zi", "corstone-300"}) {
    SCOPED_TRACE(name);
    const Board board = board_named(name);
    Diagnostics diagnostics;
    const auto images = build_images(request_in(folder), board,
                                     {ImageKind::emulated, ImageKind::emulated_uart}, diagnostics);
    diagnostics.stop_if_any();
    const CountReport first = counted(folder, images[0], board, ImageKind::emulated);
    EXPECT_EQ(first.decisions, 99u);
    EXPECT_EQ(first.pushes, 400u);
    EXPECT_EQ(first.regions.size(), 5u);
    // Four pushes, one of which runs the layers.
    EXPECT_GT(first.mean_instructions, 500);
    EXPECT_LT(first.mean_instructions, 20000);
    EXPECT_LE(first.largest_push, first.first_instructions);
    const CountReport again = counted(folder, images[0], board, ImageKind::emulated);
    EXPECT_EQ(again.first, first.first);
    EXPECT_EQ(again.later, first.later);
    const CountReport uart = counted(folder, images[1], board, ImageKind::emulated_uart);
    EXPECT_EQ(uart.first, first.first);
    EXPECT_EQ(uart.later, first.later);
  }
}

}  // namespace
}  // namespace mote::test
