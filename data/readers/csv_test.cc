// SPDX-License-Identifier: Apache-2.0
// CSV: columns, time, gaps, jitter, labels, sensors of different rates, and what must be refused.
#include "data/readers/csv.h"

#include <gtest/gtest.h>

#include <random>

#include "data/readers/delimited.h"
#include "data/readers/sample_rows.h"
#include "data/readers/temporary_file.h"

namespace mote {
namespace {

class Csv : public testing::Test {
 protected:
  Recording read(std::string_view text, const ReadOptions& options = {}) {
    auto recordings = read_csv(folder_.write("walk.csv", text), options, diagnostics_);
    return recordings.empty() ? Recording() : recordings[0];
  }
  std::string errors() const { return codes(diagnostics_.errors()); }
  std::string warnings() const { return codes(diagnostics_.warnings()); }
  std::string error_text() const { return all_text(diagnostics_.errors()); }

  TemporaryFolder folder_;
  Diagnostics diagnostics_;
};

using Floats = std::vector<float>;

TEST_F(Csv, ReadsTimeUnitsAndAxes) {
  const Recording r = read("time [ms],acc_x [m/s2],acc_y (g)\n0,1.5,2\n10,-3,4e-1\n20,+5,6\n");
  EXPECT_EQ(error_text(), "");
  EXPECT_EQ(r.name, "walk.csv");
  EXPECT_EQ(r.rate_hz, 100);
  ASSERT_EQ(r.axes.size(), 2u);
  EXPECT_EQ(r.axes[0].name, "acc_x");
  EXPECT_EQ(r.axes[0].unit, "m/s2");
  EXPECT_EQ(r.axes[1].unit, "g");
  EXPECT_EQ(r.values, (Floats{1.5f, 2, -3, 0.4f, 5, 6}));
  EXPECT_EQ(warnings(), "");
}

TEST_F(Csv, SeparatorsByteOrderMarkQuotesAndCarriageReturns) {
  const Recording tabs = read("\xef\xbb\xbft\tx\r\n0\t1\r\n0.5\t2\r\n");
  EXPECT_EQ(tabs.values, (Floats{1, 2}));
  EXPECT_EQ(tabs.rate_hz, 2);
  const Recording decimal_comma = read("t;x;y\n0,0;1,5;2\n0,1;2,5;3\n");
  EXPECT_EQ(decimal_comma.values, (Floats{1.5f, 2, 2.5f, 3}));
  const Recording quoted = read("\"time\",\"a \"\"b\"\"\",\"c\"\n\"0\",1,\"2\"\n\"1\",3,\"4\"\n");
  EXPECT_EQ(quoted.axes[0].name, "a \"b\"");
  EXPECT_EQ(quoted.values, (Floats{1, 2, 3, 4}));
  EXPECT_EQ(error_text(), "");
}

TEST_F(Csv, ChosenColumnsInTheOrderAsked) {
  ReadOptions options;
  options.axes = {"z", "x"};
  options.units = {"g", "deg/s"};
  const Recording r = read("time_s,x,y,z\n0,1,2,3\n1,4,5,6\n", options);
  EXPECT_EQ(r.values, (Floats{3, 1, 6, 4}));
  EXPECT_EQ(r.axes[0].unit, "g");
}

TEST_F(Csv, UnknownColumnNamesTheNearest) {
  ReadOptions options;
  options.axes = {"acc_v"};
  read("time_s,acc_x,gyro\n0,1,2\n1,4,5\n", options);
  EXPECT_EQ(errors(), "unknown-column");
  EXPECT_NE(error_text().find("did you mean \"acc_x\"?"), std::string::npos) << error_text();
}

TEST_F(Csv, DateTimes) {
  const Recording r =
      read("Time,x\n2024-02-28 23:59:59.9,1\n2024-02-29 00:00:00.0,2\n2024-02-29T00:00:00.1,3\n");
  EXPECT_EQ(error_text(), "");
  EXPECT_EQ(r.rate_hz, 10);
  EXPECT_EQ(r.values.size(), 3u);
}

// Clocks went back an hour between the two: the zone says that time went on.
TEST_F(Csv, ZonesOfTimesCount) {
  const Recording r = read(
      "time,x\n2024-10-27T02:59:59.9+02:00,1\n2024-10-27T02:00:00.0+01:00,2\n"
      "2024-10-27T02:00:00.1+01:00,3\n");
  EXPECT_EQ(r.rate_hz, 10);
  EXPECT_EQ(r.size(), 3);
  ASSERT_TRUE(r.start);
  EXPECT_EQ(r.start->ns, parse_date_time("2024-10-27T00:59:59.9Z")->ns);
  read("time,x\n2024-10-27T02:59:59.9Z,1\n2024-10-27T03:00:00,2\n");
  EXPECT_EQ(errors(), "bad-time");
  EXPECT_NE(error_text().find("walk.csv:3: \"2024-10-27T03:00:00\" has no zone"), std::string::npos)
      << error_text();
}

TEST_F(Csv, GapsAreListedNotStored) {
  // 40 and 50 ms are missing; at 70 ms x has no value.
  const Recording r = read("time_ms,x\n0,1\n10,2\n20,3\n30,4\n60,5\n70,\n80,7\n");
  EXPECT_EQ(r.values, (Floats{1, 2, 3, 4, 5, 7}));
  ASSERT_EQ(r.gaps.size(), 2u);
  EXPECT_EQ(r.gaps[0].before, 4);
  EXPECT_EQ(r.gaps[0].missing, 2);
  EXPECT_EQ(r.gaps[1].before, 5);
  EXPECT_EQ(r.gaps[1].missing, 1);
  EXPECT_EQ(warnings(), "missing-samples");
  EXPECT_NE(all_text(diagnostics_.warnings()).find("walk.csv:6: 3 of 9 samples"),
            std::string::npos);
  EXPECT_DOUBLE_EQ(sample_time_s(r, 3), 0.03);
  EXPECT_DOUBLE_EQ(sample_time_s(r, 4), 0.06);
  EXPECT_DOUBLE_EQ(sample_time_s(r, 5), 0.08);
}

TEST_F(Csv, PolicyFailRefusesGaps) {
  ReadOptions options;
  options.missing = GapPolicy::kFail;
  read("time_ms,x\n0,1\n10,nan\n20,3\n", options);
  EXPECT_EQ(errors(), "missing-samples");
  EXPECT_NE(error_text().find("walk.csv:3:"), std::string::npos) << error_text();
}

TEST_F(Csv, TextInANumberColumnIsMissingAndReported) {
  const Recording r = read("time_ms,x,y\n0,1,1\n10,oops,1\n20,3,1\n30,4,1\n");
  EXPECT_EQ(r.size(), 3);
  EXPECT_EQ(warnings(), "not-a-number missing-samples");
  EXPECT_NE(all_text(diagnostics_.warnings()).find("walk.csv:3"), std::string::npos);
}

TEST_F(Csv, RaggedRowsAndBackwardTimeAreErrorsWithTheirLine) {
  read("time_ms,x\n0,1\n10\n20,3,4\n");
  EXPECT_EQ(errors(), "ragged-row ragged-row");
  EXPECT_NE(error_text().find("walk.csv:3:"), std::string::npos);
  read("time_ms,x\n0,1\n10,2\n5,3\n");
  EXPECT_EQ(errors(), "ragged-row ragged-row time-not-ascending");
  EXPECT_NE(error_text().find("walk.csv:4:"), std::string::npos);
}

TEST_F(Csv, RateFromTheUserOrFromTimeOrRefused) {
  read("x,y\n1,2\n3,4\n");
  EXPECT_EQ(errors(), "no-rate");
  ReadOptions options;
  options.rate_hz = 50;
  EXPECT_EQ(read("x,y\n1,2\n3,4\n", options).rate_hz, 50);
  EXPECT_EQ(read("time,x\n0,2\n20,4\n40,5\n", options).rate_hz, 50);  // the unit that fits: ms
  EXPECT_EQ(errors(), "no-rate");
  read("time_ms,x\n0,2\n10,4\n20,5\n", options);
  EXPECT_EQ(errors(), "no-rate wrong-rate");
}

TEST_F(Csv, JitterIsMeasuredAndReported) {
  read("time_ms,x\n0,1\n11,2\n20,3\n31,4\n40,5\n50,6\n");
  EXPECT_EQ(warnings(), "jitter");
}

TEST_F(Csv, MillisecondClockDoesNotBiasTheRate) {
  std::string text = "time_ms,x\n";
  for (int i = 0; i < 600; ++i) {
    text += std::to_string(int(i * 1000.0 / 30)) + "," + std::to_string(i) + "\n";
  }
  EXPECT_EQ(read(text).rate_hz, 30);
  EXPECT_EQ(warnings(), "");
}

TEST(RoundRate, FindsTheRateThatWasMeant) {
  for (double hz : {1.0, 10.0, 12.5, 25.0, 32.0, 62.5, 100.0, 104.0, 119.0, 360.0, 416.0, 1e3, 12e3,
                    1.0 / 60, 1.0 / 300}) {
    for (double off : {1 - 4e-5, 1.0, 1 + 4e-5})
      EXPECT_NEAR(round_rate(hz * off) / hz, 1, 1e-12) << hz;
  }
}

TEST_F(Csv, LabelColumnBecomesRanges) {
  ReadOptions options;
  options.label_column = "state";
  const Recording r =
      read("time_ms,x,state\n0,1,idle\n100,2,idle\n200,3,walk\n400,4,walk\n500,5,\n600,6,walk\n",
           options);
  EXPECT_EQ(error_text(), "");
  ASSERT_EQ(r.labels.size(), 4u);
  EXPECT_EQ(r.labels[0].label, "idle");
  EXPECT_DOUBLE_EQ(r.labels[0].end_s, 0.2);
  EXPECT_EQ(r.labels[1].label, "walk");
  EXPECT_DOUBLE_EQ(r.labels[1].begin_s, 0.2);
  EXPECT_DOUBLE_EQ(r.labels[1].end_s, 0.3);
  EXPECT_DOUBLE_EQ(r.labels[2].begin_s, 0.4);
  EXPECT_DOUBLE_EQ(r.labels[3].begin_s, 0.6);
  EXPECT_EQ(r.axes.size(), 1u);
}

TEST_F(Csv, SlowerSensorsAreHeld) {
  const Recording r = read("time_ms,x,temperature\n0,1,\n10,2,20\n20,3,\n30,4,\n40,5,21\n50,6,\n");
  EXPECT_EQ(r.values, (Floats{1, 20, 2, 20, 3, 20, 4, 20, 5, 21, 6, 21}));
  EXPECT_TRUE(r.gaps.empty());
  EXPECT_EQ(warnings(), "slower-sensor");
}

TEST_F(Csv, RowsOfASlowerSensorAloneAreNoSamples) {
  const Recording r = read("time_ms,x,t\n0,1,20\n10,2,\n15,,21\n20,3,\n30,,\n40,5,\n50,6,\n");
  EXPECT_EQ(r.values, (Floats{1, 20, 2, 20, 3, 21, 5, 21, 6, 21}));
  ASSERT_EQ(r.gaps.size(), 1u);
  EXPECT_EQ(r.gaps[0].before, 3);
}

TEST_F(Csv, HeaderlessNeedsNames) {
  read("1,2,3\n4,5,6\n");
  EXPECT_EQ(errors(), "no-header");
  ReadOptions options;
  options.rate_hz = 25;
  options.axes = {"x", "-", "z"};
  const Recording r = read("1,2,3\n4,5,6\n", options);
  EXPECT_EQ(r.values, (Floats{1, 3, 4, 6}));
  EXPECT_EQ(r.axes[1].name, "z");
  options.axes = {"time_ms", "x", "state"};
  options.label_column = "state";
  const Recording labelled = read("0,2,walk\n40,5,walk\n", options);
  EXPECT_EQ(labelled.axes.size(), 1u);
  EXPECT_EQ(labelled.labels.size(), 1u);
}

TEST_F(Csv, NumbersBetweenSpaces) {
  ReadOptions options;
  options.rate_hz = 32;
  options.axes = {"x", "y", "z"};
  EXPECT_EQ(read("22 49 35\n 22 49  36\n", options).values, (Floats{22, 49, 35, 22, 49, 36}));
}

TEST_F(Csv, EmptyAndTextOnlyFiles) {
  read("");
  read("time,x\n");
  read("a,b\nfoo,bar\n");
  EXPECT_EQ(errors(), "no-samples no-samples no-axes");
}

TEST_F(Csv, PrefixesAndDamageNeverCrash) {
  const std::string text = "time_ms,\"a\",b [g]\n0,1,2\n10,3,nan\n20,5,6\n40,7,8\n";
  expect_each_prefix_refused(folder_, "x.csv", text, {}, true);
  expect_no_crash_when_damaged(folder_, "x.csv", text, {});
}

// Property: whatever is written with full precision and holes at random comes back value for value,
// gap for gap.
TEST_F(Csv, RandomTablesComeBack) {
  const unsigned seed = 20240515;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    std::string text = "time_ms,a,b\n";
    Floats expected;
    std::vector<std::pair<int64_t, int64_t>> gaps;
    int64_t pending = 0, last_time = -1;
    for (int64_t i = 0; i < 100; ++i) {
      const bool absent = i > 0 && i < 99 && random() % 10 == 0,
                 hole = !absent && random() % 10 == 0;
      const float a = float(random()) / 1e6f - 2000,
                  b = std::ldexp(float(random() % 4096), int(random() % 40) - 20);
      char row[100];
      std::snprintf(row, sizeof row, "%d,%.9g,%.9g\n", int(i * 8), a, b);
      if (hole) std::snprintf(row, sizeof row, "%d,%.9g,\n", int(i * 8), a);
      if (!absent) text += row, last_time = i;
      pending += absent || hole;
      if (absent || hole) continue;
      if (pending) gaps.emplace_back(int64_t(expected.size() / 2), pending);
      pending = 0;
      expected.insert(expected.end(), {a, b});
    }
    const Recording r = read(text);
    ASSERT_EQ(error_text(), "");
    ASSERT_EQ(last_time, 99);
    ASSERT_EQ(r.values, expected);
    ASSERT_EQ(r.gaps.size(), gaps.size());
    for (size_t g = 0; g < gaps.size(); ++g) {
      EXPECT_EQ(r.gaps[g].before, gaps[g].first);
      EXPECT_EQ(r.gaps[g].missing, gaps[g].second);
    }
  }
}

}  // namespace
}  // namespace mote
