// SPDX-License-Identifier: Apache-2.0
// The stack bound against three oracles: gcc's own .su files, a painted stack on the emulated core,
// and call graphs written by hand (tail calls, library calls, indirect calls, recursion, large and
// variable frames).
#include "runner/stack_bound.h"

#include <algorithm>
#include <cstdio>

#include "runner/cross_test.h"
#include "runner/disassembly.h"

namespace mote {
namespace {


const char* const kProgram = R"(
#include <stdint.h>
#include <string.h>
extern "C" {
volatile int sink;
int (*volatile pointer)(int);
__attribute__((noinline)) int leaf(int x) {
  volatile char b[40];
  memset((char*)b, x, 40);
  return b[3] + x;
}
__attribute__((noinline)) int big(int x) {
  volatile char b[5000];
  b[0] = (char)x;
  return leaf(b[0] + x) + b[0];
}
__attribute__((noinline)) int many(int a, int b, int c, int d, int e, int f, int g) {
  volatile int v[4] = {a, b, c, d};
  return leaf(v[0] + v[3]) + e * f + g + v[1];
}
__attribute__((noinline)) int tail(int x) {
  volatile char b[200];
  b[0] = (char)x;
  return big(x + b[0]);
}
__attribute__((noinline)) int64_t wide(int64_t a, int64_t b) {
  volatile int64_t x = a;
  return x / b;
}
__attribute__((noinline)) double real(double a, double b) {
  volatile double x = a;
  return x / b + x * b;
}
__attribute__((noinline)) int pick(int x) {
  switch (x) {
    case 0:
      return leaf(1) + 1;
    case 1:
      return 7;
    case 2:
      return big(2) + 2;
    case 3:
      return 9;
    case 4:
      return leaf(4) * 2;
    case 5:
      return 12;
    case 6:
      return 8;
    default:
      return 1;
  }
}
__attribute__((noinline)) int indirect(int x) { return pointer(x) + 1; }
__attribute__((noinline)) int indirect_tail(int x) { return pointer(x); }
__attribute__((noinline)) int factorial(int x) { return x ? factorial(x - 1) * x + leaf(x) : 1; }
__attribute__((noinline)) int variable(int n) {
  volatile char b[n];
  b[0] = 1;
  return leaf(b[0]) + b[0];
}
__attribute__((noinline)) int plain(int x) {
  return tail(x) + many(1, 2, x, 4, 5, 6, x) + pick(x & 7) + (int)wide(x, 3) + (int)real(x, 7);
}
int work(int x) { return plain(x) + plain(x + 1); }
int all(int x) { return work(x) + indirect(x) + indirect_tail(x) + factorial(3) + variable(x); }
}
namespace spaced {
namespace {
template <int N>
__attribute__((noinline)) int templated(int x) {
  volatile char b[N];
  b[0] = (char)x;
  return leaf(b[0]);
}
}  // namespace
int both(int x) { return templated<80>(x) + templated<300>(x); }
}  // namespace spaced
extern "C" int cpp(int x) { return spaced::both(x); }
)";

// Paints 12 kB below itself, runs work(), and compares what was touched with the bound that it is
// compiled with.
const char* const kHarness = R"(
#include <stdint.h>
int work(int); int all(int); int cpp(int);
#ifndef BOUND
#define BOUND 0
#endif
volatile int keep;
__attribute__((noinline)) static uint32_t measured(void) {
  uint32_t top; __asm volatile("mov %0, sp" : "=r"(top));
  uint32_t bottom = top - 12288;
  for (uint32_t a = bottom; a < top - 64; a += 4) *(volatile uint32_t*)a = 0xC5C5C5C5u;
  keep = work(2);
  uint32_t a = bottom;
  while (a < top && *(volatile uint32_t*)a == 0xC5C5C5C5u) a += 4;
  return top - a;
}
static void leave(int good) {
  static uint32_t block[2]; block[0] = 0x20026; block[1] = good ? 0 : 1;
  register uint32_t r0 __asm("r0") = 0x20; register uint32_t* r1 __asm("r1") = block;
  __asm volatile("bkpt 0xab" : : "r"(r0), "r"(r1) : "memory");
  for (;;) {}
}
void start(void) {
#ifdef FPU
  *(volatile uint32_t*)0xE000ED88u |= 0xF00000u; __asm volatile("dsb\nisb");
#endif
  uint32_t n = measured();
  leave(n <= BOUND && n + 40 >= BOUND);
  keep = all(2) + cpp(3);
}
extern uint32_t stack_top;
__attribute__((section(".vectors"), used)) const void* const vectors[] = {&stack_top, (void*)start};
)";

