// SPDX-License-Identifier: Apache-2.0
// Networks that onnxruntime's quantiser made integers of, in ONNX's two forms, against what
// onnxruntime answers for 1,000 samples each: testdata/quantized_onnx, written by
// quantized_onnx_models.py. The two round differently (docs/formats/numbers.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "compiler/import/import.h"
#include "compiler/passes/layout.h"
#include "graph/evaluator.h"
#include "quantize/pairs.h"
#include "tests/conformance/generated_samples.h"

namespace mote::conformance {
namespace {

namespace fs = std::filesystem;

constexpr int32_t kSamples = 1000;

Bytes bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Bytes outputs_of(const Graph& graph) {
  std::vector<float> sample(size_t(graph.value(graph.streams[0].value).elements()));
  Evaluator evaluator(graph);
  Bytes all;
  uint32_t x = 1;
  for (int32_t n = 0; n < kSamples; ++n) {
    fill_sample(x, sample);
    evaluator.push(0, sample.data());
    const Bytes outputs = evaluator.outputs();
    all.insert(all.end(), outputs.begin(), outputs.end());
  }
  return all;
}

// Distances of 0, 1, 2 and more steps, and how often the largest number is at the same place.
struct Comparison {
  int64_t steps[4]{};
  int32_t same_first = 0;
};

Comparison compare(const Bytes& got, const Bytes& expected, bool is_signed) {
  const auto number = [&](uint8_t byte) { return is_signed ? int32_t(int8_t(byte)) : byte; };
  const auto first = [&](const Bytes& all, size_t begin, size_t count) {
    const auto less = [&](uint8_t a, uint8_t b) { return number(a) < number(b); };
    const auto row = all.begin() + int64_t(begin);
    return std::max_element(row, row + int64_t(count), less) - row;
  };
  Comparison found;
  for (size_t i = 0; i < got.size(); ++i)
    ++found.steps[std::min(3, std::abs(number(got[i]) - number(expected[i])))];
  const size_t row = got.size() / kSamples;
  for (size_t n = 0; n < kSamples; ++n)
    found.same_first += first(got, n * row, row) == first(expected, n * row, row);
  return found;
}

// Weights whose zero point is not 0: no convolution of ours takes them yet.
bool has_float_layers(const std::string& name) { return name.find("_u8_u8") != std::string::npos; }

TEST(QuantizedOnnx, OutputsAreNearOnnxruntimes) {
  const char* source = std::getenv("MOTE_SOURCE_DIR");
  ASSERT_TRUE(source);
  int32_t compared = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(source) / "tests/conformance/testdata/quantized_onnx")) {
    if (entry.path().extension() != ".onnx") continue;
    const std::string name = entry.path().stem().string();
    SCOPED_TRACE(name);
    Diagnostics diagnostics;
    const Graph graph =
        arrange_layout(fold_pairs(import_model(entry.path(), {}, diagnostics).graph, diagnostics));
    EXPECT_EQ(diagnostics.warnings().empty(), !has_float_layers(name));
    const Bytes expected = bytes_of(fs::path(entry.path()).replace_extension(".bin"));
    const Bytes got = outputs_of(graph);
    ASSERT_EQ(got.size(), expected.size());
    const bool is_signed = graph.value(graph.outputs[0]).type == ElementType::s8;
    const Comparison found = compare(got, expected, is_signed);
    std::cout << name << ": of " << got.size() << " outputs " << found.steps[1] << " differ by 1, "
              << found.steps[2] << " by 2; the largest at the same place in " << found.same_first
              << " of " << kSamples << "\n";
    // One step in front of a steep function becomes several behind it.
    EXPECT_LE(found.steps[3] * 2000, int64_t(got.size()));
    EXPECT_LT(found.steps[2] * 200, int64_t(got.size()));
    EXPECT_GE(found.same_first, 980);
    ++compared;
  }
  EXPECT_GE(compared, 12);
}

}  // namespace
}  // namespace mote::conformance
