// SPDX-License-Identifier: Apache-2.0
// .ts: several axes, classes, lengths that differ, missing values, what is refused.
#include "data/readers/ts.h"

#include <gtest/gtest.h>

#include "data/readers/temporary_file.h"

namespace mote {
namespace {

constexpr char kHeader[] =
    "# two students\n@problemName Moves\n@timeStamps false\n@univariate false\n@dimensions 2\n"
    "@equalLength true\n@seriesLength 3\n@classLabel true walk run\n@data\n";

class Ts : public testing::Test {
 protected:
  Ts() { options_.rate_hz = 10; }
  std::vector<Recording> read(const std::string& text) {
    return read_ts(folder_.write("moves.ts", text), options_, diagnostics_);
  }
  std::string errors() const { return codes(diagnostics_.errors()); }
  TemporaryFolder folder_;
  Diagnostics diagnostics_;
  ReadOptions options_;
};

TEST_F(Ts, EachLineIsARecording) {
  options_.axes = {"acc", "gyro"};
  const auto recordings =
      read(std::string(kHeader) + "1,2,3:4,5,6:walk\r\n\n-1,0.5,1e-3:7,8,9:run\n");
  ASSERT_EQ(all_text(diagnostics_.errors()), "");
  ASSERT_EQ(recordings.size(), 2u);
  EXPECT_EQ(recordings[0].values, (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(recordings[1].values, (std::vector<float>{-1, 7, 0.5f, 8, 1e-3f, 9}));
  EXPECT_EQ(recordings[1].label, "run");
  EXPECT_EQ(recordings[1].name, "moves.ts#2");
  EXPECT_EQ(recordings[1].axes[1].name, "gyro");
  EXPECT_EQ(recordings[0].rate_hz, 10);
}

TEST_F(Ts, MissingValuesAreGaps) {
  const auto recordings = read(std::string(kHeader) + "1,?,3:4,5,6:walk\n");
  ASSERT_EQ(recordings.size(), 1u);
  EXPECT_EQ(recordings[0].values, (std::vector<float>{1, 4, 3, 6}));
  EXPECT_EQ(recordings[0].gaps.size(), 1u);
  EXPECT_EQ(diagnostics_.warnings()[0].place,
            (folder_.path() / "moves.ts").string() + ":10 sample 2");
}

TEST_F(Ts, WrongLinesAreErrorsWithTheirLine) {
  const std::pair<const char*, const char*> wrong[] = {
      {"1,2,3:4,5:walk\n", "ts-length"},      {"1,2:4,5:walk\n", "ts-length"},
      {"1,2,3:walk\n", "ts-dimensions"},      {"1,2,3:4,5,6:fly\n", "ts-class"},
      {"1,2,x:4,5,6:walk\n", "not-a-number"}, {"", "no-samples"}};
  for (const auto& [line, code] : wrong) {
    diagnostics_ = {};
    EXPECT_TRUE(read(std::string(kHeader) + line).empty());
    EXPECT_EQ(errors(), code);
    EXPECT_NE(all_text(diagnostics_.errors()).find("moves.ts:10"), std::string::npos);
  }
}

TEST_F(Ts, RateMustBeGiven) {
  options_.rate_hz = 0;
  read(std::string(kHeader) + "1,2,3:4,5,6:walk\n");
  EXPECT_EQ(errors(), "no-rate");
}

TEST_F(Ts, PrefixesAndDamageNeverCrash) {
  const std::string text = std::string(kHeader) + "1,2,3:4,5,6:walk\n7,8,9:1,?,3:run\n";
  expect_each_prefix_refused(folder_, "x.ts", text, options_, true);
  expect_no_crash_when_damaged(folder_, "x.ts", text, options_);
}

}  // namespace
}  // namespace mote
