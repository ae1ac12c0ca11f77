// SPDX-License-Identifier: Apache-2.0
// The promise "int8 operators are bit-exact with TensorFlow Lite Micro", held to TFLM itself (the
// PyPI package, run by tflm_oracle.py): random graphs of one operator, exported as .tflite, every
// output byte compared. Environment: MOTE_ORACLE_PYTHON (skips without it), MOTE_SOURCE_DIR,
// MOTE_CONFORMANCE_CASES (30 an operator; 200 is the long form), MOTE_SEED.
#include <gtest/gtest.h>

#include "graph/scratch_folder.h"
#include "tests/conformance/oracle.h"
#include "tests/conformance/oracle_batch.h"

namespace mote::conformance {

// For GoogleTest, which finds them beside the families.
void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
void PrintTo(const ForeignFamily& family, std::ostream* out) { *out << family.name; }

namespace {

// As many cases as asked for, from `make`, and the oracle's word on them.
template <class AnyFamily>
void check_family(const AnyFamily& family) {
  const int cases = std::stoi(environment("MOTE_CONFORMANCE_CASES", "30"));
  const ScratchFolder folder;
  Random random(seed());
  OracleBatch batch(folder.path());
  int telling = 0;
  for (int i = 0; i < cases; ++i) telling += batch.add(family.make(random), random, 4) > 1;
  EXPECT_GE(telling, cases / 2) << "too many cases with constant outputs: they cannot fail";
  const ProgramResult answer = ask_oracle(folder.path());
  EXPECT_EQ(answer.status, 0) << "MOTE_SEED=" << seed() << "\n" << answer.output;
}

class TfliteMicro : public testing::TestWithParam<Family> {
 protected:
  void SetUp() override { skip_without_oracle(); }
};
TEST_P(TfliteMicro, EqualInEveryByte) { check_family(GetParam()); }

class ForeignModel : public testing::TestWithParam<ForeignFamily> {
 protected:
  void SetUp() override { skip_without_oracle(); }
};
TEST_P(ForeignModel, AnswersAsItsOwnRuntime) { check_family(GetParam()); }

template <class AnyFamily>
std::string name_of(const testing::TestParamInfo<AnyFamily>& test) {
  return std::string(test.param.name);
}
INSTANTIATE_TEST_SUITE_P(SingleOp, TfliteMicro, testing::ValuesIn(families()), name_of<Family>);
INSTANTIATE_TEST_SUITE_P(SingleOp, ForeignModel, testing::ValuesIn(foreign_families()),
                         name_of<ForeignFamily>);

}  // namespace
}  // namespace mote::conformance
