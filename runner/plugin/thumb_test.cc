// SPDX-License-Identifier: Apache-2.0
// The instruction classes against the mnemonics of other people's tools: every instruction of a
// compiled object as objdump names it, random encodings as objdump names them, and a list of MVE
// instructions as the assembler encodes them (objdump names only part of MVE).
#include "runner/plugin/thumb.h"

#include <map>
#include <random>
#include <set>

#include "runner/cross_test.h"
#include "runner/plugin/listed.h"

namespace mote {
namespace {

using mote_count::Class;

const std::map<std::string, Class>& mnemonics() {
  static const std::map<std::string, Class> table = test::classes_by_mnemonic({
      {mote_count::kLoad,
       "ldr ldrb ldrh ldrsb ldrsh ldrt ldrbt ldrht ldrsbt ldrsht ldrex ldrexb ldrexh lda ldab "
       "ldah "
       "ldaex ldaexb ldaexh tbb tbh"},
      {mote_count::kStore,
       "str strb strh strt strbt strht strex strexb strexh stl stlb stlh stlex stlexb stlexh"},
      {mote_count::kLoadMultiple, "ldm ldmia ldmdb pop ldrd"},
      {mote_count::kStoreMultiple, "stm stmia stmdb push strd"},
      {mote_count::kMul, "mul muls smulbb smulbt smultb smultt smulwb smulwt smmul smmulr"},
      {mote_count::kMulLong, "smull umull"},
      {mote_count::kMac,
       "mla mls smlabb smlabt smlatb smlatt smlawb smlawt smmla smmlar smmls smmlsr smlalbb "
       "smlalbt smlaltb smlaltt"},
      {mote_count::kMacLong, "smlal umlal umaal"},
      {mote_count::kDualMac,
       "smlad smladx smuad smuadx smlsd smlsdx smusd smusdx smlald smlaldx smlsld smlsldx"},
      {mote_count::kDiv, "sdiv udiv"},
      {mote_count::kSatExt,
       "sxtb sxth uxtb uxth sxtb16 uxtb16 sxtab sxtah uxtab uxtah sxtab16 uxtab16 pkhbt pkhtb "
       "ssat usat ssat16 "
       "usat16 qadd qsub qdadd qdsub sadd8 sadd16 ssub8 ssub16 sasx ssax qadd8 qadd16 qsub8 "
       "qsub16 qasx qsax "
       "shadd8 shadd16 shsub8 shsub16 shasx shsax uadd8 uadd16 usub8 usub16 uasx usax uqadd8 "
       "uqadd16 uqsub8 "
       "uqsub16 uqasx uqsax uhadd8 uhadd16 uhsub8 uhsub16 uhasx uhsax usad8 usada8"},
      {mote_count::kBranchTaken,
       "beq bne bcs bcc bhs blo bmi bpl bvs bvc bhi bls bge blt bgt ble cbz cbnz"},
      {mote_count::kBranch, "b"},
      {mote_count::kCallReturn, "bl blx bx blxns bxns"},
      {mote_count::kLoop, "dls dlstp wls wlstp le letp lctp"},
      {mote_count::kFpLoad, "vldr vldm vldmia vldmdb vpop fldmdbx fldmiax"},
      {mote_count::kFpStore, "vstr vstm vstmia vstmdb vpush fstmdbx fstmiax"},
      {mote_count::kFp,
       "vmov vadd vsub vmul vnmul vabs vneg vcmp vcmpe vcvt vcvtr vcvtb vcvtt vmrs vmsr vseleq "
       "vselvs vselge vselgt vmaxnm vminnm vrinta vrintn vrintp vrintm vrintr vrintz vrintx "
       "vcvta "
       "vcvtn vcvtp vcvtm vins vmovx"},
      {mote_count::kFpMac, "vmla vmls vnmla vnmls vfma vfms vfnma vfnms"},
      {mote_count::kFpDiv, "vdiv vsqrt"},
      {mote_count::kOther,
       "adc add adds addw adcs adr and ands asr asrs bic bics cmn cmp eor eors lsl lsls lsr lsrs "
       "mov movs movt movw "
       "mvn mvns neg negs orn orns orr orrs rbit rev rev16 revsh ror rors rrx rrxs rsb rsbs sbc "
       "sbcs sub subs subw "
       "teq tst sbfx ubfx bfi bfc clz sel nop it itt ite ittt itte itet itee itttt ittte ittet "
       "ittee itett itete "
       "iteet iteee dmb dsb isb svc udf mrs msr cpsie cpsid wfi wfe sev yield bkpt pld pldw pli "
       "clrex dbg csdb ssbb "
       "pssbb"},
  });
  return table;
}

// The class of an objdump mnemonic ("addeq.w", "ldrbne", "vmul.f32"); false when it is not in the
// table.
bool class_of(std::string mnemonic, Class& kind) {
  mnemonic = mnemonic.substr(0, mnemonic.find('.'));
  const auto exact = mnemonics().find(mnemonic);
  if (exact != mnemonics().end()) return kind = exact->second, true;
  static const std::set<std::string> conditions = {"eq", "ne", "cs", "cc", "hs", "lo", "mi", "pl",
                                                   "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"};
  if (mnemonic.size() < 3 || !conditions.count(mnemonic.substr(mnemonic.size() - 2))) return false;
  const auto plain = mnemonics().find(mnemonic.substr(0, mnemonic.size() - 2));
  if (plain == mnemonics().end()) return false;
  return kind = plain->second, true;
}

struct Line : test::ListedInstruction {
  uint16_t first = 0, second = 0;
  bool wide = false;
};

// The instructions of `objdump -d`, without data.
std::vector<Line> disassemble(const std::string& object) {
  std::vector<Line> lines;
  for (const test::ListedInstruction& listed :
       test::listed_by({"arm-none-eabi-objdump", "-d", object})) {
    Line line{listed};
    unsigned first = 0, second = 0;
    const int n = std::sscanf(line.code.c_str(), "%4x %4x", &first, &second);
    if (n < 1) continue;
    line.first = uint16_t(first);
    line.second = uint16_t(second);
    line.wide = n == 2;
    lines.push_back(line);
  }
  return lines;
}

// Registers in "{r4, r5-r7, lr}".
int registers_in(const std::string& operands) {
  const size_t open = operands.find('{'), close = operands.find('}');
  if (open == std::string::npos) return 0;
  std::stringstream list(operands.substr(open + 1, close - open - 1));
  int n = 0;
  for (std::string item; std::getline(list, item, ',');) {
    int from = 0, to = 0;
    if (std::sscanf(item.c_str(), " %*[rsd]%d-%*[rsd]%d", &from, &to) == 2)
      n += to - from + 1;
    else
      ++n;
  }
  return n;
}

void expect_words(const Line& line, const mote_count::Instruction& in) {
  if (in.kind != mote_count::kLoadMultiple && in.kind != mote_count::kStoreMultiple) return;
  const bool pair = line.mnemonic.rfind("ldrd", 0) == 0 || line.mnemonic.rfind("strd", 0) == 0;
  EXPECT_EQ(int(in.words), pair ? 2 : registers_in(line.operands)) << line.text;
}

bool goes_to_pc(const Line& line) {
  if (line.mnemonic.rfind("pop", 0) == 0 || line.mnemonic.rfind("ldm", 0) == 0)
    return line.operands.find("pc}") != std::string::npos;
  return line.operands.rfind("pc,", 0) == 0 && line.mnemonic.rfind("ldr", 0) == 0;
}

// Compares one line; false when its mnemonic is not one that the table knows.
bool compare(const Line& line) {
  Class expected;
  if (!class_of(line.mnemonic, expected)) return false;
  const auto in = mote_count::decode(line.first, line.second);
  const bool to_pc = (line.mnemonic.rfind("mov", 0) == 0 || line.mnemonic.rfind("add", 0) == 0) &&
                     !line.wide && line.operands.rfind("pc,", 0) == 0;
  if (to_pc) expected = mote_count::kBranch;
  // A branch in an `it` block is printed with its condition; its encoding is the unconditional one.
  const bool in_it = line.first >> 11 == 0x1C || (line.wide && (line.first & 0xF800) == 0xF000 &&
                                                  (line.second & 0xD000) == 0x9000);
  if (expected == mote_count::kBranchTaken && in_it) expected = mote_count::kBranch;
  EXPECT_STREQ(mote_count::class_name(in.kind), mote_count::class_name(expected)) << line.text;
  EXPECT_EQ(int(in.bytes), line.wide ? 4 : 2) << line.text;
  if (goes_to_pc(line)) {
    EXPECT_TRUE(in.jumps) << line.text;
  }
  if (line.mnemonic.rfind("it", 0) == 0) {
    EXPECT_EQ(int(in.it_length), int(line.mnemonic.substr(0, line.mnemonic.find('.')).size()) - 1)
        << line.text;
  }
  expect_words(line, in);
  return true;
}

const char* const kProgram = R"(
#include <stdint.h>
#include <string.h>
int32_t dot(const int8_t* a, const int8_t* b, int n) {
  int32_t s = 0;
  for (int i = 0; i < n; ++i) s += a[i] * b[i];
  return s;
}
int64_t wide(const int32_t* a, const int32_t* b, int n) {
  int64_t s = 0;
  for (int i = 0; i < n; ++i) s += (int64_t)a[i] * b[i];
  return s;
}
uint64_t uwide(uint32_t a, uint32_t b) { return (uint64_t)a * b; }
int divide(int a, unsigned b) { return a / 7 + (int)(b % (unsigned)(a | 1)); }
float mix(const float* x, int n) {
  float s = 0;
  for (int i = 0; i < n; ++i) s = s * 0.5f + x[i] / (1 + s);
  return __builtin_sqrtf(s);
}
int pick(int x) {
  switch (x) {
    case 0:
      return 5;
    case 1:
      return 9;
    case 2:
      return -4;
    case 3:
      return x * 77;
    case 4:
      return 1;
    case 5:
      return 12;
    case 6:
      return 100;
    default:
      return 3;
  }
}
int clamp(int x) { return x < -128 ? -128 : x > 127 ? 127 : x; }
void copy(char* to, const char* from, int n) { memcpy(to, from, (size_t)n); }
int (*target)(int);
int call(int x) { return target(x) + 1; }
int tail(int x) { return target(x); }
uint16_t halves(const uint16_t* x, int n) {
  uint16_t s = 0;
  for (int i = 0; i < n; ++i) s = (uint16_t)(s ^ (x[i] << 3) ^ (x[i] >> 5));
  return s;
}
)";

class CompiledObject : public ::testing::TestWithParam<const char*> {};

TEST_P(CompiledObject, EveryInstructionHasTheClassOfItsMnemonic) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  ScratchFolder folder;
  const std::string source = folder.write("program.c", kProgram);
  for (const char* level : {"-O0", "-O1", "-O2", "-Os", "-O3"}) {
    SCOPED_TRACE(level);
    const std::string object = folder.path("program.o");
    test::cross_compile(GetParam(), {level, "-c", source, "-o", object});
    int compared = 0, unknown = 0;
    for (const Line& line : disassemble(object)) {
      const bool vector = line.operands.find('q') != std::string::npos;  // MVE has its own test
      if (vector) continue;
      if (compare(line))
        ++compared;
      else
        ++unknown, ADD_FAILURE() << "the test's table lacks " << line.text;
    }
    EXPECT_GT(compared, 60);
    EXPECT_EQ(unknown, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Cores, CompiledObject,
                         ::testing::Values("cortex-m0", "cortex-m3", "cortex-m4f", "cortex-m7",
                                           "cortex-m33"),
                         [](const auto& p) { return std::string(p.param).substr(7); });

// Random halfwords, emitted as instructions and read back from objdump. What objdump calls
// unpredictable, undefined or by a name of another architecture is left out.
TEST(Thumb, RandomEncodingsHaveTheClassOfTheirMnemonic) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  const uint32_t seed = 20240611;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::string source = ".syntax unified\n.cpu cortex-m4\n.fpu fpv4-sp-d16\n.thumb\nstart:\n";
  for (int i = 0; i < 20000; ++i) {
    char line[64];
    const bool wide = random() % 4 != 0;
    const unsigned first = wide ? 0xE800 + random() % 0x1800 : random() % 0xE800;
    if (wide)
      std::snprintf(line, sizeof line, ".inst.w 0x%04x%04x\n", first, unsigned(random() & 0xFFFF));
    else
      std::snprintf(line, sizeof line, ".inst.n 0x%04x\n", first);
    source += line;
  }
  ScratchFolder folder;
  const std::string object = folder.path("random.o");
  tool_output({"arm-none-eabi-as", folder.write("random.s", source), "-o", object});
  int compared = 0;
  for (const Line& line : disassemble(object)) {
    const bool left_out = line.text.find("UNPREDICTABLE") != std::string::npos ||
                          line.text.find("UNDEFINED") != std::string::npos ||
                          line.text.find("illegal") != std::string::npos ||
                          line.operands.find("apsr") == 0;
    const bool neon =
        line.wide && (line.first & 0xFC00) == 0xFC00;  // v8-A in this objdump; MVE on our cores
    const bool quad = line.wide && (line.first & 0xEF00) == 0xEF00;
    const bool blx_of_a_profile = line.wide && line.mnemonic.rfind("blx", 0) == 0;
    const bool names_pc = line.wide && line.operands.find("pc") != std::string::npos &&
                          line.mnemonic.rfind("ldr", 0) != 0 && line.mnemonic.rfind("ldm", 0) != 0;
    const bool pair_or_signed =
        names_pc || ((line.mnemonic.rfind("ldrd", 0) == 0 || line.mnemonic.rfind("ldrs", 0) == 0) &&
                     line.operands.find("pc") < 5);  // unpredictable, or a hint
    if (left_out || neon || quad || blx_of_a_profile || pair_or_signed) continue;
    if (line.wide && (line.first & 0xEC00) == 0xEC00)
      continue;  // coprocessor space: the MVE and VFP list
    if (compare(line)) ++compared;
  }
  EXPECT_GT(compared, 8000);
}

struct Row {
  const char* kind;
  const char* lines;
};

// Instructions of VFP and MVE, as the assembler encodes them.
const Row kVectorRows[] = {
    {"mve_mac",
     "vmladav.s8 r0,q1,q2|vmladav.u8 r0,q1,q2|vmladava.s8 r0,q1,q2|vmladavx.s16 "
     "r0,q1,q2|vmladava.u16 r2,q1,q2|"
     "vmladava.s32 r0,q7,q2|vmlsdav.s8 r0,q1,q2|vmlsdava.s16 r0,q1,q2|vmlaldav.s16 r0,r1,q1,q2|"
     "vmlaldavax.s32 r0,r1,q1,q2|vmlaldava.u32 r2,r3,q1,q2|vmlsldava.s16 "
     "r0,r1,q1,q2|vrmlaldavha.s32 r0,r1,q1,q2|"
     "vrmlaldavha.u32 r0,r1,q1,q2|vrmlsldavha.s32 r0,r1,q1,q2|vmla.s8 q0,q1,r2|vmla.u32 "
     "q0,q1,r2|vmlas.s16 q0,q1,r2|"
     "vqdmlah.s8 q0,q1,r2|vqrdmlah.s16 q0,q1,r2|vqdmlash.s8 q0,q1,r2|vqrdmlash.s32 "
     "q0,q1,r2|vfma.f32 q0,q1,r2|"
     "vfmas.f16 q0,q1,r2|vfma.f32 q0,q1,q2|vfms.f16 q0,q1,q2|vqdmladh.s8 q0,q1,q2|vqrdmladh.s16 "
     "q0,q1,q2|"
     "vqdmladhx.s32 q0,q1,q2|vqdmlsdh.s8 q0,q1,q2|vqrdmlsdhx.s32 q0,q1,q2|vcmla.f32 q0,q1,q2,#90|"
     "vcmla.f16 q0,q1,q2,#270|vcmla.f32 q0,q1,q2,#0"},
    {"mve_mul",
     "vmul.i8 q0,q1,r2|vmul.i32 q0,q1,r2|vmul.f32 q0,q1,r2|vmul.f16 q0,q1,r2|vqdmulh.s8 q0,q1,r2|"
     "vqrdmulh.s32 q0,q1,r2|vqdmullb.s16 q0,q1,r2|vqdmullt.s32 q0,q1,r2|vqdmullb.s16 "
     "q0,q1,q2|vqdmullt.s32 q0,q1,q2|"
     "vmul.i8 q0,q1,q2|vmul.i32 q7,q1,q2|vmul.f32 q0,q1,q2|vmul.f16 q0,q1,q2|vmulh.s8 "
     "q0,q1,q2|vmulh.u16 q0,q1,q2|"
     "vrmulh.u32 q0,q1,q2|vmullb.s8 q0,q1,q2|vmullt.u16 q0,q1,q2|vmullt.s32 q0,q1,q2|vmullb.p8 "
     "q0,q1,q2|"
     "vmullt.p16 q0,q1,q2|vqdmulh.s8 q0,q1,q2|vqrdmulh.s32 q0,q1,q2|vcmul.f32 "
     "q0,q1,q2,#90|vcmul.f16 q0,q1,q2,#180"},
    {"mve_load",
     "vldrb.s8 q0,[r0]|vldrb.u8 q0,[r0],#16|vldrh.u16 q0,[r0,#2]!|vldrw.u32 q0,[r0,#4]|vldrb.s16 "
     "q0,[r0]|"
     "vldrb.s32 q0,[r0,#4]|vldrh.u32 q0,[r0],#8|vldrb.u8 q0,[r0,q1]|vldrb.s16 q0,[r0,q1]|vldrh.u32 "
     "q0,[r0,q1,uxtw #1]|"
     "vldrw.u32 q0,[r0,q1,uxtw #2]|vldrd.u64 q0,[r0,q1]|vldrw.u32 q0,[q1,#4]|vldrd.u64 q0,[q1,#8]!|"
     "vld20.8 {q0,q1},[r0]|vld21.8 {q0,q1},[r0]!|vld40.16 {q0,q1,q2,q3},[r0]|vld43.32 "
     "{q0,q1,q2,q3},[r0]!"},
    {"mve_store",
     "vstrb.8 q0,[r0]|vstrh.16 q0,[r0],#16|vstrw.32 q0,[r0,#4]|vstrb.16 q0,[r0]|vstrh.32 "
     "q0,[r0]|vstrb.8 q0,[r0,q1]|"
     "vstrw.32 q0,[q1,#4]|vstrd.64 q0,[q1,#8]|vst20.8 {q0,q1},[r0]|vst43.32 {q0,q1,q2,q3},[r0]!"},
    {"mve_other",
     "vaddv.s8 r0,q1|vaddva.u16 r0,q1|vaddv.s32 r0,q1|vaddlv.s32 r0,r1,q1|vaddlva.u32 "
     "r0,r1,q1|vabav.s8 r0,q1,q2|"
     "vabav.u16 r0,q1,q2|vmaxv.s8 r0,q1|vminv.u16 r0,q1|vmaxav.s8 r0,q1|vminav.s32 "
     "r0,q1|vmaxnmv.f32 r0,q1|"
     "vmaxnmav.f16 r0,q1|vadd.i8 q0,q1,r2|vsub.i8 q0,q1,r2|vadd.f32 q0,q1,r2|vsub.f16 "
     "q0,q1,r2|vhadd.s8 q0,q1,r2|"
     "vhsub.u8 q0,q1,r2|vqadd.s8 q0,q1,r2|vqsub.u8 q0,q1,r2|vcadd.i8 q0,q1,q2,#90|vcadd.f32 "
     "q0,q1,q2,#90|"
     "vcadd.f16 q0,q1,q2,#270|vhcadd.s8 q0,q1,q2,#90|vcmp.i8 eq,q1,q2|vcmp.s8 gt,q1,r2|vcmp.f32 "
     "gt,q1,q2|"
     "vcmp.f32 gt,q1,r2|vcmp.u8 cs,q1,q2|vpsel q0,q1,q2|vpnot|vctp.8 r0|vctp.64 r0|vdup.8 "
     "q0,r1|vdup.16 q0,r1|vdup.32 q0,r1|"
     "vddup.u8 q0,r2,#1|vdwdup.u8 q0,r2,r3,#1|vidup.u16 q0,r2,#4|viwdup.u32 q0,r2,r3,#8|vbrsr.8 "
     "q0,q1,r2|"
     "vbrsr.32 q0,q1,r2|vshl.s8 q0,r2|vrshl.s8 q0,r2|vqshl.s8 q0,r2|vqrshl.s32 q0,r2|vshl.s8 "
     "q0,q1,q2|"
     "vrshl.s8 q0,q1,q2|vqshl.s8 q0,q1,q2|vqrshl.s16 q0,q1,q2|vshl.i8 q0,q1,#2|vshr.s8 "
     "q0,q1,#2|vrshr.u32 q0,q1,#2|"
     "vsli.8 q0,q1,#2|vsri.8 q0,q1,#2|vshlc q0,r1,#4|vshllb.s8 q0,q1,#2|vshllt.u8 "
     "q0,q1,#8|vmovlb.s8 q0,q1|"
     "vmovlt.u16 q0,q1|vmovnb.i16 q0,q1|vmovnt.i32 q0,q1|vqmovnb.s16 q0,q1|vqmovnt.u32 "
     "q0,q1|vqmovunb.s16 q0,q1|"
     "vshrnb.i16 q0,q1,#2|vqshrnb.s16 q0,q1,#2|vqrshrunt.s16 q0,q1,#2|vmov q0[2],q0[0],r1,r2|vmov "
     "r1,r2,q0[2],q0[0]|"
     "vmov q0,q1|vmov.i32 q0,#0|vmvn q0,q1|vadd.i8 q0,q1,q2|vadd.f32 q0,q1,q2|vsub.i32 "
     "q0,q1,q2|vabd.s8 q0,q1,q2|"
     "vabd.f32 q0,q1,q2|vhadd.s8 q0,q1,q2|vrhadd.s8 q0,q1,q2|vqadd.s8 q0,q1,q2|vqsub.u32 "
     "q0,q1,q2|vmax.s8 q0,q1,q2|"
     "vmin.u32 q0,q1,q2|vmaxnm.f32 q0,q1,q2|vmaxa.s8 q0,q1|vminnma.f32 q0,q1|vabs.s8 "
     "q0,q1|vneg.f32 q0,q1|"
     "vqabs.s8 q0,q1|vqneg.s8 q0,q1|vcls.s8 q0,q1|vclz.i8 q0,q1|vrev64.8 q0,q1|vand q0,q1,q2|veor "
     "q0,q1,q2|"
     "vorr q0,q1,q2|vbic q0,q1,q2|vorn q0,q1,q2|vorr.i32 q0,#1|vcvt.f32.s32 q0,q1|vcvt.s32.f32 "
     "q0,q1|"
     "vcvtb.f16.f32 q0,q1|vcvta.s32.f32 q0,q1|vrinta.f32 q0,q1|vadc.i32 q0,q1,q2|vsbc.i32 "
     "q0,q1,q2"},
    {"fp_load",
     "vldr s0,[r0]|vldr d0,[r0]|vldm r0!,{s0-s3}|vldm r0,{d0-d3}|vpop {d8-d9}|vldr.16 s0,[r0,#2]"},
    {"fp_store", "vstr s0,[r0]|vstr d0,[r0]|vstm r0!,{s0-s3}|vpush {d8-d9}|vstr.16 s0,[r0,#2]"},
    {"fp",
     "vmov r0,r1,d0|vmov d0,r0,r1|vmov s0,r1|vmov r1,s0|vmov.8 q0[1],r1|vmov.s8 r1,q0[1]|vmov.32 "
     "q0[1],r1|"
     "vmov.f32 s0,s1|vmov.f32 s0,#1.0|vadd.f32 s0,s1,s2|vadd.f64 d0,d1,d2|vsub.f32 "
     "s0,s1,s2|vmul.f32 s0,s1,s2|"
     "vnmul.f32 s0,s1,s2|vabs.f32 s0,s1|vneg.f32 s0,s1|vcmp.f32 s0,s1|vcmp.f32 "
     "s0,#0.0|vcvt.f32.s32 s0,s1|"
     "vcvt.s32.f32 s0,s1|vcvt.f64.f32 d0,s1|vseleq.f32 s0,s1,s2|vmaxnm.f32 s0,s1,s2|vrinta.f32 "
     "s0,s1|"
     "vcvta.s32.f32 s0,s1|vrintz.f32 s0,s1|vins.f16 s0,s1|vmovx.f16 s0,s1|vadd.f16 "
     "s0,s1,s2|vmov.f16 s0,r1|"
     "vmsr fpscr,r0|vmrs r0,fpscr|vmsr p0,r0|vmrs r0,p0"},
    {"fp_mac",
     "vmla.f32 s0,s1,s2|vmls.f32 s0,s1,s2|vnmla.f32 s0,s1,s2|vnmls.f32 s0,s1,s2|vfma.f32 "
     "s0,s1,s2|vfms.f64 d0,d1,d2|"
     "vfnma.f32 s0,s1,s2|vfnms.f32 s0,s1,s2"},
    {"fp_div", "vdiv.f32 s0,s1,s2|vdiv.f64 d0,d1,d2|vsqrt.f32 s0,s1|vsqrt.f64 d0,d1"},
    {"loop",
     "dls lr,r0|dlstp.8 lr,r0|wls lr,r0,end|wlstp.16 lr,r0,end|le lr,start|letp lr,start|le "
     "start|lctp"},
    {"other",
     "lsll r0,r1,#3|asrl r0,r1,r2|sqrshr r0,r1|sqrshrl r0,r1,#48,r2|uqshl r0,#3|srshr r0,#3|csel "
     "r0,r1,r2,eq|"
     "csinc r0,r1,r2,eq|clrm {r0,r1}|vscclrm {s0-s3,vpr}|tt r0,r1|sg"},
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  std::stringstream items(text);
  for (std::string item; std::getline(items, item, '|');) out.push_back(item);
  return out;
}

TEST(Thumb, VectorAndFloatInstructionsHaveTheirClass) {
  MOTE_NEEDS_TOOL("arm-none-eabi-as");
  std::string source =
      ".syntax unified\n.arch armv8.1-m.main\n.arch_extension dsp\n.arch_extension mve.fp\n"
      ".arch_extension fp.dp\n.thumb\nstart:\n";
  std::vector<std::pair<std::string, std::string>> expected;
  for (const Row& row : kVectorRows)
    for (const std::string& line : split(row.lines)) {
      source += line + "\n";
      expected.push_back({row.kind, line});
    }
  ScratchFolder folder;
  const std::string object = folder.path("vector.o"), binary = folder.path("vector.bin");
  tool_output(
      {"arm-none-eabi-as", "-mthumb", folder.write("vector.s", source + "end:\n"), "-o", object});
  tool_output({"arm-none-eabi-objcopy", "-O", "binary", "-j", ".text", object, binary});
  const std::string code = test::read_text(binary);
  ASSERT_GE(code.size(), 4 * expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    uint16_t halves[2];
    memcpy(halves, code.data() + 4 * i, 4);
    ASSERT_TRUE(mote_count::is_wide(halves[0])) << expected[i].second;
    const auto in = mote_count::decode(halves[0], halves[1]);
    EXPECT_EQ(mote_count::class_name(in.kind), expected[i].first) << expected[i].second;
  }
}

TEST(Thumb, MultipleMovesOfFloatRegistersCountWords) {
  EXPECT_EQ(mote_count::decode(0xecb0, 0x0a04).words, 4);  // vldmia r0!, {s0-s3}
  EXPECT_EQ(mote_count::decode(0xed2d, 0x8b04).words, 4);  // vpush {d8-d9}
  EXPECT_EQ(mote_count::decode(0xed90, 0x0b00).words, 2);  // vldr d0
  EXPECT_EQ(mote_count::decode(0xed90, 0x0a00).words, 1);  // vldr s0
}

}  // namespace
}  // namespace mote
