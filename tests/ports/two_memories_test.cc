// SPDX-License-Identifier: Apache-2.0
// Models that the first RAM of a board does not hold, on emulated cores: what is accessed most lies
// there, the rest in the second; every layer, decision and state is the host's. The estimate of
// accesses that chooses (compiler/plan/accesses.h) beside loads and stores that were counted.
#include <cmath>
#include <iostream>

#include "compiler/budget.h"
#include "runner/image_size.h"
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

struct Case {
  const char* board;
  const char* graph;
};

// A board whose first RAM lacks `part` of what the model's struct takes.
Board board_with_less(const Case& c, double part) {
  Board board = board_for(c.board);
  const Plan whole = plan_within(graph_named(c.graph), board.core.instruction_set, 0);
  auto ram = std::find_if(board.memories.begin(), board.memories.end(),
                          [](const Memory& m) { return m.kind == MemoryKind::ram; });
  const int64_t full = ram->bytes;
  const int64_t room = room_for_model(board)[0];
  const auto arena = int64_t(part * double(whole.arena_bytes));
  ram->bytes = uint32_t((whole.model_bytes - arena + full - room) / 8 * 8);
  return board;
}

const ImageSymbol& symbol_of(const ImageSize& size, const std::string& name) {
  return *std::find_if(size.symbols.begin(), size.symbols.end(),
                       [&](const ImageSymbol& s) { return s.symbol == name; });
}

class TwoMemories : public ::testing::TestWithParam<Case> {};

TEST_P(TwoMemories, HoldAModelThatTheFirstDoesNot) {
  MOTE_NEEDS_EMULATOR();
  const Board board = board_with_less(GetParam(), 0.4);
  const Bench bench(graph_named(GetParam().graph), board);
  const Plan& plan = bench.plan();
  ASSERT_GT(plan.far_bytes(), 0);
  EXPECT_LE(plan.model_bytes, room_for_model(board)[0]);
  const Image image = bench.image(board);
  const Memory &fast = *usable_memories(board, MemoryKind::ram)[0],
               &slow = *usable_memories(board, MemoryKind::ram)[1];
  EXPECT_EQ(image.model_memory, fast.name);
  EXPECT_EQ(image.far_memory, slow.name);
  const ImageSize size = measure_image({image.elf, image.map});
  EXPECT_EQ(symbol_of(size, "mote_far_memory").address, slow.emulated_origin.value());
  const std::vector<Playback> played = recordings(3, 60);
  const Trace trace = bench.run(image, board, played);
  EXPECT_EQ(trace.self_test, 0u);
  EXPECT_EQ(difference(bench.host(played), trace), "");
  const std::vector<Playback> plain = unobserved(played);
  const Trace unseen = bench.run(image, board, plain);
  EXPECT_EQ(difference(bench.host(plain), unseen), "");
  expect_memory_as_planned(bench, unseen);
  expect_clean_image(bench, image);
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  std::string name = std::string(info.param.graph) + "_on_" + info.param.board;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Ports, TwoMemories,
                         ::testing::Values(Case{"stm32f746-disco", "image_by_rows"},
                                           Case{"stm32f746-disco", "int8_network"},
                                           Case{"corstone-300", "image_by_rows"},
                                           Case{"corstone-300", "recurrent"}),
                         name_of);

TEST(TwoMemories, RunUnderSanitizers) {
  MOTE_NEEDS_EMULATOR();
  const Board board = board_with_less({"stm32f746-disco", "image_by_rows"}, 0.4);
  const Bench bench(graph_named("image_by_rows"), board);
  ASSERT_GT(bench.plan().far_bytes(), 0);
  const std::vector<Playback> played = recordings(4, 60);
  const Trace trace = bench.run_sanitized(bench.sanitized_host(), played);
  EXPECT_EQ(trace.self_test, 0u);
  EXPECT_EQ(difference(bench.host(played), trace), "");
}

TEST(TwoMemories, WhatNoMemoryHoldsIsSaidByTheLinker) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  Board board = board_with_less({"stm32f746-disco", "image_by_rows"}, 0.4);
  for (Memory& memory : board.memories)
    if (memory.name == "sdram") memory.bytes = 64;
  const Bench bench(graph_named("image_by_rows"), board);
  try {
    bench.image(board);
    FAIL() << "a far part fits 64 bytes";
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().at(0).code, "does-not-fit");
    EXPECT_EQ(error.diagnostics().at(0).place, "stm32f746-disco: sdram");
  }
}

