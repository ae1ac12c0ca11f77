// SPDX-License-Identifier: Apache-2.0
// Classes of RISC-V instructions against the mnemonics of objdump: of compiled programs and of
// random encodings.
#include "runner/plugin/riscv.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "graph/scratch_folder.h"
#include "runner/cross_test.h"
#include "runner/plugin/listed.h"

namespace mote {
namespace {

using mote_count::Class;

// Mnemonics as objdump prints them with `-M no-aliases`, without the "c." of 16 bits.
const std::map<std::string, Class>& mnemonics() {
  static const std::map<std::string, Class> table = test::classes_by_mnemonic({
      {mote_count::kLoad,
       "lb lh lw lbu lhu lwsp lr sc amoswap amoadd amoxor amoand amoor amomin amomax amominu "
       "amomaxu"},
      {mote_count::kStore, "sb sh sw swsp"},
      {mote_count::kMul, "mul"},
      {mote_count::kMulLong, "mulh mulhsu mulhu"},
      {mote_count::kDiv, "div divu rem remu"},
      {mote_count::kBranchTaken, "beq bne blt bge bltu bgeu beqz bnez"},
      {mote_count::kBranch, "j"},
      {mote_count::kCallReturn, "jal jalr jr"},
      {mote_count::kOther,
       "lui auipc addi slti sltiu xori ori andi slli srli srai add sub sll slt sltu xor srl sra "
       "or and li mv addi4spn addi16sp nop fence fence.i ecall ebreak"},
  });
  return table;
}

struct Compared {
  int known = 0;
  std::map<std::string, int> unknown;
};

Compared compare(const std::string& object) {
  Compared compared;
  for (const auto& [code, mnemonic, operands, text] :
       test::listed_by({"riscv64-unknown-elf-objdump", "-d", "-M", "no-aliases", object})) {
    if (mnemonic == "unimp" || mnemonic == "c.unimp") continue;
    const auto bits = uint32_t(std::stoul(code, nullptr, 16));
    const bool wide = code.find_first_of(' ') > 4;
    std::string name = mnemonic.rfind("c.", 0) == 0 ? mnemonic.substr(2) : mnemonic;
    if (name != "fence.i") name = name.substr(0, name.find('.'));
    const auto found = mnemonics().find(name);
    if (found == mnemonics().end()) {
      ++compared.unknown[mnemonic];
      continue;
    }
    Class expected = found->second;
    if (name == "jal" && operands.rfind("zero,", 0) == 0) expected = mote_count::kBranch;
    const auto in = mote_count::decode_riscv(uint16_t(bits), uint16_t(bits >> 16));
    EXPECT_STREQ(mote_count::class_name(in.kind), mote_count::class_name(expected)) << text;
    EXPECT_EQ(int(in.bytes), wide ? 4 : 2) << text;
    EXPECT_EQ(in.may_skip, expected == mote_count::kBranchTaken) << text;
    EXPECT_EQ(in.jumps, expected == mote_count::kBranch || expected == mote_count::kCallReturn)
        << text;
    ++compared.known;
  }
  return compared;
}

const char* const kProgram = R"(
#include <stdint.h>
int32_t dot(const int8_t* a, const int8_t* b, int n) {
  int32_t sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}
int32_t high(int32_t a, int32_t b) { return (int32_t)(((int64_t)a * b) >> 32); }
uint32_t divide(uint32_t a, uint32_t b) { return a / b + a % b; }
int16_t first(const int16_t* x, int (*f)(int)) { return (int16_t)(x[0] + f(x[1])); }
uint32_t both(uint16_t a, uint8_t b) { return a > b ? (uint32_t)a << b : (uint32_t)b >> 3; }
)";

TEST(Riscv, EveryCompiledInstructionHasTheClassOfItsMnemonic) {
  MOTE_NEEDS_TOOL("riscv64-unknown-elf-gcc");
  ScratchFolder folder;
  const std::string source = folder.write("program.c", kProgram);
  for (const char* level : {"-O0", "-O2", "-Os", "-O3"}) {
    const std::string object = folder.path("program.o");
    tool_output(test::joined({"riscv64-unknown-elf-gcc"},
                             test::joined(find_core("rv32imac")->flags,
                                          {level, "-ffreestanding", "-c", source, "-o", object})));
    const Compared compared = compare(object);
    EXPECT_GT(compared.known, 30) << level;
    EXPECT_EQ(compared.unknown.size(), 0u) << compared.unknown.begin()->first;
  }
}

// What objdump has no name for, or one of another extension, is left out.
TEST(Riscv, RandomEncodingsHaveTheClassOfTheirMnemonic) {
  MOTE_NEEDS_TOOL("riscv64-unknown-elf-as");
  std::mt19937 random(20261123);
  std::string source;
  constexpr uint32_t kOpcodes[] = {0x03, 0x13, 0x17, 0x23, 0x2F, 0x33, 0x37, 0x63, 0x67, 0x6F};
  for (int i = 0; i < 20000; ++i) {
    const bool wide = i % 2 == 0;
    uint32_t bits = uint32_t(random());
    if (wide && random() % 2 == 0) bits &= ~0xFC000000u;  // OP has few functions
    bits = wide ? (bits & ~0x7Fu) | kOpcodes[random() % 10] : (bits & 0xFFFF & ~3u) | random() % 3;
    source += (wide ? ".insn 4, " : ".insn 2, ") + std::to_string(bits) + "\n";
  }
  ScratchFolder folder;
  const std::string object = folder.path("random.o");
  tool_output({"riscv64-unknown-elf-as", "-march=rv32imac", "-mabi=ilp32",
               folder.write("random.s", source), "-o", object});
  EXPECT_GT(compare(object).known, 10000);
}

}  // namespace
}  // namespace mote
