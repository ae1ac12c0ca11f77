// SPDX-License-Identifier: Apache-2.0
// Linker scripts: the addresses and sizes of every board, and where the harness goes.
#include "runner/link_script.h"

#include <gtest/gtest.h>

#include "runner/cross_test.h"

namespace mote {
namespace {

Board board_named(const std::string& name) {
  Diagnostics diagnostics;
  Board board = read_board(test::source_path("boards/" + name + ".toml"), diagnostics);
  diagnostics.stop_if_any();
  return board;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(LinkScript, OwnImageHasTheBoardsAddresses) {
  const std::string text = link_script(board_named("nucleo-l4r5zi"), {Placement::own, 2048});
  EXPECT_TRUE(has(text, "flash (rx) : ORIGIN = 0x08000000, LENGTH = 0x00200000")) << text;
  EXPECT_TRUE(has(text, "ram (rw) : ORIGIN = 0x20000000, LENGTH = 0x000a0000")) << text;
  EXPECT_TRUE(has(text, "mote_stack_low = mote_stack_top - 2048;")) << text;
  EXPECT_FALSE(has(text, "harness_ram (")) << text;
  EXPECT_FALSE(has(text, "@")) << text;
}

TEST(LinkScript, EmulatedImageHasTheMachinesAddressesAndTheBoardsSizes) {
  const std::string text = link_script(board_named("nucleo-l4r5zi"), {Placement::emulated, 4096});
  EXPECT_TRUE(has(text, "flash (rx) : ORIGIN = 0x00000000, LENGTH = 0x00200000")) << text;
  EXPECT_TRUE(has(text, "ram (rw) : ORIGIN = 0x20000000, LENGTH = 0x000a0000")) << text;
  // The machine has 4 MB of each: the harness lies behind the board's end.
  EXPECT_TRUE(has(text, "harness_flash (rx) : ORIGIN = 0x00200000, LENGTH = 0x00200000")) << text;
  EXPECT_TRUE(has(text, "harness_ram (rw) : ORIGIN = 0x200a0000, LENGTH = 0x00360000")) << text;
}

// The emulated nRF51 takes its sizes from the board's arguments.
TEST(LinkScript, HarnessSharesTheBoardsMemoryWhereTheMachineHasNoMore) {
  const std::string micro = link_script(board_named("microbit"), {Placement::emulated, 4096});
  EXPECT_TRUE(has(micro, "harness_ram (rw) : ORIGIN = 0x20004000, LENGTH = 0x0003e000")) << micro;
  const std::string pico = link_script(board_named("rp2040-pico"), {Placement::emulated, 4096});
  EXPECT_FALSE(has(pico, "harness_ram")) << pico;
  EXPECT_FALSE(has(pico, "harness_flash")) << pico;
}

TEST(LinkScript, AFurtherMemoryHasARegionWhereSomethingLiesInIt) {
  const Board board = board_named("stm32f746-disco");
  const std::string own = link_script(board, {Placement::own, 4096, "sdram"});
  EXPECT_TRUE(has(own, "model (rw) : ORIGIN = 0xc0000000, LENGTH = 0x00800000")) << own;
  EXPECT_TRUE(has(own, "*(.bss.mote_model_memory)\n  } > model")) << own;
  EXPECT_FALSE(has(own, "> weights")) << own;
  const std::string emulated = link_script(board, {Placement::emulated, 4096, "sdram"});
  EXPECT_TRUE(has(emulated, "model (rw) : ORIGIN = 0x60000000, LENGTH = 0x00800000")) << emulated;
  EXPECT_FALSE(has(link_script(board, {Placement::own, 4096}), "> model"));
}

TEST(LinkScript, EveryBoardInBothPlacements) {
  for (const std::string& name : board_names(test::source_path("boards"))) {
    const Board board = board_named(name);
    EXPECT_TRUE(has(link_script(board, {Placement::own, 1024}), "ENTRY(mote_reset)")) << name;
    EXPECT_NE(link_script(board, {Placement::emulated, 1024}),
              link_script(board, {Placement::own, 1024}));
  }
}

}  // namespace
}  // namespace mote
