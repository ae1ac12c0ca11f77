// SPDX-License-Identifier: Apache-2.0
// The catalogue's entries on the real data (MOTE_DATA), against sums that another program computed
// from the files; and the unpacking of wheels.
#include "data/catalogue.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "data/counts.h"
#include "data/fetch_wheel.h"
#include "data/readers/temporary_file.h"
#include "data/split.h"
#include "graph/sha256.h"

namespace mote {
namespace {

class Catalogue : public testing::Test {
 protected:
  // The set below MOTE_DATA, or nothing; without MOTE_DATA the test skips.
  void load(const std::string& name) {
    if (!std::getenv("MOTE_DATA"))
      GTEST_SKIP() << "MOTE_DATA is not set: no real recordings to test " << name << " on";
    const CatalogueEntry& entry = find_entry(name);
    const auto folder = locate(entry, diagnostics_);
    ASSERT_TRUE(folder);
    for (const Diagnostic& warning : diagnostics_.warnings())
      EXPECT_NE(warning.code, "other-version") << warning.message;
    dataset_ = read_dataset(options_in(entry, *folder), diagnostics_);
    EXPECT_EQ(dataset_.sha256, entry.sha256);
  }
  int64_t n_samples() const {
    int64_t n = 0;
    for (const Recording& r : dataset_.recordings) n += r.size();
    return n;
  }
  double sum(size_t axis, bool absolute) const {
    double total = 0;
    for (const Recording& r : dataset_.recordings) {
      for (size_t i = axis; i < r.values.size(); i += r.axes.size()) {
        total += absolute ? std::abs(double(r.values[i])) : double(r.values[i]);
      }
    }
    return total;
  }
  int64_t n_of(const std::string& label) const {
    int64_t n = 0;
    for (const Recording& r : dataset_.recordings) n += r.label == label;
    return n;
  }

