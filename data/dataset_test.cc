// SPDX-License-Identifier: Apache-2.0
// Whole folders: labels and groups by every rule, what must fit together, what is reported.
#include "data/dataset.h"

#include <gtest/gtest.h>

#include <array>

#include "data/leave_out.h"
#include "data/readers/temporary_file.h"
#include "graph/sha256.h"

namespace mote {
namespace {

class DatasetTest : public testing::Test {
 protected:
  DatasetTest() { options_.recordings = folder_.path(); }

  // A recording of n samples at 10 Hz.
  void write(const std::string& name, const std::string& columns = "time_s,x", int n = 4,
             double period_s = 0.1) {
    std::string text = columns + "\n";
    const auto n_axes = std::count(columns.begin(), columns.end(), ',');
    for (int i = 0; i < n; ++i) {
      text += std::to_string(i * period_s);
      for (int a = 0; a < n_axes; ++a) text += "," + std::to_string(i + a);
      text += "\n";
    }
    folder_.write(name, text);
  }
  Dataset read() {
    diagnostics_ = {};
    return read_dataset(options_, diagnostics_);
  }
  std::string errors() {
    try {
      read();
    } catch (const UserError& error) {
      text_ = error.what();
      return codes(error.diagnostics());
    }
    return "";
  }
  std::string warnings() const { return codes(diagnostics_.warnings()); }
  std::string names(const Dataset& dataset) const {
    std::string text;
    for (const Recording& r : dataset.recordings) {
      text += (text.empty() ? "" : " ") + r.name + "=" + r.label + "/" + r.group;
    }
    return text;
  }

  TemporaryFolder folder_;
  DataOptions options_;
  Diagnostics diagnostics_;
  std::string text_;
};

TEST_F(DatasetTest, FoldersAreClassesByDefault) {
  write("walk/b.csv"), write("walk/a.csv"), write("rest/c.csv"), write("rest/d.csv"),
      write(".hidden/e.csv");
  const Dataset dataset = read();
  EXPECT_EQ(names(dataset),
            "rest/c.csv=rest/rest/c.csv rest/d.csv=rest/rest/d.csv walk/a.csv=walk/walk/a.csv "
            "walk/b.csv=walk/walk/b.csv");
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"rest", "walk"}));
  EXPECT_EQ(class_index(dataset, "walk"), 1);
  EXPECT_EQ(class_index(dataset, "run"), -1);
  EXPECT_EQ(warnings(), "");
}

TEST_F(DatasetTest, HashIsThatOfSha256sumLines) {
  folder_.write("w/a.csv", "time_s,x\n0,1\n1,2\n");
  folder_.write("w/b.csv", "time_s,x\n0,1\n1,3\n");
  EXPECT_EQ(read().sha256, sha256_hex(sha256_hex("time_s,x\n0,1\n1,2\n") + "  w/a.csv\n" +
                                      sha256_hex("time_s,x\n0,1\n1,3\n") + "  w/b.csv\n"));
}

TEST_F(DatasetTest, LabelAndGroupFromFileNames) {
  write("12_walk_cow7.csv"), write("13_rest_cow7.csv"), write("14_walk_cow8.csv"),
      write("15_rest_cow8.csv");
  options_.label = {"file", R"(^\d+_([a-z]+)_)", "", ""};
  options_.group = {"file", R"(_(cow\d+)\.)", false};
  EXPECT_EQ(names(read()),
            "12_walk_cow7.csv=walk/cow7 13_rest_cow7.csv=rest/cow7 14_walk_cow8.csv=walk/cow8 "
            "15_rest_cow8.csv=rest/cow8");
  EXPECT_EQ(warnings(), "");
  options_.label.pattern = "";
  EXPECT_EQ(read().classes, (std::vector<std::string>{"12", "13", "14", "15"}));
}

TEST_F(DatasetTest, LabelAndGroupFromFolders) {
  write("anna/walk/1.csv"), write("anna/rest/2.csv"), write("ben/walk/3.csv"),
      write("ben/rest/4.csv");
  options_.label = {"folder", "([^/]+)$", "", ""};
  options_.group = {"folder", "^([^/]+)", false};
  EXPECT_EQ(names(read()),
            "anna/rest/2.csv=rest/anna anna/walk/1.csv=walk/anna ben/rest/4.csv=rest/ben "
            "ben/walk/3.csv=walk/ben");
}

