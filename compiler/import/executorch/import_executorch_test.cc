// SPDX-License-Identifier: Apache-2.0
// ExecuTorch programs: the sample of other people, its answer against one computed by the
// operators' definition, and damaged copies of it. No crash, no bug of ours, no wrong graph.
// Environment: MOTE_DATA (the sample; skips without it).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "compiler/import/damage_test.h"
#include "graph/evaluator.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::string refusal(const Bytes& bytes) { return test::refusal(import_executorch, bytes); }

class KeywordSpotting : public testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("MOTE_DATA");
    if (!data) GTEST_SKIP() << "MOTE_DATA is not set: no ExecuTorch program to read";
    std::ifstream file(fs::path(data) / "models/pytorch/executorch__KeywordSpotting_model.pte",
                       std::ios::binary);
    bytes_ = {std::istreambuf_iterator<char>(file), {}};
    ASSERT_EQ(bytes_.size(), 54192u);
  }
  void set(size_t at, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) bytes_[at + i] = uint8_t(value >> (8 * i));
  }
  // The place of the program's only occurrence of `text`.
  size_t find(const std::string& text) const {
    const auto at = std::search(bytes_.begin(), bytes_.end(), text.begin(), text.end());
    EXPECT_NE(at, bytes_.end()) << text;
    return size_t(at - bytes_.begin());
  }
  Bytes bytes_;
};

TEST_F(KeywordSpotting, AnswersAsItsOperatorsAreDefined) {
  // Computed apart from mote, in 64-bit integers by ExecuTorch's operators.py.
  const int kSteps[12] = {-70, -84, 125, -20, -105, -11, -28, -28, -128, -60, 31, 8};
  Diagnostics diagnostics;
  const Graph graph = import_executorch({bytes_, "kws", "x.pte"}, {}, diagnostics);
  ASSERT_EQ(graph.outputs.size(), 1u);
  Evaluator evaluator(graph);
  float x[490];
  for (int i = 0; i < 490; ++i) x[i] = float((i * 7919) % 601 - 300) * 0.75f;
  evaluator.push(0, x);
  const auto result = evaluator.bytes(graph.outputs[0]);
  float y[12];
  ASSERT_EQ(result.size(), sizeof(y));
  std::memcpy(y, result.data(), sizeof(y));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(y[i], float(kSteps[i] - 23) * 0.154293164611f) << i;
}

TEST_F(KeywordSpotting, TruncationsAreRefused) {
  for (size_t n = 0; n < bytes_.size(); n += n < 64 ? 1 : 997)
    EXPECT_NE(refusal(Bytes(bytes_.begin(), bytes_.begin() + long(n))), "") << n << " bytes";
}

// The program, without the weights behind it; every 13th byte in three ways.
TEST_F(KeywordSpotting, DamagedBytes) {
  int refused = 0;
  for (size_t i = 0; i < 14904; i += 13) {
    const uint8_t original = bytes_[i];
    for (const uint8_t other : {uint8_t(original ^ 1), uint8_t(original ^ 0x80), uint8_t(255)}) {
      bytes_[i] = other;
      refused += refusal(bytes_) != "";
    }
    bytes_[i] = original;
  }
  EXPECT_GT(refused, 100);
}

TEST_F(KeywordSpotting, SegmentsMustLieInTheFile) {
  set(24, 1u << 20, 8);
  EXPECT_NE(refusal(bytes_).find("byte 24: the segments lie outside"), std::string::npos);
}

TEST_F(KeywordSpotting, TheProgramMustLieInTheFile) {
  set(16, uint64_t(1) << 40, 8);
  EXPECT_NE(refusal(bytes_).find("byte 16: the program is said to take"), std::string::npos);
}

TEST_F(KeywordSpotting, UnknownOperatorsAreNamed) {
  bytes_[find("cortex_m::pad") + 10] = 'z';
  const std::string text = refusal(bytes_);
  EXPECT_NE(text.find("instruction 12 cortex_m::zad"), std::string::npos) << text;
}

TEST_F(KeywordSpotting, AnotherIdentifierIsNoProgram) {
  bytes_[4] = 'X';
  EXPECT_NE(refusal(bytes_).find("ET12"), std::string::npos);
}

}  // namespace
}  // namespace mote
