// SPDX-License-Identifier: Apache-2.0
// The counting plugin on programs whose instructions can be counted by hand: classes, regions,
// marks, pushes, on each emulated core; and that counts repeat exactly.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "runner/count_report.h"
#include "runner/cross_test.h"

namespace mote {
namespace {

using nlohmann::json;

// Vectors and exit for all cores; the program follows. r7 counts the decisions down.
const char* const kHead = R"(
.syntax unified
.thumb
.section .vectors, "a"
.word stack_top, start + 1
.text
.thumb_func
.global start
start:
%ENABLE%
  ldr r7, =%DECISIONS%
again:
  bl shared
  bl push_entry
  bl push_entry
  bl mark_decision
  subs r7, #1
  bne again
  bl push_entry
  ldr r0, =0x20
  ldr r1, =exit_block
  bkpt 0xab
stop: b stop
.align 2
.thumb_func
.global mark_decision
mark_decision:
  nop
  bx lr
.thumb_func
.global push_entry
push_entry:
  push {r4, lr}
  bl layer_a
  bl layer_b
  pop {r4, pc}
.thumb_func
.global layer_a
layer_a:
  push {r4, r5, lr}
  ldr r3, =data
  movs r0, #10
1: ldr r1, [r3]
  str r1, [r3, #4]
  muls r1, r1, r1
  subs r0, #1
  bne 1b
  bl shared
  pop {r4, r5, pc}
.thumb_func
.global layer_b
layer_b:
  push {lr}
%BODY%
  bl shared
  pop {pc}
.global harness_end
harness_end:
.thumb_func
.global shared
shared:
  movs r1, #3
2: uxtb r2, r1
  subs r1, #1
  bne 2b
  bx lr
.align 2
.ltorg
.align 2
exit_block: .word 0x20026, 0
.bss
.align 2
data: .space 64
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

struct Target {
  const char* board;
  const char* body;                        // of layer_b
  std::map<std::string, uint64_t> counts;  // of one execution of that body
  AccessCounts data = {};                  // that it accesses of `data`
};

void PrintTo(const Target& target, std::ostream* out) { *out << target.board; }

const char* const kEnable =
    "  ldr r0, =0xe000ed88\n  ldr r1, =0xf00000\n  str r1, [r0]\n  dsb\n  isb\n";

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"microbit", "  lsls r0, r0, #1\n", {{"other", 1}}},
      {"mps2-an385",
       "  mla r0, r0, r0, r0\n  sdiv r0, r0, r0\n  smull r0, r1, r2, r2\n",
       {{"mac", 1}, {"div", 1}, {"mul_long", 1}}},
      {"nucleo-l4r5zi",
       "  smlad r0, r0, r0, r0\n  vadd.f32 s0, s0, s0\n  vfma.f32 s0, s0, s0\n  movs r0, #1\n  cmp "
       "r0, #1\n  it eq\n"
       "  beq 7f\n  nop\n7: cbz r0, 8f\n  nop\n8:\n",
       {{"dual_mac", 1},
        {"fp", 1},
        {"fp_mac", 1},
        {"other", 4},
        {"branch_taken", 1},
        {"branch_not_taken", 1}}},
      {"stm32f746-disco",
       "  sxtab16 r0, r0, r0\n  tbb [pc, r1]\n9: .byte 2, 2, 2, 2\n  nop\n",
       {{"sat_ext", 1}, {"load", 1}, {"pc_loads", 1}, {"other", 1}}},
      {"rp2350-pico2",
       "  ldr r2, =data\n  ldrd r0, r1, [r2]\n  umlal r0, r1, r2, r2\n",
       {{"load", 1}, {"load_multiple", 1}, {"load_words", 2}, {"mac_long", 1}},
       {2, 0, 8, 0}},
      {"corstone-300",
       "  ldr r2, =data\n  mov r0, #20\n  dlstp.8 lr, r0\n6: vldrb.u8 q0, [r2]\n  vmladava.s8 r0, "
       "q0, q0\n"
       "  vadd.i8 q0, q0, q0\n  letp lr, 6b\n",
       {{"load", 1},
        {"other", 1},
        {"loop", 3},
        {"loops_taken", 1},
        {"mve_load", 2},
        {"mve_mac", 2},
        {"mve_other", 2}},
       {5, 0, 20, 0}},
  };
  return all;
}