TEST_F(DatasetTest, ClassesAreASubsetAndAMapping) {
  write("walk/a.csv"), write("trot/b.csv"), write("lick/c.csv"), write("rest/d.csv"),
      write("rest/e.csv");
  options_.label.by = "folder";
  options_.classes = {{"walk", "moving"}, {"trot", "moving"}, {"rest", "rest"}};
  const Dataset dataset = read();
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"moving", "rest"}));
  EXPECT_EQ(dataset.recordings.size(), 4u);
  EXPECT_EQ(warnings(), "class-left-out");
}

TEST_F(DatasetTest, LabelOfClassesThatNothingHasNamesTheNearest) {
  write("walk/a.csv"), write("rest/b.csv"), write("run/c.csv");
  options_.classes = {{"walk", "walk"}, {"rets", "rest"}};
  EXPECT_EQ(errors(), "");  // nobody's mote.toml says it: a preset may know more labels
  options_.classes_place = "mote.toml:3";
  for (const char* by : {"", "folder"}) {
    options_.label.by = by;
    EXPECT_EQ(errors(), "unknown-label");
    EXPECT_NE(text_.find("mote.toml:3"), std::string::npos) << text_;
    EXPECT_NE(text_.find("did you mean \"rest\"?"), std::string::npos) << text_;
  }
  options_.classes = {{"jump", "jump"}};
  EXPECT_EQ(errors(), "unknown-label");
  EXPECT_NE(text_.find("the labels are: rest, run, walk"), std::string::npos) << text_;
  // The group that is left out may have been the only one with this label.
  options_.classes = {{"walk", "walk"}, {"rest", "rest"}, {"run", "run"}};
  options_.without = {"run/c.csv"};
  EXPECT_EQ(errors(), "");
}

TEST_F(DatasetTest, LabelColumn) {
  folder_.write("a.csv", "time_s,x,state\n0,1,idle\n0.1,2,idle\n0.2,3,work\n0.3,4,lunch\n");
  folder_.write("b.csv", "time_s,x,state\n0,1,idle\n0.1,2,idle\n0.2,3,idle\n0.3,4,idle\n");
  options_.label = {"column", "", "state", ""};
  options_.classes = {{"idle", "idle"}, {"work", "work"}};
  const Dataset dataset = read();
  EXPECT_EQ(dataset.recordings[0].labels.size(), 2u);
  EXPECT_EQ(dataset.recordings[1].label, "idle");  // one label over all of it
  EXPECT_TRUE(dataset.recordings[1].labels.empty());
}

TEST_F(DatasetTest, LabelRanges) {
  write("day1/a.csv", "time_s,x", 20), write("b.csv", "time_s,x", 20);
  folder_.write("labels.csv",
                "file,begin,end,label\na.csv,1.0,1.5,run\nday1/a.csv,0,1,walk\nb.csv,0,2,walk\n");
  options_.label = {"ranges", "", "", "labels.csv"};
  const Dataset dataset = read();
  ASSERT_EQ(dataset.recordings.size(), 2u);
  EXPECT_EQ(dataset.recordings[0].label, "walk");
  ASSERT_EQ(dataset.recordings[1].labels.size(), 2u);
  EXPECT_EQ(dataset.recordings[1].labels[0].label, "walk");
  EXPECT_EQ(dataset.recordings[1].labels[1].begin_s, 1.0);
  folder_.write("labels.csv",
                "file,begin,end,label\nday1/a.csv,0,1,walk\nday1/a.csv,0.5,1.5,run\nc.csv,0,1,x\n"
                "b.csv,3,4,x\nb.csv,1,1,x\n");
  EXPECT_EQ(errors(), "label-ranges label-ranges label-ranges label-ranges");
  EXPECT_NE(text_.find("labels.csv:4:"), std::string::npos) << text_;
  EXPECT_NE(text_.find("overlap"), std::string::npos) << text_;
}

// 20 samples at 10 Hz from the leap day's last second on, by a clock of this zone.
class LabelClockTest : public DatasetTest {
 protected:
  LabelClockTest() { options_.label = {"ranges", "", "", "labels.csv"}; }
  void write_clock(const std::string& zone) {
    std::string text = "time,x\n";
    for (int i = 0; i < 20; ++i) {
      const std::string second = i < 10 ? "2024-02-29 23:59:59." : "2024-03-01 00:00:00.";
      text += second + std::to_string(i % 10) + zone + "," + std::to_string(i) + "\n";
    }
    folder_.write("a.csv", text);
  }
  void write_range(const std::string& begin, const std::string& end) {
    folder_.write("labels.csv", "file,begin,end,label\na.csv," + begin + "," + end + ",walk\n");
  }
  // What a wrong range is told; its place is its line.
  std::string fault() {
    EXPECT_EQ(errors(), "label-ranges");
    const size_t place = text_.find("labels.csv:2: ");
    EXPECT_NE(place, std::string::npos) << text_;
    return place == std::string::npos ? text_ : text_.substr(place + 14);
  }
};