TEST(TwoMemories, WeightsOfFewestReadsLieInTheSecondFlash) {
  MOTE_NEEDS_EMULATOR();
  Board board = board_for("nucleo-l4r5zi");
  board.memories.push_back({"qspi", MemoryKind::flash, 0x90000000, 64 * 1024, 0x21000000});
  const Bench bench(graph_named("image_by_rows"), board);
  const Image one = bench.image(board);
  EXPECT_EQ(one.weights_memory, "flash");
  int64_t weights = 0;
  for (const WeightTable& table : bench.tables()) weights += table.bytes;
  const ImageSize size = measure_image({one.elf, one.map});
  board.memories[0].bytes = uint32_t(size.flash_bytes - weights / 2) / 8 * 8;
  const Image two = bench.image(board);
  EXPECT_EQ(two.weights_memory, "qspi");
  double most_far = 0, least_near = 1e9;
  for (const WeightTable& table : bench.tables()) {
    const double reads = double(table.reads) / double(table.bytes);
    const bool is_far =
        std::find(two.far_tables.begin(), two.far_tables.end(), table.name) != two.far_tables.end();
    if (is_far)
      most_far = std::max(most_far, reads);
    else
      least_near = std::min(least_near, reads);
  }
  EXPECT_LE(most_far, least_near);
  EXPECT_LT(two.far_tables.size(), bench.tables().size());
  const auto rows = memory_use(board, {two, measure_image({two.elf, two.map}), 0});
  int64_t in_both = 0;
  for (const MemoryUse& row : rows)
    for (const MemoryPart& part : row.parts)
      if (part.what == "weights") in_both += part.bytes;
  EXPECT_GE(in_both, weights);
  const std::vector<Playback> played = recordings(6, 20);
  const Trace trace = bench.run(two, board, played);
  EXPECT_EQ(trace.self_test, 0u);
  EXPECT_EQ(difference(bench.host(played), trace), "");
}

// ---- the estimate beside what was counted

struct Counted {
  const ArenaBlock* block;
  double stated, measured;  // bytes a byte of the block and decision
};

// Where the bytes of two blocks are one, loads are of the older, stores of the newer.
bool owns(const std::vector<const ArenaBlock*>& there, const ArenaBlock& block, bool is_load) {
  for (const ArenaBlock* other : there)
    if (is_load ? other->first < block.first : other->first > block.first) return false;
  return true;
}

// The bytes at which a block begins or ends.
std::vector<int64_t> borders_of(const Plan& plan) {
  std::vector<int64_t> borders;
  for (const ArenaBlock& block : plan.blocks)
    borders.insert(borders.end(), {block.begin, block.end});
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  return borders;
}

std::vector<Counted> counted(const Bench& bench, const Board& board) {
  const Plan& plan = bench.plan();
  const Image image = bench.image(board);
  const uint32_t arena =
      symbol_of(measure_image({image.elf, image.map}), "mote_model_memory").address;
  const std::vector<int64_t> borders = borders_of(plan);
  std::vector<CountedRange> ranges;
  for (size_t i = 0; i + 1 < borders.size(); ++i)
    ranges.push_back({arena + uint32_t(borders[i]), arena + uint32_t(borders[i + 1]), "data",
                      std::to_string(i)});
  const CountReport report = bench.count(image, board, recordings(5, 20), ranges);
  std::vector<Counted> all;
  for (const ArenaBlock& block : plan.blocks)
    all.push_back({&block, double(block.accesses) / double(block.end - block.begin), 0});
  for (const CountedRegion& region : report.regions) {
    if (region.kind != "layer") continue;
    const int32_t layer = std::stoi(region.name);
    for (const CountedData& data : region.data) {
      const int64_t byte = borders[std::stoul(data.name)];
      std::vector<const ArenaBlock*> there;
      for (const ArenaBlock& b : plan.blocks)
        if (b.begin <= byte && byte < b.end && b.first <= layer && layer <= b.last)
          there.push_back(&b);
      for (Counted& c : all) {
        if (std::find(there.begin(), there.end(), c.block) == there.end()) continue;
        const double size = double(c.block->end - c.block->begin);
        if (owns(there, *c.block, true)) c.measured += double(data.later.load_bytes) / size;
        if (owns(there, *c.block, false)) c.measured += double(data.later.store_bytes) / size;
      }
    }
  }
  for (Counted& c : all) c.measured /= double(report.decisions - 1);
  return all;
}

// Which of two blocks has more accesses a byte, where the counts differ by more than twice.
TEST(Accesses, OfTwoBlocksTheEstimateKnowsTheOneWithMore) {
  MOTE_NEEDS_EMULATOR();
  ASSERT_FALSE(count_plugin_path().empty()) << "mote_count.so was not built";
  int pairs = 0, right = 0;
  for (const char* name : {"nucleo-l4r5zi", "corstone-300", "mps2-an385"}) {
    const Board board = board_for(name);
    const Bench bench(graph_named("image_by_rows"), board.core.instruction_set);
    const std::vector<Counted> all = counted(bench, board);
    for (const Counted& a : all) {
      std::cout << name << ' ' << a.block->name << ": " << a.stated << " accesses a byte stated, "
                << a.measured << " counted\n";
      EXPECT_GT(a.measured, 0) << a.block->name;
      for (const Counted& b : all) {
        if (a.measured <= 2 * b.measured) continue;
        ++pairs;
        right += a.stated > b.stated;
      }
    }
  }
  std::cout << right << " of " << pairs << " pairs in the order that was counted\n";
  EXPECT_GT(pairs, 30);
  EXPECT_GE(right * 10, pairs * 9);
}

}  // namespace
}  // namespace mote::ports
