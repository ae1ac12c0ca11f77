// SPDX-License-Identifier: Apache-2.0
// Damaged ExecuTorch programs: every truncation and every byte of a small one. Those of the sample
// of others are in import_executorch_test.cc.
#include "compiler/import/damage_test.h"

#include "compiler/import/executorch/program_test.h"

namespace mote::test {
namespace {

TEST(DamagedProgram, EveryTruncation) {
  ASSERT_EQ(refusal(import_executorch, small_program()), "");
  expect_truncations_refused(import_executorch, small_program());
}
TEST(DamagedProgram, EveryByte) { expect_other_bytes(import_executorch, small_program()); }

}  // namespace
}  // namespace mote::test