TEST_F(LabelClockTest, RangesByTheRecordingsClock) {
  for (const auto& [stamps, begin, end] :
       {std::array{"", "2024-02-29T23:59:59.5", "2024-03-01 00:00:00.25"},
        std::array{"Z", "2024-02-29T23:59:59.5Z", "2024-03-01T01:00:00.25+01:00"},
        std::array{"+02:00", "2024-02-29T21:59:59.5Z", "2024-02-29T16:30:00.25-05:30"}}) {
    write_clock(stamps), write_range(begin, end);
    const Recording r = read().recordings.at(0);
    ASSERT_EQ(r.labels.size(), 1u) << stamps;
    EXPECT_NEAR(r.labels[0].begin_s, 0.5, 1e-9) << stamps;
    EXPECT_NEAR(r.labels[0].end_s, 1.25, 1e-9) << stamps;
  }
}

TEST_F(LabelClockTest, RangesAreClippedToTheRecording) {
  write_clock(""), write_range("2024-02-29 23:00", "2024-03-01 00:00:00.5");
  const Recording r = read().recordings.at(0);
  EXPECT_EQ(r.labels.at(0).begin_s, 0);
  EXPECT_NEAR(r.labels.at(0).end_s, 1.5, 1e-9);
  write_range("2024-02-28 23:00", "2024-02-28 23:30");
  EXPECT_EQ(fault().rfind("ends before the begin of \"a.csv\"", 0), 0u) << text_;
  write_range("2024-03-01 00:00:01", "2024-03-01 00:00:02");
  EXPECT_EQ(fault().rfind("begins after the end of \"a.csv\"", 0), 0u) << text_;
  write_range("2024-03-01 00:00:00.5", "2024-02-29 23:59:59.5");
  EXPECT_EQ(fault().rfind("begin and end are not", 0), 0u) << text_;
}

// The first row holds a slower sensor alone and is no sample: time begins with the second.
TEST_F(LabelClockTest, TimeBeginsWithTheFirstSample) {
  std::string text = "time,x,slow\n2024-05-01 09:59:59.9,,7\n";
  for (int i = 0; i < 10; ++i)
    text += "2024-05-01 10:00:00." + std::to_string(i) + "," + std::to_string(i) + ",\n";
  folder_.write("a.csv", text);
  write_range("2024-05-01T10:00:00.5", "2024-05-01T10:00:00.8");
  const Recording r = read().recordings.at(0);
  EXPECT_NEAR(r.labels.at(0).begin_s, 0.5, 1e-9);
}

TEST_F(LabelClockTest, MixedClocksAndWrongDatesAreErrorsWithTheirLine) {
  write_clock(""), write_range("0.5", "1.25");
  EXPECT_EQ(fault().rfind("begin and end are seconds, the time stamps of \"a.csv\" are dates", 0),
            0u)
      << text_;
  write_range("2024-02-29T23:59:59.5", "1.25");
  EXPECT_EQ(fault().rfind("one end is in seconds, the other a date and time", 0), 0u) << text_;
  write_range("2024-02-29T23:59:59.5Z", "2024-03-01T00:00:00Z");
  EXPECT_EQ(fault().rfind("begin and end must not have a zone", 0), 0u) << text_;
  write_clock("Z"), write_range("2024-02-29T23:59:59.5", "2024-03-01T00:00:00Z");
  EXPECT_EQ(fault().rfind("begin and end must have a zone", 0), 0u) << text_;
  write_range("2023-02-30T10:00:00", "2024-03-01T00:00:00Z");
  EXPECT_EQ(fault().rfind("\"2023-02-30T10:00:00\" is neither seconds nor a date and time", 0), 0u)
      << text_;
  write("a.csv", "time_s,x", 20), write_range("2024-02-29T23:59:59", "2024-03-01T00:00:00");
  EXPECT_EQ(
      fault().rfind("begin and end are dates and times, \"a.csv\" has no such time stamps", 0), 0u)
      << text_;
}

