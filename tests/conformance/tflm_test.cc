// SPDX-License-Identifier: Apache-2.0
// The promise "int8 operators are bit-exact with TensorFlow Lite Micro", held to TFLM itself (the
// PyPI package, run by tflm_oracle.py): random graphs of one operator, exported as .tflite, every
// output byte compared. Environment: MOTE_ORACLE_PYTHON (skips without it), MOTE_SOURCE_DIR,
// MOTE_CONFORMANCE_CASES (30 an operator; 200 is the long form), MOTE_SEED.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/conformance/oracle_batch.h"

namespace mote::conformance {

// For GoogleTest, which finds them beside the families.
void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
void PrintTo(const ForeignFamily& family, std::ostream* out) { *out << family.name; }

namespace {

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

struct ProgramResult {
  int status = -1;
  std::string output;
};

ProgramResult run_program(const std::string& command) {
  ProgramResult result;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return result;
  char text[4096];
  while (size_t n = fread(text, 1, sizeof text, pipe)) result.output.append(text, n);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  return result;
}

std::string in_quotes(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view name)
      : path_(std::filesystem::temp_directory_path() /
              ("mote_" + std::string(name) + "_" + std::to_string(getpid()))) {}
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

ProgramResult ask_oracle(const std::filesystem::path& folder) {
  const std::filesystem::path source = environment("MOTE_SOURCE_DIR", ".");
  return run_program(in_quotes(environment("MOTE_ORACLE_PYTHON", "")) + " " +
                     in_quotes(source / "tests/conformance/tflm_oracle.py") + " " +
                     in_quotes(folder) + " 2>&1");
}

void skip_without_oracle() {
  const std::string python = environment("MOTE_ORACLE_PYTHON", "");
  if (!std::filesystem::exists(python))
    GTEST_SKIP() << "no TensorFlow Lite Micro to compare with: MOTE_ORACLE_PYTHON ('" << python
                 << "') is not a Python; tools/python_env.sh makes one";
}

// As many cases as asked for, from `make`, and the oracle's word on them.
template <class AnyFamily>
void check_family(const AnyFamily& family) {
  const int cases = std::stoi(environment("MOTE_CONFORMANCE_CASES", "30"));
  const uint64_t seed = std::stoull(environment("MOTE_SEED", "20261122"));
  const TemporaryFolder folder(family.name);
  Random random(seed);
  OracleBatch batch(folder.path());
  int telling = 0;
  for (int i = 0; i < cases; ++i) telling += batch.add(family.make(random), random, 4) > 1;
  EXPECT_GE(telling, cases / 2) << "too many cases with constant outputs: they cannot fail";
  const ProgramResult answer = ask_oracle(folder.path());
  EXPECT_EQ(answer.status, 0) << "MOTE_SEED=" << seed << "\n" << answer.output;
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
INSTANTIATE_TEST_SUITE_P(Signal, ForeignModel, testing::ValuesIn(foreign_signal()),
                         name_of<ForeignFamily>);
INSTANTIATE_TEST_SUITE_P(Layers, ForeignModel, testing::ValuesIn(foreign_layers()),
                         name_of<ForeignFamily>);

}  // namespace
}  // namespace mote::conformance
