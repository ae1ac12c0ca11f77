// SPDX-License-Identifier: Apache-2.0
// Damaged ExecuTorch programs: every truncation and every byte of a small one. Those of the sample
// of others are in import_executorch_test.cc.
#include "compiler/import/damage_test.h"

#include <cstring>

#include "compiler/import/executorch/program_test.h"

namespace mote::test {
namespace {

TEST(DamagedProgram, EveryTruncation) {
  ASSERT_EQ(refusal(import_executorch, small_program()), "");
  expect_truncations_refused(import_executorch, small_program());
}
// Bug: lists of 64-bit numbers were read as if they lay on eight bytes; the verifier asks for four.
TEST(DamagedProgram, ListsAtAnOddMultipleOfFourBytes) {
  for (int shift = 0; shift < 2; ++shift) {
    Program p;
    const int32_t x = p.tensor(Program::Type::FLOAT, {1, 4});
    const int32_t y = p.tensor(Program::Type::FLOAT, {4, 1});
    const int64_t first = p.integer(1), second = p.integer(0);
    // Two numbers of 64 bits as words of 32, their count set afterwards.
    std::vector<int32_t> words = {int32_t(first), 0, int32_t(second), 0};
    words.resize(words.size() + size_t(shift));
    const auto items = p.flat.CreateVector(words);
    const int32_t two = 2;
    std::memcpy(p.flat.GetCurrentBufferPointer(), &two, sizeof two);
    executorch_format::IntListBuilder list(p.flat);
    list.add_items(items.o);
    const int32_t perm = p.value(Program::Kind::IntList, list.Finish().Union());
    p.call(p.op("aten::permute_copy"), {x, perm}, y);
    EXPECT_EQ(refusal(import_executorch, p.finish({x}, {y})), "") << shift;
  }
}

TEST(DamagedProgram, EveryByte) { expect_other_bytes(import_executorch, small_program()); }

}  // namespace
}  // namespace mote::test
