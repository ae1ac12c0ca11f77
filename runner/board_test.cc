// SPDX-License-Identifier: Apache-2.0
// Board files: the eight that we ship are read, compile and boot; every fault names its line and
// remedy.
#include "runner/board.h"

#include <algorithm>

#include "runner/cross_test.h"

namespace mote {
namespace {

const char* const kGood = R"(name = "toy"
core = "cortex-m4f"
clock_mhz = 80
[[memory]]
name = "flash"
kind = "flash"
origin = 0x08000000
size_kb = 128
[[memory]]
name = "sram"
kind = "ram"
origin = 0x20000000
size_kb = 16.5
[emulator]
machine = "mps2-an386"
flash_origin = 0
ram_origin = 0x20000000
uart = "cmsdk"
uart_address = 0x40004000
)";

std::vector<Diagnostic> errors_of(const std::string& text, Board* board = nullptr) {
  ScratchFolder folder;
  Diagnostics diagnostics;
  const Board read = read_board(folder.write("toy.toml", text), diagnostics);
  if (board) *board = read;
  return diagnostics.errors();
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("the good file has no " + from);
  return text.replace(at, from.size(), to);
}

TEST(Board, ReadsAGoodFile) {
  Board board;
  EXPECT_TRUE(errors_of(kGood, &board).empty());
  EXPECT_EQ(board.core.name, "cortex-m4f");
  EXPECT_EQ(board.title, "toy");
  EXPECT_EQ(first_memory(board, MemoryKind::ram)->bytes, 16896u);
  EXPECT_EQ(memory_bytes(board, MemoryKind::flash), 131072u);
  EXPECT_EQ(board.emulator.uart, UartKind::cmsdk);
  EXPECT_EQ(board.emulator.link, "semihosting");
}

struct Fault {
  const char* from;
  const char* to;
  const char* code;
  int line;            // 0: the file as a whole
  const char* remedy;  // part of it
};

TEST(Board, EveryFaultNamesItsLineAndRemedy) {
  const Fault faults[] = {
      {"clock_mhz = 80", "clock_mhz = 80\nclok_mhz = 8", "unknown-key", 4, "clock_mhz"},
      {"size_kb = 128", "size_kb = 128\nsze_kb = 1", "unknown-key", 9, "size_kb"},
      {"cortex-m4f", "cortex-m4g", "unknown-core", 1, "cortex-m4"},
      {"cortex-m4f", "avr", "unknown-core", 1, "cortex-m55"},
      {"clock_mhz = 80", "", "missing-key", 1, "board.md"},
      {"clock_mhz = 80", "clock_mhz = 0", "wrong-value", 0, ""},
      {"clock_mhz = 80", "clock_mhz = \"80\"", "wrong-value", 3, ""},
      {"clock_mhz = 80", "clock_mhz = nan", "wrong-value", 3, ""},
      {"clock_mhz = 80", "clock_mhz = -1", "wrong-value", 3, ""},
      {"kind = \"flash\"", "kind = \"rom\"", "wrong-value", 4, "flash"},
      {"origin = 0x08000000", "origin = 0x1FFFF8000", "wrong-value", 7, ""},
      {"origin = 0x08000000", "origin = 0x1FFF8000", "overlap", 0, ""},
      {"origin = 0x08000000", "origin = 0xFFFF0000", "wrong-value", 4, ""},
      {"name = \"sram\"", "name = \"flash\"", "duplicate-name", 0, ""},
      {"size_kb = 16.5", "size_kb = 0.25", "wrong-value", 9, ""},
      {"kind = \"ram\"", "kind = \"flash\"", "missing-key", 0, "[[memory]]"},
      {"uart = \"cmsdk\"", "uart = \"pl011\"", "wrong-value", 14, "cmsdk"},
      {"ram_origin = 0x20000000", "", "missing-key", 14, ""},
      {"name = \"toy\"", "name = \"boy\"", "wrong-value", 0, "boy.toml"},
  };
  for (const Fault& fault : faults) {
    SCOPED_TRACE(std::string(fault.from) + " -> " + fault.to);
    const auto errors = errors_of(with(fault.from, fault.to));
    const auto found = std::find_if(errors.begin(), errors.end(), [&](const Diagnostic& d) {
      const std::string end = "toy.toml" + (fault.line ? ":" + std::to_string(fault.line) : "");
      return d.code == fault.code && d.place.size() >= end.size() &&
             d.place.compare(d.place.size() - end.size(), end.size(), end) == 0 &&
             d.remedy.find(fault.remedy) != std::string::npos;
    });
    EXPECT_NE(found, errors.end()) << (errors.empty() ? "no error" : to_string(errors[0]));
  }
}

// Makers of M0 and M0+ choose between a multiplier of one cycle and one of 32.
TEST(Board, TheMultiplierOfASmallCoreTakesOneCycleOr32) {
  const auto small = [](const std::string& cycles) {
    return with("core = \"cortex-m4f\"", "core = \"cortex-m0plus\"\nmultiplier_cycles = " + cycles);
  };
  Board board;
  EXPECT_TRUE(errors_of(kGood, &board).empty());
  EXPECT_EQ(board.multiplier_cycles, 1);
  EXPECT_TRUE(errors_of(small("32"), &board).empty());
  EXPECT_EQ(board.multiplier_cycles, 32);
  for (const std::string& text :
       {small("16"), small("64"),
        with("clock_mhz = 80", "clock_mhz = 80\nmultiplier_cycles = 32")}) {
    const auto errors = errors_of(text);
    ASSERT_EQ(errors.size(), 1u) << text;
    EXPECT_EQ(errors[0].code, "wrong-value");
    EXPECT_NE(errors[0].place.find("toy.toml:"), std::string::npos) << errors[0].place;
  }
}

TEST(Board, AFileThatIsNotTomlOrNotThereFailsAtOnce) {
  EXPECT_THROW(errors_of("name = \n"), UserError);
  Diagnostics diagnostics;
  EXPECT_THROW(read_board("/no/such/board.toml", diagnostics), UserError);
}

// Found once: the header-only form of the TOML library stops the program at a table name that
// starts with a sign.
TEST(Board, ATableNameThatStartsWithASignIsTheUsersError) {
  EXPECT_THROW(errors_of(with("[[memory]]", "[[@emory]]")), UserError);
}

// Bytes of a user's file must never raise our own InternalError: cut and changed copies of a good
// file.
TEST(Board, NoInputRaisesAnInternalError) {
  const uint32_t seed = 7;
  uint32_t state = seed;
  const auto next = [&state] { return state = state * 1664525u + 1013904223u, state >> 8; };
  for (int i = 0; i < 500; ++i) {
    SCOPED_TRACE("seed 7, case " + std::to_string(i));
    std::string text = kGood;
    for (uint32_t changes = 1 + next() % 4; changes; --changes)
      text[next() % text.size()] = char(next() % 128);
    if (next() % 4 == 0) text.resize(next() % text.size());
    try {
      errors_of(text);
    } catch (const UserError&) {
    }
  }
}

TEST(Board, TheShippedBoardsAreRead) {
  const auto names = board_names(test::source_path("boards"));
  EXPECT_GE(names.size(), 8u);
  for (const std::string& name : names) {
    Diagnostics diagnostics;
    const Board board = read_board(test::source_path("boards/" + name + ".toml"), diagnostics);
    for (const Diagnostic& error : diagnostics.errors()) ADD_FAILURE() << to_string(error);
    EXPECT_EQ(board.name, name);
    EXPECT_FALSE(board.emulator.machine.empty());
    EXPECT_EQ(board.supply_v > 0 || board.current_ua_per_mhz == 0, true);
  }
}

TEST(Board, TheCompilerTakesTheFlagsOfEachCore) {
  ScratchFolder folder;
  for (const std::string& core : core_names()) {
    SCOPED_TRACE(core);
    const Core& c = *find_core(core);
    MOTE_NEEDS_TOOL(tool(c.architecture, "gcc"));
    std::string text =
        "#if defined(__ARM_FEATURE_DSP)\n#define DSP 1\n#else\n#define DSP 0\n#endif\n"
        "#if defined(__ARM_FEATURE_MVE)\n#define MVE 1\n#else\n#define MVE 0\n#endif\n"
        "#if defined(__ARM_FP)\n#define FPU 1\n#else\n#define FPU 0\n#endif\n"
        "#if defined(__ARM_FEATURE_UNALIGNED)\n#define FAULTS 0\n#else\n#define FAULTS 1\n#endif\n";
    const auto check = [&text](const char* what, bool want) {
      text += "_Static_assert(" + std::string(what) + " == " + (want ? "1" : "0") + ", \"" + what +
              "\");\n";
    };
    check("DSP", c.instruction_set >= InstructionSet::dsp);
    check("MVE", c.has_mve);
    check("FPU", c.has_fpu);
    check("FAULTS", c.faults_on_unaligned);
    EXPECT_NO_THROW(
        test::cross_compile(core, {"-c", folder.write("t.c", text), "-o", folder.path("t.o")}));
  }
}

}  // namespace
}  // namespace mote