std::string linker_script(const Board& board) {
  char text[512];
  std::snprintf(
      text, sizeof text,
      "MEMORY { flash (rx) : ORIGIN = 0x%x, LENGTH = %u\n ram (rwx) : ORIGIN = 0x%x, LENGTH = %u "
      "}\n"
      "stack_top = ORIGIN(ram) + LENGTH(ram);\n"
      "SECTIONS { .text : { *(.vectors) *(.text*) } > flash\n .bss : { *(.bss*) } > ram }\n",
      board.emulator.flash_origin, first_memory(board, MemoryKind::flash)->bytes,
      board.emulator.ram_origin, first_memory(board, MemoryKind::ram)->bytes);
  return text;
}

std::map<std::string, uint32_t> symbols(const std::string& elf) {
  std::stringstream lines(tool_output({"arm-none-eabi-nm", elf}));
  std::map<std::string, uint32_t> out;
  std::string address, kind, name;
  while (lines >> address >> kind >> name) out[name] = uint32_t(std::stoul(address, nullptr, 16));
  return out;
}

class Program {
 public:
  Program(const Target& target, int decisions) {
    Diagnostics diagnostics;
    board_ =
        read_board(test::source_path(std::string("boards/") + target.board + ".toml"), diagnostics);
    diagnostics.stop_if_any();
    std::string text = replaced(kHead, "%DECISIONS%", std::to_string(decisions));
    text = replaced(text, "%ENABLE%", board_.core.has_fpu ? kEnable : "");
    text = replaced(text, "%BODY%", target.body);
    const std::string script = folder_.write("link.ld", linker_script(board_));
    test::cross_compile(board_.core.name,
                        {"-nostdlib", "-nostartfiles", "-T", script, folder_.write("p.S", text),
                         "-o", elf(), "-Wl,--no-warn-rwx-segments"});
  }

  std::string elf() const { return folder_.path("p.elf"); }

  // The ranges of the program, from its symbols.
  std::string ranges() const {
    const auto at = symbols(elf());
    const std::vector<std::array<std::string, 4>> rows = {
        {"start", "mark_decision", "none", "harness"},
        {"mark_decision", "push_entry", "mark", "decision"},
        {"push_entry", "layer_a", "push", "push"},
        {"layer_a", "layer_b", "layer", "a \"dense\""},
        {"layer_b", "harness_end", "layer", "b"}};
    std::vector<CountedRange> ranges;
    for (const auto& row : rows)
      ranges.push_back({at.at(row[0]) | 1, at.at(row[1]), row[2], row[3]});
    ranges.push_back({at.at("data"), at.at("data") + 64, "data", "bytes"});
    return ranges_text(ranges);
  }

  std::vector<std::string> command() const {
    return test::joined(
        test::joined({"qemu-system-arm", "-M", board_.emulator.machine}, board_.emulator.args),
        {"-nographic", "-monitor", "none", "-serial", "null", "-semihosting-config",
         "enable=on,target=native", "-kernel", elf()});
  }

  std::string out_path() const { return folder_.path("out.json"); }

  std::string run(const std::string& ranges) const {
    const std::string out = out_path();
    std::filesystem::remove(out);
    const std::string ranges_file = folder_.write("ranges", ranges);
    tool_output(test::joined(command(), count_arguments(count_plugin_path(), ranges_file, out)));
    return test::read_text(out);
  }

 private:
  ScratchFolder folder_;
  Board board_;
};

#define NEEDS_EMULATOR()                \
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc"); \
  MOTE_NEEDS_TOOL("qemu-system-arm");   \
  ASSERT_FALSE(count_plugin_path().empty()) << "mote_count.so was not built"

using Expected = std::map<std::string, uint64_t>;

uint64_t instructions_of(const Expected& counts) {
  uint64_t n = 0;
  for (const auto& [key, value] : counts) {
    const bool extra =
        key.find("words") != std::string::npos || key == "pc_loads" || key == "loops_taken";
    if (!extra) n += value;
  }
  return n;
}

void expect_counts(const json& got, const Expected& want, uint64_t times) {
  Expected seen;
  for (const auto& [key, value] : got.items())
    if (key != "instructions") seen[key] = value.get<uint64_t>();
  Expected scaled;
  for (const auto& [key, value] : want) scaled[key] = value * times;
  EXPECT_EQ(seen, scaled);
  EXPECT_EQ(got.at("instructions").get<uint64_t>(), instructions_of(want) * times);
}