TEST_F(DatasetTest, TestFolderIsReadButKeptApart) {
  write("walk/a.csv"), write("rest/b.csv"), write("held-out/walk/c.csv"),
      write("held-out/rest/d.csv");
  options_.test = folder_.path() / "held-out";
  EXPECT_EQ(
      names(read()),
      "rest/b.csv=rest/rest/b.csv walk/a.csv=walk/walk/a.csv "
      "held-out/rest/d.csv=rest/held-out/rest/d.csv held-out/walk/c.csv=walk/held-out/walk/c.csv");
}

TEST_F(DatasetTest, DifferentAxesUnitsAndRatesNameBothFiles) {
  write("w/a.csv"), write("w/b.csv", "time_s,y");
  EXPECT_EQ(errors(), "axes-differ");
  EXPECT_NE(text_.find("a.csv"), std::string::npos);
  EXPECT_NE(text_.find("b.csv"), std::string::npos);
  write("w/b.csv", "time_s,x [g]");
  EXPECT_EQ(errors(), "axes-differ");
  write("w/b.csv", "time_s,x", 4, 0.05);
  EXPECT_EQ(errors(), "rates-differ");
  EXPECT_NE(text_.find("10 Hz"), std::string::npos) << text_;
  EXPECT_NE(text_.find("20 Hz"), std::string::npos) << text_;
}

TEST_F(DatasetTest, ClocksThatDifferALittleAreOneRate) {
  write("w/a.csv", "time_s,x", 100, 0.1), write("w/b.csv", "time_s,x", 100, 0.1003),
      write("w/c.csv", "time_s,x", 100, 0.1);
  const Dataset dataset = read();
  for (const Recording& r : dataset.recordings) EXPECT_EQ(r.rate_hz, 10);
}

TEST_F(DatasetTest, WarningsAboutWhatCannotBeLearned) {
  write("w/a.csv");
  folder_.write("w/b.csv", "time_s,x\n0,5\n0.1,5\n0.2,5\n");
  folder_.write("readme.md", "x");
  read();
  EXPECT_EQ(warnings(), "files-ignored constant-axis one-class");
  write("v/c.csv");
  read();
  EXPECT_EQ(warnings(), "files-ignored constant-axis few-recordings");
}

TEST_F(DatasetTest, MissingLabelsAndGroups) {
  write("walk_1.csv"), write("2.csv");
  options_.label = {"file", "^([a-z]+)_", "", ""};
  EXPECT_EQ(errors(), "unlabelled");
  EXPECT_NE(text_.find("2.csv"), std::string::npos);
  options_.label = {"none", "", "", ""};
  options_.group = {"file", "^([a-z]+)_", false};
  EXPECT_EQ(errors(), "no-group");
  options_.group.by = "none";
  EXPECT_EQ(errors(), "");
}

TEST_F(DatasetTest, RecordingsWithoutGroupAreSpreadOverTheOthers) {
  write("normal.csv", "time_s,x", 9), write("bad_7.csv"), write("bad_14.csv"), write("bad_21.csv");
  options_.label = {"file", "^([a-z]+)", "", ""};
  options_.group = {"file", R"(_(\d+)\.)", true};
  EXPECT_EQ(names(read()),
            "bad_14.csv=bad/14 bad_21.csv=bad/21 bad_7.csv=bad/7 normal.csv@1/3=normal/14 "
            "normal.csv@2/3=normal/21 normal.csv@3/3=normal/7");
}

TEST_F(DatasetTest, GroupsWithoutAreNotThere) {
  write("walk_ana.csv"), write("rest_ana.csv"), write("walk_bo.csv"), write("rest_bo.csv");
  options_.label = {"file", "^([a-z]+)", "", ""};
  options_.group = {"file", R"(_([a-z]+)\.)", false};
  const Dataset alone = read();
  folder_.write("walk_theo.csv", "time_s,x\n0,1\n0.1\n");    // ragged,
  folder_.write("rest_theo.csv", "time_s,y\n0,1\n0.5,2\n");  // of another rate and axis,
  folder_.write("stairs_theo.csv", "time_s,x\n0,1\n");       // of a class of its own
  options_.without = {"theo"};
  const Dataset dataset = read();
  EXPECT_EQ(names(dataset), names(alone));
  EXPECT_EQ(dataset.classes, alone.classes);
  EXPECT_EQ(dataset.sha256, alone.sha256);
  EXPECT_EQ(warnings(), "");
  EXPECT_EQ(dataset.left_out, (std::map<std::string, int64_t>{{"theo", 3}}));
  EXPECT_EQ(left_out_sentence(dataset.left_out), "Left out: 3 recordings of group theo.");
  options_.classes = {{"walk", "walk"}, {"rest", "rest"}};
  EXPECT_EQ(read().left_out.at("theo"), 3);
  EXPECT_EQ(warnings(), "");
}