struct Image {
  ScratchFolder folder;
  Board board;
  std::string level;

  Image(const std::string& board_name, std::string level_) : level(std::move(level_)) {
    Diagnostics diagnostics;
    board = read_board(test::source_path("boards/" + board_name + ".toml"), diagnostics);
    diagnostics.stop_if_any();
    std::filesystem::create_directory(folder.path("su"));
    test::cross_compile(board.core.name,
                        {level, "-fstack-usage", "-fno-exceptions", "-fno-rtti", "-c",
                         folder.write("p.cc", kProgram), "-o", folder.path("su/p.o")});
    char script[400];
    std::snprintf(script, sizeof script,
                  "MEMORY { flash (rx) : ORIGIN = 0x%x, LENGTH = 256K\n ram (rwx) : ORIGIN = 0x%x, "
                  "LENGTH = 16K }\n"
                  "stack_top = ORIGIN(ram) + LENGTH(ram);\nENTRY(start)\n"
                  "SECTIONS { .text : { *(.vectors) *(.text*) *(.rodata*) } > flash /DISCARD/ : { "
                  "*(.ARM.*) }\n"
                  " .data : { *(.data*) } > ram .bss : { *(.bss*) } > ram }\n",
                  board.emulator.flash_origin, board.emulator.ram_origin);
    folder.write("link.ld", script);
    link({});
  }

  std::string elf() const { return folder.path("p.elf"); }

  void link(const std::vector<std::string>& defines) {
    std::vector<std::string> arguments = {"-O1",
                                          "-w",
                                          "-nostartfiles",
                                          "--specs=nano.specs",
                                          "-T",
                                          folder.path("link.ld"),
                                          folder.write("h.c", kHarness),
                                          folder.path("su/p.o"),
                                          "-o",
                                          elf(),
                                          "-Wl,--no-warn-rwx-segments"};
    if (board.core.has_fpu) arguments.push_back("-DFPU");
    test::cross_compile(board.core.name, test::joined(arguments, defines));
  }

  StackRequest request(const std::string& entry) const {
    StackRequest out;
    out.elf = elf();
    out.su_folder = folder.path("su");
    out.entry = entry;
    return out;
  }

  void run() const {
    tool_output(test::joined(
        test::joined({"qemu-system-arm", "-M", board.emulator.machine}, board.emulator.args),
        {"-nographic", "-monitor", "none", "-serial", "null", "-semihosting-config",
         "enable=on,target=native", "-kernel", elf()}));
  }
};

using Where = std::tuple<std::string, std::string>;
class Stack : public ::testing::TestWithParam<Where> {};

TEST_P(Stack, FramesEqualGccsOwnFigures) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  const Image image(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const std::string object = image.folder.path("su/p.o");
  const auto functions =
      read_disassembly(tool_output({"arm-none-eabi-objdump", "-d", "--no-show-raw-insn", object}));
  std::stringstream usage(test::read_text(image.folder.path("su/p.su")));
  int compared = 0;
  for (std::string line; std::getline(usage, line);) {
    if (line.find("\tdynamic") != std::string::npos) continue;
    const size_t open = line.find('('), space = line.rfind(' ', open), tab = line.find('\t');
    const auto found = functions.find(line.substr(space + 1, open - space - 1));
    if (found == functions.end()) continue;  // a C++ name
    EXPECT_EQ(found->second.frame_bytes, uint32_t(std::stoul(line.substr(tab + 1)))) << line;
    EXPECT_FALSE(found->second.unknown_frame) << line;
    ++compared;
  }
  EXPECT_GE(compared, 10);
}

