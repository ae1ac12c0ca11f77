// SPDX-License-Identifier: Apache-2.0
// Frames and calls that a listing of RISC-V code tells, as objdump prints them.
#include <gtest/gtest.h>

#include "runner/disassembly.h"

namespace mote {
namespace {

const char* const kListing = R"(
80000000 <mote_vectors>:
80000000:	auipc	t0,0x0
80000004:	add	t0,t0,16 # 80000010 <leaf>
80000008:	jr	t0

80000010 <leaf>:
80000010:	add	sp,sp,-48
80000012:	sw	s0,44(sp)
80000014:	beqz	a0,8000001a <leaf+0xa>
80000016:	add	sp,sp,48
80000018:	ret
8000001a:	j	80000016 <leaf+0x6>

80000020 <large>:
80000020:	lui	t0,0xfffff
80000024:	add	t0,t0,-16
80000028:	add	sp,sp,t0
8000002a:	jal	80000010 <leaf>
8000002e:	auipc	ra,0x0
80000032:	jalr	-30(ra) # 80000010 <leaf>
80000036:	jalr	a5
80000038:	auipc	t1,0x0
8000003c:	jr	-40(t1) # 80000010 <leaf>

80000040 <far_branch>:
80000040:	bnez	a0,80000010 <leaf>
80000044:	j	80000020 <large>

80000050 <dynamic>:
80000050:	add	sp,sp,-32
80000052:	add	s0,sp,32
80000054:	sub	sp,sp,a5
80000056:	add	sp,s0,-32
80000058:	jr	a4

80000060 <forgets>:
80000060:	li	t0,-64
80000064:	sll	t0,t0,1
80000066:	add	sp,sp,t0
80000068:	ret

80000070 <switches>:
80000070:	auipc	a4,0x0
80000074:	mv	a4,a4
80000078:	sll	a5,a5,0x2
8000007a:	add	a5,a5,a4
8000007c:	lw	a5,0(a5)
8000007e:	add	a5,a5,a4
80000080:	jr	a5
80000082:	add	a5,a5,a4
80000084:	lw	a5,0(a5)
80000086:	jr	a5
)";

const DisassembledFunction& function(const std::string& name) {
  static const auto all = read_disassembly_riscv(kListing);
  return all.at(name);
}

TEST(DisassemblyRiscv, FramesAreWhatTheStackPointerMoves) {
  EXPECT_EQ(function("leaf").frame_bytes, 48u);
  EXPECT_EQ(function("large").frame_bytes, 4096u + 16);
  for (const char* known : {"leaf", "large"}) EXPECT_FALSE(function(known).unknown_frame) << known;
}

TEST(DisassemblyRiscv, AFrameByAnUnknownRegisterIsUnknown) {
  EXPECT_EQ(function("dynamic").frame_bytes, 32u);
  EXPECT_TRUE(function("dynamic").unknown_frame);
  EXPECT_TRUE(function("forgets").unknown_frame);
}

TEST(DisassemblyRiscv, CallsAreDirectThroughARegisterOrAtTheEnd) {
  EXPECT_TRUE(function("leaf").calls.empty());
  const std::vector<Call>& calls = function("large").calls;
  ASSERT_EQ(calls.size(), 4u);
  for (size_t i : {0, 1, 3}) EXPECT_EQ(calls[i].to, "leaf") << i;
  EXPECT_TRUE(calls[2].indirect && !calls[2].tail);
  EXPECT_TRUE(calls[3].tail && !calls[3].indirect);
}

TEST(DisassemblyRiscv, JumpsToOtherFunctionsAreCallsAtTheEnd) {
  const std::vector<Call>& calls = function("far_branch").calls;
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].to, "leaf");
  EXPECT_EQ(calls[1].to, "large");
  EXPECT_TRUE(calls[0].tail && calls[1].tail);
  ASSERT_EQ(function("dynamic").calls.size(), 1u);
  EXPECT_TRUE(function("dynamic").calls[0].indirect && function("dynamic").calls[0].tail);
}

// libgcc's division of floats has one.
TEST(DisassemblyRiscv, ATableOfASwitchIsNoCall) {
  const std::vector<Call>& calls = function("switches").calls;
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].address, 0x80000086u);
}

}  // namespace
}  // namespace mote