TEST_F(DatasetTest, UnknownGroupWithoutNamesTheNearest) {
  write("walk/ana.csv"), write("rest/bo.csv");
  options_.group = {"file", "", false};
  options_.without = {"anna"};
  options_.without_place = "mote.toml:7";
  EXPECT_EQ(errors(), "unknown-group");
  EXPECT_NE(text_.find("mote.toml:7"), std::string::npos) << text_;
  EXPECT_NE(text_.find("did you mean \"ana\"?"), std::string::npos) << text_;
  options_.without = {"ana", "bo"};
  EXPECT_EQ(errors(), "no-recordings");
}

// Where there is no group rule a recording is its own group; the lines of a .ts file are many.
TEST_F(DatasetTest, RecordingsWithoutARuleAreLeftOutByName) {
  write("walk/1.acc.csv", "time_s,ax", 6), write("walk/1.temp.csv", "time_s,t", 6);
  write("walk/2.acc.csv", "time_s,ax", 6), write("walk/2.temp.csv", "time_s,t", 6);
  options_.merge = R"(^(\d+)\.)";
  options_.without = {"walk/2"};
  EXPECT_EQ(names(read()), "walk/1=walk/walk/1");
  EXPECT_EQ(read().left_out.at("walk/2"), 1);
}

TEST_F(DatasetTest, LinesOfATsFileAreLeftOutByName) {
  folder_.write("a.ts",
                "@univariate true\n@equalLength true\n@classLabel true u v\n@data\n1,2,3:u\n"
                "4,5,6:v\n");
  options_.rate_hz = 10;
  const std::vector<Recording> all = read().recordings;
  ASSERT_EQ(all.size(), 2u);
  options_.without = {all[0].group};
  const Dataset dataset = read();
  ASSERT_EQ(dataset.recordings.size(), 1u);
  EXPECT_EQ(dataset.recordings[0].name, all[1].name);
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"v"}));
}

// A block keeps its group whether another group is left out or not, or a held-out group's part of a
// spread recording would train.
TEST_F(DatasetTest, SpreadBlocksOfAGroupWithoutGoWithIt) {
  write("normal.csv", "time_s,x", 9), write("bad_7.csv"), write("bad_14.csv"), write("bad_21.csv");
  options_.label = {"file", "^([a-z]+)", "", ""};
  options_.group = {"file", R"(_(\d+)\.)", true};
  options_.without = {"14"};
  const Dataset dataset = read();
  EXPECT_EQ(names(dataset),
            "bad_21.csv=bad/21 bad_7.csv=bad/7 normal.csv@2/3=normal/21 normal.csv@3/3=normal/7");
  EXPECT_EQ(left_out_sentence(dataset.left_out), "Left out: 2 recordings of group 14.");
}

TEST_F(DatasetTest, LabelRangesOfAGroupWithoutArePassedOver) {
  write("ana/a.csv", "time_s,x", 20), write("theo/a.csv", "time_s,x", 20),
      write("theo/b.csv", "time_s,x", 20);
  folder_.write("labels.csv", "file,begin,end,label\nana/a.csv,0,1,walk\nb.csv,0,1,run\n");
  options_.label = {"ranges", "", "", "labels.csv"};
  options_.group = {"folder", "", false};
  options_.without = {"theo"};
  EXPECT_EQ(read().classes, (std::vector<std::string>{"walk"}));
  folder_.write("labels.csv", "file,begin,end,label\na.csv,0,1,walk\n");  // whose?
  EXPECT_EQ(errors(), "label-ranges");
}