Expected sum(Expected a, const Expected& b) {
  for (const auto& [key, value] : b) a[key] += value;
  return a;
}

// One call of `shared`, of layer_a (with its call of shared), of push_entry itself.
const Expected kShared = {
    {"other", 4}, {"sat_ext", 3}, {"branch_taken", 2}, {"branch_not_taken", 1}, {"call_return", 1}};
const Expected kLayerA = sum({{"store_multiple", 1},
                              {"store_words", 3},
                              {"load", 11},
                              {"store", 10},
                              {"mul", 10},
                              {"other", 11},
                              {"branch_taken", 9},
                              {"branch_not_taken", 1},
                              {"call_return", 1},
                              {"load_multiple", 1},
                              {"load_words", 3},
                              {"pc_loads", 1}},
                             kShared);
const Expected kLayerB = sum({{"store_multiple", 1},
                              {"store_words", 1},
                              {"call_return", 1},
                              {"load_multiple", 1},
                              {"load_words", 1},
                              {"pc_loads", 1}},
                             kShared);
const Expected kPush = {{"store_multiple", 1}, {"store_words", 2}, {"call_return", 2},
                        {"load_multiple", 1},  {"load_words", 2},  {"pc_loads", 1}};

class Count : public ::testing::TestWithParam<Target> {};

TEST_P(Count, EqualsTheCountByHand) {
  NEEDS_EMULATOR();
  const int decisions = 5;
  const Program program(GetParam(), decisions);
  const json out = json::parse(program.run(program.ranges()));
  EXPECT_EQ(out.at("format"), "mote-count-1");
  EXPECT_EQ(out.at("decisions"), decisions);
  EXPECT_EQ(out.at("pushes"), 2 * decisions + 1);
  const json& regions = out.at("regions");
  ASSERT_EQ(regions.size(), 3u);
  EXPECT_EQ(regions[0].at("name"), "push");
  EXPECT_EQ(regions[1].at("name"), "a \"dense\"");
  const Expected layer_b = sum(kLayerB, GetParam().counts);
  const std::vector<Expected> want = {kPush, kLayerA, layer_b};
  for (size_t i = 0; i < 3; ++i) {
    SCOPED_TRACE(regions[i].at("name").get<std::string>());
    expect_counts(regions[i].at("first"), want[i], 2);
    expect_counts(regions[i].at("later"), want[i], 2 * (decisions - 1));
  }
  const uint64_t push = instructions_of(sum(sum(kPush, kLayerA), layer_b));
  EXPECT_EQ(out.at("largest_push").at("instructions"), push);
  const json& n = out.at("instructions");
  EXPECT_EQ(n.at("first"), 2 * push);
  EXPECT_EQ(n.at("min"), 2 * push);
  EXPECT_EQ(n.at("max"), 2 * push);
  EXPECT_EQ(n.at("mean").get<double>(), double(2 * push));
  EXPECT_EQ(n.at("after_last"), push);
  EXPECT_EQ(out.at("first").at("instructions"), 2 * push);
}

TEST_P(Count, RepeatsExactly) {
  NEEDS_EMULATOR();
  const Program program(GetParam(), 200);
  const std::string once = program.run(program.ranges());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(program.run(program.ranges()), once);
}

// Ten words are read and written in layer_a; a vector of 20 bytes is five words.
TEST_P(Count, AccessesEqualTheCountByHand) {
  NEEDS_EMULATOR();
  const int decisions = 5;
  const Program program(GetParam(), decisions);
  program.run(program.ranges());
  const CountReport report = read_count_report(program.out_path());
  const AccessCounts want[] = {{}, {10, 10, 40, 40}, GetParam().data};
  AccessCounts sum;
  for (size_t i = 0; i < 3; ++i) {
    SCOPED_TRACE(report.regions[i].name);
    AccessCounts first, later;
    for (int push = 0; push < 2; ++push) first += want[i];
    for (int decision = 1; decision < decisions; ++decision) later += first;
    sum += later;
    if (want[i].bytes() == 0) {
      EXPECT_TRUE(report.regions[i].data.empty());
      continue;
    }
    ASSERT_EQ(report.regions[i].data.size(), 1u);
    EXPECT_EQ(report.regions[i].data[0].name, "bytes");
    EXPECT_EQ(report.regions[i].data[0].first, first);
    EXPECT_EQ(report.regions[i].data[0].later, later);
  }
  EXPECT_EQ(report.accesses_to("bytes").later, sum);
  EXPECT_EQ(report.accesses_to("other bytes").later, AccessCounts());
}