TEST_P(Stack, TheBoundIsNeverBelowAndNearThePaintedStack) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  MOTE_NEEDS_TOOL("qemu-system-arm");
  Image image(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const StackBound bound = bound_stack(image.request("work"));
  for (const std::string& problem : bound.problems) ADD_FAILURE() << problem;
  ASSERT_GT(bound.bytes, 5000u);
  ASSERT_GE(bound.path.size(), 4u);
  EXPECT_EQ(bound.path[0].name, "work");
  EXPECT_EQ(bound.path[1].name, "plain");
  uint32_t sum = 0;
  for (const StackFrame& frame : bound.path) sum += frame.bytes;
  EXPECT_GE(sum, bound.bytes);
  image.link({"-DBOUND=" + std::to_string(bound.bytes)});
  EXPECT_NO_THROW(image.run()) << "bound " << bound.bytes;
}

INSTANTIATE_TEST_SUITE_P(Cores, Stack,
                         ::testing::Combine(::testing::Values("microbit", "mps2-an385",
                                                              "nucleo-l4r5zi", "stm32f746-disco",
                                                              "rp2350-pico2", "corstone-300"),
                                            ::testing::Values("-O2", "-Os")),
                         [](const auto& p) {
                           std::string name = std::get<0>(p.param) + std::get<1>(p.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

bool any_contains(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const auto& t) { return t.find(part) != std::string::npos; });
}

// Found once: code of libgcc that has lost its names follows the last function of an object, and
// was taken for a part of it; a place inside it that is called is a function of its own.
TEST(Disassembly, CodeWithoutANameIsNoPartOfTheFunctionBefore) {
  const std::string listing =
      "00000100 <last>:\n 100:\tpush\t{r3, lr}\n 102:\tbl\t10a <last+0xa>\n 106:\tpop\t{r3, pc}\n"
      " 108:\tsub\tsp, #64\n 10a:\tpush\t{r4, r5, r6, lr}\n 10c:\tb.n\t110 <last+0x10>\n "
      "110:\tpop\t{r4, r5, r6, pc}\n";
  const auto functions = read_disassembly(listing, {{0x100, 0x108}});
  ASSERT_EQ(functions.size(), 3u);
  EXPECT_EQ(functions.at("last").frame_bytes, 8u);
  ASSERT_EQ(functions.at("last").calls.size(), 1u);
  EXPECT_EQ(functions.at("last").calls[0].to, "code_at_10a");
  EXPECT_EQ(functions.at("code_at_108").frame_bytes, 64u);
  EXPECT_EQ(functions.at("code_at_108").calls.at(0).to, "code_at_10a");  // falls through
  EXPECT_EQ(functions.at("code_at_10a").frame_bytes, 16u);
  EXPECT_TRUE(functions.at("code_at_10a").calls.empty());
}

// Found once on a Cortex-M0: gcc jumps with bl inside a long function, and returns from one with
// arguments on the stack through a low register; the first was taken for recursion, the second for
// an indirect call. A popped register that something else is put into is no return address.
TEST(Disassembly, FarJumpsAndReturnsOfV6mAreNoCalls) {
  const std::string listing =
      "00000100 <far>:\n 100:\tpush\t{r4, lr}\n 102:\tbl\t108 <far+0x8>\n 106:\tnop\n"
      " 108:\tpop\t{r4}\n 10a:\tpop\t{r3}\n 10c:\tadd\tsp, #8\n 10e:\tbx\tr3\n"
      "00000110 <recursive>:\n 110:\tbl\t110 <recursive>\n 114:\tbx\tlr\n"
      "00000116 <pointer>:\n 116:\tpop\t{r3}\n 118:\tldr\tr3, [r0, #0]\n 11a:\tbx\tr3\n";
  const auto functions =
      read_disassembly(listing, {{0x100, 0x110}, {0x110, 0x116}, {0x116, 0x11c}});
  ASSERT_EQ(functions.size(), 3u);
  EXPECT_TRUE(functions.at("far").calls.empty());
  EXPECT_EQ(functions.at("far").frame_bytes, 8u);
  EXPECT_EQ(functions.at("recursive").calls.at(0).to, "recursive");
  EXPECT_TRUE(functions.at("pointer").calls.at(0).indirect);
}

// Found once on a Cortex-M4: the loops of core/simd_fold.h, which are entered through an address
// that they keep on the stack, were taken for indirect calls.
TEST(Disassembly, AJumpThroughTheTopOfTheStackIsNoCall) {
  const auto functions = read_disassembly(
      "00000100 <loop>:\n 100:\tpush\t{r1, r2}\n 102:\tldr.w\tpc, [sp]\n 106:\tpush\t{r4}\n"
      " 108:\tbx\tlr\n");
  EXPECT_TRUE(functions.at("loop").calls.empty());
  EXPECT_EQ(functions.at("loop").frame_bytes, 12u);
}

TEST(Disassembly, FramesOfEveryForm) {
  const std::string listing =
      "00000100 <f>:\n 100:\tstmdb\tsp!, {r4, r5, r6, r7, r8, r9, sl, lr}\n 104:\tvpush\t{d8-d11}\n"
      " 108:\tsub.w\tsp, sp, #4992\t@ 0x1380\n 10c:\tsub\tsp, #12\n 10e:\tstrd\tip, lr, [sp, "
      "#-16]!\n"
      " 112:\tldr\tr3, [pc, #8]\t@ (11c <f+0x1c>)\n 114:\tadd\tsp, r3\n 116:\tbx\tlr\n "
      "11c:\t.word\t0xfffff000\n"
      "00000200 <g>:\n 200:\tmovw\tr4, #4660\t@ 0x1234\n 204:\tsub.w\tsp, sp, r4\n 208:\tadd\tsp, "
      "r4\n 20a:\tbx\tlr\n"
      "00000300 <h>:\n 300:\tsubs\tr4, r4, r0\n 302:\tmov\tsp, r4\n 304:\tbx\tlr\n";
  const auto functions = read_disassembly(listing);
  EXPECT_EQ(functions.at("f").frame_bytes, 32u + 32u + 4992u + 12u + 16u + 4096u);
  EXPECT_EQ(functions.at("g").frame_bytes, 4660u);
  EXPECT_FALSE(functions.at("g").unknown_frame);
  EXPECT_TRUE(functions.at("h").unknown_frame);
}

class StackProblems : public ::testing::TestWithParam<const char*> {};

TEST_P(StackProblems, AreListedAndHintsResolveThem) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  const Image image(GetParam(), "-O2");
  for (const char* entry : {"indirect", "indirect_tail"}) {
    StackRequest request = image.request(entry);
    EXPECT_TRUE(any_contains(bound_stack(request).problems, "indirect call at 0x")) << entry;
    request.callees_of[entry] = {"leaf", "big"};
    const StackBound bound = bound_stack(request);
    EXPECT_TRUE(bound.is_bound()) << entry;
    EXPECT_GE(bound.bytes, 5040u);
    EXPECT_EQ(bound.path[1].name, "big");
    request.callees_of[entry] = {"no_such"};
    EXPECT_THROW(bound_stack(request), UserError);
  }
  EXPECT_TRUE(
      any_contains(bound_stack(image.request("factorial")).problems, "recursion: factorial"));
  EXPECT_TRUE(any_contains(bound_stack(image.request("variable")).problems,
                           "variable: its frame has a size known only"));
  StackRequest without_su = image.request("variable");
  without_su.su_folder.clear();
  EXPECT_TRUE(
      any_contains(bound_stack(without_su).problems, "variable: its frame has an unknown size"));
  EXPECT_THROW(bound_stack(image.request("no_such")), UserError);
}

TEST_P(StackProblems, NamesOfCppAreMatchedWithTheirFigures) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  const Image image(GetParam(), "-O2");
  const StackBound bound = bound_stack(image.request("cpp"));
  EXPECT_TRUE(bound.is_bound());
  EXPECT_TRUE(std::any_of(bound.path.begin(), bound.path.end(), [](const StackFrame& frame) {
    return frame.name.find("templated<300>") != std::string::npos && frame.bytes >= 300 &&
           frame.bytes < 340;
  }));
  EXPECT_NO_THROW(bound_stack(image.request("spaced::both(int)")));
}

INSTANTIATE_TEST_SUITE_P(Cores, StackProblems, ::testing::Values("microbit", "nucleo-l4r5zi"),
                         [](const auto& p) { return std::string(p.param).substr(0, 6); });

}  // namespace
}  // namespace mote