  Dataset dataset_;
  Diagnostics diagnostics_;
};

TEST_F(Catalogue, CowImu) {
  load("cow-imu");
  if (IsSkipped()) return;
  EXPECT_EQ(n_of("walking"), 154);
  EXPECT_EQ(n_of("grazing"), 85);
  EXPECT_EQ(n_of("resting"), 6);
  EXPECT_EQ(dataset_.recordings.size(), 245u);
  EXPECT_EQ(n_samples(), 136745);
  EXPECT_NEAR(sum(0, false), 33896.29065, 0.01);
  EXPECT_NEAR(sum(5, false), -1491497.38909, 1);
  EXPECT_EQ(groups_of(dataset_),
            (std::vector<std::string>{"1217", "1319", "2016", "3120", "4119", "4821", "6319"}));
  EXPECT_EQ(dataset_.recordings[0].rate_hz, 10);
  for (const Recording& r : dataset_.recordings) EXPECT_TRUE(r.gaps.empty()) << r.name;
}

TEST_F(Catalogue, SpokenDigits) {
  load("fsdd");
  if (IsSkipped()) return;
  EXPECT_EQ(dataset_.recordings.size(), 1600u);
  EXPECT_EQ(dataset_.classes.size(), 10u);
  EXPECT_EQ(groups_of(dataset_),
            (std::vector<std::string>{"jackson", "nicolas", "theo", "yweweler"}));
  int64_t n = 0, total = 0, absolute = 0;
  const auto scales = choose_scales(dataset_.recordings);
  for (const Recording& r : dataset_.recordings) {
    for (int16_t count : to_counts(r, scales).values)
      ++n, total += count, absolute += std::abs(count);
  }
  EXPECT_EQ(n, 5140028);
  EXPECT_EQ(total, -265780816);  // counts are the file's own int16, exactly
  EXPECT_EQ(absolute, 4496561336);
  EXPECT_EQ(leave_one_group_out(dataset_).size(), 4u);
}

TEST_F(Catalogue, SpokenWords) {
  load("speech-commands");
  if (IsSkipped()) return;
  EXPECT_EQ(dataset_.recordings.size(), 236u);
  EXPECT_EQ(dataset_.classes.size(), 30u);
  EXPECT_EQ(groups_of(dataset_).size(), 28u);
  EXPECT_EQ(n_samples(), 3751940);
  EXPECT_NEAR(sum(0, false) * 32768, -49302662, 1e-3);  // values are the file's own int16 / 2^15
  EXPECT_NEAR(sum(0, true) * 32768, 4264696980, 1e-1);
}

TEST_F(Catalogue, Bearing) {
  load("cwru-bearing");
  if (IsSkipped()) return;
  EXPECT_EQ(dataset_.classes, (std::vector<std::string>{"ball", "inner", "normal", "outer"}));
  EXPECT_EQ(groups_of(dataset_), (std::vector<std::string>{"14", "21", "7"}));
  EXPECT_EQ(n_samples(), 1256477);
  EXPECT_NEAR(sum(0, true), 226439.33796, 0.01);
  for (const Split& split : leave_one_group_out(dataset_)) {
    std::set<std::string> tested;
    for (size_t i : split.test) tested.insert(dataset_.recordings[i].label);
    EXPECT_EQ(tested.size(), 4u) << split.sentence;
  }
}

// Downloads: runs only when asked for, as MOTE_TEST_FETCH=1.
TEST_F(Catalogue, BasicMotionsIsFetchedAndRead) {
  if (!std::getenv("MOTE_TEST_FETCH"))
    GTEST_SKIP() << "MOTE_TEST_FETCH is not set: nothing is downloaded";
  const TemporaryFolder cache;
  setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
  const CatalogueEntry& entry = find_entry("basic-motions");
  const auto folder = fetch(entry, diagnostics_);
  EXPECT_EQ(fetch(entry, diagnostics_), folder);
  dataset_ = read_dataset(options_in(entry, folder), diagnostics_);
  unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(dataset_.sha256, entry.sha256);
  EXPECT_EQ(all_text(diagnostics_.warnings()), "");
  EXPECT_EQ(dataset_.recordings.size(), 80u);
  EXPECT_EQ(n_of("Badminton"), 20);
  EXPECT_EQ(n_samples(), 8000);
  double total = 0;
  for (size_t axis = 0; axis < 6; ++axis) total += sum(axis, true);
  EXPECT_NEAR(total, 61841.765629 + 58233.253597, 0.01);
  const Split split = split_by_folder(dataset_, options_in(entry, folder).test);
  EXPECT_EQ(split.test.size(), 40u);
}

TEST(CatalogueNames, AreUniqueAndUnknownOnesNameTheNearest) {
  std::set<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second);
    EXPECT_EQ(entry.sha256.size(), 64u) << entry.name;
    EXPECT_FALSE(entry.licence.empty() || entry.source.empty() || entry.layout.empty());
  }
  try {
    find_entry("cow-inu");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean \"cow-imu\"?"), std::string::npos)
        << error.what();
  }
}

class Wheel : public testing::Test {
 protected:
  void SetUp() override {
    zip_t* archive = zip_open((folder_.path() / "a.whl").c_str(), ZIP_CREATE, nullptr);
    zip_file_add(archive, "pkg/data.ts", zip_source_buffer(archive, "abc", 3, 0), 0);
    ASSERT_EQ(zip_close(archive), 0);
  }
  std::string unpack(const WheelSource& wheel) {
    try {
      unpack_wheel(folder_.path() / "a.whl", wheel, folder_.path());
    } catch (const UserError& error) {
      return codes(error.diagnostics());
    }
    return "";
  }
  TemporaryFolder folder_;
};

TEST_F(Wheel, MembersAreUnpackedWhenTheirHashFits) {
  EXPECT_EQ(unpack({"pkg", {{"pkg/data.ts", "data.ts", sha256_hex("abc")}}}), "");
  EXPECT_EQ(*sha256_file(folder_.path() / "data.ts"), sha256_hex("abc"));
  EXPECT_EQ(unpack({"pkg", {{"pkg/data.ts", "other.ts", sha256_hex("abd")}}}), "wrong-hash");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "other.ts"));
  EXPECT_EQ(unpack({"pkg", {{"pkg/gone.ts", "gone.ts", sha256_hex("abc")}}}), "bad-wheel");
}

}  // namespace
}  // namespace mote