INSTANTIATE_TEST_SUITE_P(Cores, Count, ::testing::ValuesIn(targets()), [](const auto& p) {
  std::string name = p.param.board;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(CountPlugin, ItsReportIsReadBack) {
  NEEDS_EMULATOR();
  const Program program(targets()[5], 4);
  const json out = json::parse(program.run(program.ranges()));
  const CountReport report = read_count_report(program.out_path());
  ASSERT_EQ(report.regions.size(), 3u);
  EXPECT_EQ(report.regions[1].name, "a \"dense\"");
  EXPECT_EQ(report.decisions, 4u);
  EXPECT_EQ(report.first.instructions(), out.at("first").at("instructions").get<uint64_t>());
  EXPECT_EQ(report.later.instructions(), uint64_t(3 * report.mean_instructions));
  EXPECT_EQ(report.later.loops_taken, out.at("later").at("loops_taken").get<uint64_t>());
  InstructionCounts sum;
  for (const CountedRegion& region : report.regions) sum += region.later;
  EXPECT_EQ(sum, report.later);
}

TEST(CountReport, AMissingOrBrokenReportIsTheUsersError) {
  ScratchFolder folder;
  EXPECT_THROW(read_count_report(folder.path("none.json")), UserError);
  EXPECT_THROW(read_count_report(folder.write("a.json", "{")), UserError);
  EXPECT_THROW(read_count_report(folder.write("b.json", "{\"format\": \"mote-count-1\"}")),
               UserError);
  EXPECT_THROW(read_count_report(folder.write("c.json", "{\"format\": \"trace\"}")), UserError);
  EXPECT_THROW(count_arguments("a,b.so", "r", "o"), UserError);
}

TEST(CountPlugin, RefusesRangesThatOverlap) {
  NEEDS_EMULATOR();
  const Program program(targets()[0], 1);
  EXPECT_THROW(program.run("100 200 layer a\n180 300 layer b\n"), UserError);
  EXPECT_THROW(program.run("100 200 data a\n180 300 data b\n"), UserError);
}

// Found once: bit 0 of a range's begin was taken for Thumb's, and ranges side by side overlapped.
TEST(CountPlugin, RangesOfDataMayBeginAnywhere) {
  NEEDS_EMULATOR();
  const Program program(targets()[0], 1);
  EXPECT_NO_THROW(
      program.run("0 fffffff layer all\n20000000 20000001 data a\n20000001 20000003 data b\n"));
}

TEST(CountPlugin, RefusesALineThatIsNoRange) {
  NEEDS_EMULATOR();
  const Program program(targets()[0], 1);
  EXPECT_THROW(program.run("100 200 kernel a\n"), UserError);
  EXPECT_THROW(program.run("200 100 layer a\n"), UserError);
}

// Found once: library code that an earlier layer had called too was charged to the decision before.
TEST(CountPlugin, WhatRunsAfterTheLastMarkBelongsToNoDecision) {
  NEEDS_EMULATOR();
  const Program one(targets()[0], 1), two(targets()[0], 2);
  const json a = json::parse(one.run(one.ranges())), b = json::parse(two.run(two.ranges()));
  EXPECT_EQ(a.at("first"), b.at("first"));
  EXPECT_EQ(a.at("instructions").at("after_last"), b.at("instructions").at("after_last"));
  EXPECT_EQ(b.at("later"), b.at("first"));
}

TEST(CountPlugin, WithoutAMarkEverythingIsBeforeTheFirst) {
  NEEDS_EMULATOR();
  const Program program(targets()[0], 3);
  const json out = json::parse(program.run("0 fffffff layer all\n"));
  EXPECT_EQ(out.at("decisions"), 0);
  EXPECT_EQ(out.at("pushes"), 0);
  EXPECT_GT(out.at("instructions").at("after_last"), 100);
  EXPECT_EQ(out.at("first").at("instructions"), 0);
}

}  // namespace
}  // namespace mote