TEST_F(DatasetTest, SensorsInSeparateFilesAreMerged) {
  write("walk/1.acc.csv", "time_s,ax,ay", 6, 0.1), write("walk/1.temp.csv", "time_s,t", 3, 0.2);
  write("walk/2.acc.csv", "time_s,ax,ay", 6, 0.1), write("walk/2.temp.csv", "time_s,t", 3, 0.2);
  options_.merge = R"(^(\d+)\.)";
  const Dataset dataset = read();
  ASSERT_EQ(dataset.recordings.size(), 2u);
  EXPECT_EQ(dataset.recordings[0].name, "walk/1");
  EXPECT_EQ(dataset.recordings[0].label, "walk");
  EXPECT_EQ(dataset.recordings[0].values,
            (std::vector<float>{0, 1, 0, 1, 2, 0, 2, 3, 1, 3, 4, 1, 4, 5, 2, 5, 6, 2}));
  options_.axes = {"t", "ay"};
  EXPECT_EQ(read().recordings[1].values, (std::vector<float>{0, 1, 0, 2, 1, 3, 1, 4, 2, 5, 2, 6}));
}

TEST_F(DatasetTest, MergedGapsStayGaps) {
  folder_.write("1.a.csv", "time_s,x\n0,1\n0.1,2\n0.4,5\n0.5,6\n0.6,7\n0.7,8\n");
  folder_.write("1.b.csv", "time_s,y\n0,1\n0.1,2\n0.2,3\n0.3,4\n0.4,5\n0.5,\n0.6,7\n0.7,8\n");
  options_.merge = R"(^(\d+)\.)";
  options_.label.by = "none";
  const Recording r = read().recordings[0];
  EXPECT_EQ(r.values, (std::vector<float>{1, 1, 2, 2, 5, 5, 7, 7, 8, 8}));
  ASSERT_EQ(r.gaps.size(), 2u);
  EXPECT_EQ(r.gaps[0].before, 2);
  EXPECT_EQ(r.gaps[0].missing, 2);
  EXPECT_EQ(r.gaps[1].before, 3);
}

TEST_F(DatasetTest, WrongOptionsAreNamedWithTheNearest) {
  write("w/a.csv");
  options_.label.by = "foldr";
  options_.group.by = "filee";
  options_.missing = "forget";
  options_.format = "cvs";
  options_.label.pattern = "no group";
  options_.group.pattern = "(";
  EXPECT_EQ(errors(),
            "unknown-value unknown-value unknown-value unknown-value bad-pattern bad-pattern");
  EXPECT_NE(text_.find("did you mean \"folder\"?"), std::string::npos) << text_;
}

TEST_F(DatasetTest, AllFilesProblemsAreCollected) {
  folder_.write("w/a.csv", "time_s,x\n0,1\n0.1\n");
  folder_.write("w/b.csv", "time_s,x\n0,1\n0,2\n");
  folder_.write("w/c.wav", "RIFF");
  EXPECT_EQ(errors(), "ragged-row time-not-ascending not-wav");
  options_.recordings = folder_.path() / "nowhere";
  EXPECT_EQ(errors(), "unreadable-folder");
  std::filesystem::create_directory(folder_.path() / "empty");
  options_.recordings = folder_.path() / "empty";
  EXPECT_EQ(errors(), "no-recordings");
}

TEST_F(DatasetTest, PolicyFailStopsAtGaps) {
  folder_.write("w/a.csv", "time_s,x\n0,1\n0.1,2\n0.5,3\n0.6,4\n0.7,5\n");
  EXPECT_EQ(errors(), "");
  options_.missing = "fail";
  EXPECT_EQ(errors(), "missing-samples");
}

TEST(DatasetToml, SaysWhatIsNotDefault) {
  DataOptions options;
  options.recordings = "recordings";
  EXPECT_EQ(to_toml(options), "[data]\nrecordings = \"recordings\"\n");
  options.rate_hz = 12.5;
  options.axes = {"x", "y\"z"};
  options.label = {"file", R"(^(\d)_)", "", ""};
  options.group = {"file", "", true};
  options.classes = {{"a", "a"}, {"b", "b"}};
  EXPECT_EQ(to_toml(options),
            "[data]\nrecordings = \"recordings\"\nrate_hz = 12.5\naxes = [\"x\", \"y\\\"z\"]\n"
            "label = { by = \"file\", pattern = '^(\\d)_' }\n"
            "group = { by = \"file\", spread = true }\nclasses = [\"a\", \"b\"]\n");
  options.without = {"theo"};
  EXPECT_NE(to_toml(options).find("without = [\"theo\"]\n"), std::string::npos);
  options.classes["b"] = "c d";
  EXPECT_NE(to_toml(options).find("classes = { \"a\" = \"a\", \"b\" = \"c d\" }"),
            std::string::npos);
}

}  // namespace
}  // namespace mote
