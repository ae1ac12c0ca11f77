// SPDX-License-Identifier: Apache-2.0
// Recordings that only train: what is brought into line, and what cannot be.
#include "data/further.h"

#include <gtest/gtest.h>

#include "data/readers/temporary_file.h"

namespace mote {
namespace {

class Further : public testing::Test {
 protected:
  Further() {
    ours_.recordings = folder_.path() / "ours";
    options_.data.recordings = folder_.path() / "theirs";
    options_.name = "theirs";
    options_.place = "mote.toml:9";
    write("ours/no/a.csv", "x", 10);
    write("ours/yes/b.csv", "x", 10);
  }

  // Quiet, loud from 1.0 s to 2.0 s, quiet; 3 s in all.
  void write(const std::string& name, const std::string& axis, int rate_hz) {
    std::string text = "time_s," + axis + "\n";
    for (int i = 0; i < 3 * rate_hz; ++i) {
      const double loud = i >= rate_hz && i < 2 * rate_hz ? 1 : 0.001;
      text += std::to_string(double(i) / rate_hz) + "," +
              std::to_string(5 + (i % 2 ? loud : -loud)) + "\n";
    }
    folder_.write(name, text);
  }
  Dataset read() {
    diagnostics_ = {};
    return read_further(options_, read_dataset(ours_, diagnostics_), diagnostics_);
  }
  std::string errors() {
    try {
      read();
    } catch (const UserError& error) {
      return all_text(error.diagnostics());
    }
    return "";
  }

  TemporaryFolder folder_;
  DataOptions ours_;
  FurtherOptions options_;
  Diagnostics diagnostics_;
};

TEST_F(Further, NamesGroupsClassesAndRate) {
  write("theirs/oui/ann.csv", "x", 40);
  options_.data.classes = {{"oui", "yes"}};
  const Dataset further = read();
  ASSERT_EQ(further.recordings.size(), 1u);
  const Recording& recording = further.recordings[0];
  EXPECT_EQ(recording.name, "theirs/oui/ann.csv");
  EXPECT_EQ(recording.group, "theirs/oui/ann.csv");
  EXPECT_EQ(recording.label, "yes");
  EXPECT_EQ(recording.rate_hz, 10);
  EXPECT_EQ(recording.size(), 30);
}

TEST_F(Further, QuietEndsAreTrimmed) {
  write("theirs/yes/ann.csv", "x", 10);
  options_.trim_db = 25;
  EXPECT_EQ(read().recordings.at(0).size(), 10);
  options_.trim_db = 80;
  EXPECT_EQ(read().recordings.at(0).size(), 30);
}

TEST_F(Further, SilenceIsNotTrimmed) {
  Recording recording;
  recording.rate_hz = 10;
  recording.axes = {{"x", ""}};
  recording.values.assign(20, 3.0f);
  EXPECT_EQ(trimmed(recording, 25).size(), 20);
}

TEST_F(Further, AnotherClassIsAnError) {
  write("theirs/maybe/ann.csv", "x", 10);
  EXPECT_NE(errors().find("mote.toml:9: [data] has no class \"maybe\", which is a label here"),
            std::string::npos)
      << errors();
}

TEST_F(Further, ALowerRateIsAnError) {
  write("theirs/yes/ann.csv", "x", 5);
  EXPECT_NE(errors().find("its recordings have 5 Hz, those of [data] 10 Hz"), std::string::npos)
      << errors();
}

TEST_F(Further, OtherAxesAreAnError) {
  write("theirs/yes/ann.csv", "y", 10);
  EXPECT_NE(errors().find("axes-differ"), std::string::npos) << errors();
}

// It would train in the fold that holds it out.
TEST_F(Further, ARecordingOfDataIsAnError) {
  options_.data.recordings = folder_.path() / "ours/../ours";
  EXPECT_NE(errors().find("recording-twice"), std::string::npos) << errors();
}

}  // namespace
}  // namespace mote
