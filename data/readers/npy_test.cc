// SPDX-License-Identifier: Apache-2.0
// .npy and .npz: every number type, both orders, archives; headers that lie, pickles.
#include "data/readers/npy.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <cstring>

#include "data/readers/npz.h"
#include "data/readers/temporary_file.h"

namespace mote {
namespace {

std::string npy(const std::string& type, const std::string& shape, const std::string& data,
                const std::string& order = "False") {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }";
  header.resize((header.size() + 10) / 64 * 64 + 64 - 10, ' ');
  header.back() = '\n';
  const uint16_t length = uint16_t(header.size());
  return std::string("\x93NUMPY\x01\x00", 8) + char(length & 255) + char(length >> 8) + header +
         data;
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

using Floats = std::vector<float>;

class Npy : public testing::Test {
 protected:
  Npy() { options_.rate_hz = 100; }
  Floats read(const std::string& bytes) {
    recordings_ = read_npy(folder_.write("a.npy", bytes), options_, diagnostics_);
    return recordings_.empty() ? Floats() : recordings_[0].values;
  }
  std::string errors() const { return codes(diagnostics_.errors()); }

  void write_npz(const std::vector<std::pair<std::string, std::string>>& members) {
    std::filesystem::remove(folder_.path() / "a.npz");
    zip_t* archive = zip_open((folder_.path() / "a.npz").c_str(), ZIP_CREATE, nullptr);
    for (const auto& [name, bytes] : members) {
      zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
      zip_file_add(archive, (name + ".npy").c_str(), source, 0);
    }
    zip_close(archive);
  }
  Floats read_archive() {
    recordings_ = read_npz(folder_.path() / "a.npz", options_, diagnostics_);
    return recordings_.empty() ? Floats() : recordings_[0].values;
  }

  TemporaryFolder folder_;
  Diagnostics diagnostics_;
  ReadOptions options_;
  std::vector<Recording> recordings_;
};

// 48 million names of axes took 4 GB (found by fuzzing).
TEST_F(Npy, ClaimsOfMoreAxesThanNumbersAreRefused) {
  read(npy("<i4", "0, 48312107", ""));
  EXPECT_EQ(errors(), "npy-shape");
  EXPECT_EQ(diagnostics_.errors().at(0).message, "has 48312107 axes, 65536 are taken");
}

TEST_F(Npy, EveryType) {
  EXPECT_EQ(read(npy("<f4", "2,", bytes_of<float>({0.1f, -2}))), (Floats{0.1f, -2}));
  EXPECT_EQ(read(npy("<f8", "2,", bytes_of<double>({0.1, -2}))), (Floats{0.1f, -2}));
  EXPECT_EQ(read(npy("|i1", "2,", bytes_of<int8_t>({-128, 127}))), (Floats{-128, 127}));
  EXPECT_EQ(read(npy("|u1", "2,", bytes_of<uint8_t>({0, 255}))), (Floats{0, 255}));
  EXPECT_EQ(read(npy("<i2", "2,", bytes_of<int16_t>({-32768, 32767}))), (Floats{-32768, 32767}));
  EXPECT_EQ(read(npy("<i4", "2,", bytes_of<int32_t>({-70000, 70000}))), (Floats{-70000, 70000}));
  EXPECT_EQ(all_text(diagnostics_.errors()), "");
  EXPECT_EQ(recordings_[0].axes[0].name, "x");
}

TEST_F(Npy, BothOrders) {
  EXPECT_EQ(read(npy("<f4", "3, 2", bytes_of<float>({1, 2, 3, 4, 5, 6}))),
            (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read(npy("<f4", "3, 2", bytes_of<float>({1, 3, 5, 2, 4, 6}), "True")),
            (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(recordings_[0].axes[1].name, "axis_2");
  options_.axes = {"axis_2"};
  EXPECT_EQ(read(npy("<f4", "3, 2", bytes_of<float>({1, 2, 3, 4, 5, 6}))), (Floats{2, 4, 6}));
}

TEST_F(Npy, WhatIsRefused) {
  read(npy("|O", "1,", "abc"));
  read(npy(">f4", "1,", "abcd"));
  read(npy("<f4", "1, 1, 1", "abcd"));
  read(npy("<f4", "", "abcd"));
  read(npy("<f4", "2,", "abcd"));
  read(npy("<f4", "1,", "abcdefgh"));
  read(npy("<f8", "2147483648, 2147483648", "abcdefgh"));
  read("PK\x03\x04");
  EXPECT_EQ(errors(),
            "npy-object npy-type npy-shape npy-shape npy-size npy-size npy-size npy-header");
}

TEST_F(Npy, EmptyArrays) {
  read(npy("<f4", "0,", ""));
  read(npy("<f4", "3, 0", ""));
  EXPECT_EQ(errors(), "no-samples no-samples");
}

TEST_F(Npy, ArchiveMembersAreAxes) {
  write_npz({{"b", npy("<i2", "2,", bytes_of<int16_t>({1, 2}))},
             {"a", npy("<f4", "2,", bytes_of<float>({3, 4}))}});
  EXPECT_EQ(read_archive(), (Floats{1, 3, 2, 4}));
  options_.axes = {"a", "b"};
  EXPECT_EQ(read_archive(), (Floats{3, 1, 4, 2}));
  EXPECT_EQ(recordings_[0].axes[0].name, "a");
  options_.axes = {"a"};
  EXPECT_EQ(read_archive(), (Floats{3, 4}));
  EXPECT_EQ(all_text(diagnostics_.errors()), "");
}

TEST_F(Npy, ArchiveOfOneMatrixAndOfUnequalVectors) {
  write_npz({{"data", npy("<f4", "2, 2", bytes_of<float>({1, 2, 3, 4}))}});
  options_.axes = {"x", "y"};
  EXPECT_EQ(read_archive(), (Floats{1, 2, 3, 4}));
  EXPECT_EQ(recordings_[0].axes[1].name, "y");
  options_.axes = {};
  write_npz({{"b", npy("|i1", "2,", "ab")}, {"a", npy("|i1", "3,", "abc")}});
  read_archive();
  EXPECT_EQ(errors(), "npz-shapes");
}

TEST_F(Npy, PrefixesAndDamageNeverCrash) {
  const std::string bytes = npy("<f4", "3, 2", bytes_of<float>({1, 2, 3, 4, 5, 6}));
  expect_each_prefix_refused(folder_, "x.npy", bytes, options_, false);
  expect_no_crash_when_damaged(folder_, "x.npy", bytes, options_);
  write_npz({{"DE", npy("<f4", "4,", bytes_of<float>({1, 2, 3, 4}))}});
  std::ifstream file(folder_.path() / "a.npz", std::ios::binary);
  const std::string archive(std::istreambuf_iterator<char>(file), {});
  ASSERT_GT(archive.size(), 100u);
  expect_each_prefix_refused(folder_, "x.npz", archive, options_, false);
  expect_no_crash_when_damaged(folder_, "x.npz", archive, options_);
}

}  // namespace
}  // namespace mote
