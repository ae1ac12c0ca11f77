// SPDX-License-Identifier: Apache-2.0
// Whole .pt2 files of tests/conformance/pytorch against what PyTorch answered (write_pt2.py there):
// every operator that mote takes, models, decomposed programs. Quantised ones:
// tests/conformance/quantized_pt2_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "compiler/import/import.h"
#include "compiler/import/pytorch/archive_parts.h"
#include "graph/evaluator.h"
#include "graph/verify.h"

namespace mote::pytorch {
namespace {

// |a - b| <= 1e-5 max|reference| + 1e-6.
void expect_floats(const float* got, const float* wanted, int64_t count, const std::string& what) {
  float most = 0;
  for (int64_t i = 0; i < count; ++i) most = std::max(most, std::abs(wanted[i]));
  for (int64_t i = 0; i < count; ++i)
    ASSERT_LE(std::abs(got[i] - wanted[i]), 1e-5f * most + 1e-6f)
        << what << " [" << i << "]: " << got[i] << " instead of " << wanted[i];
}

class PyTorchModel : public testing::TestWithParam<const char*> {};

TEST_P(PyTorchModel, AnswersAsPyTorch) {
  const std::string name = GetParam();
  const Bytes archive = read_test_file(name + ".pt2"), expected = read_test_file(name + ".bin");
  ASSERT_FALSE(archive.empty());
  Diagnostics diagnostics;
  const Graph graph = import_pt2({archive, name, name + ".pt2"}, {}, diagnostics);
  Diagnostics findings;
  verify(graph, findings);
  ASSERT_TRUE(findings.errors().empty()) << to_string(findings.errors()[0]);
  const Stream& stream = graph.streams.at(0);
  Bytes sample(static_cast<size_t>(sample_bytes(graph, stream)));
  size_t at = 0;
  for (const SamplePart& part : sample_parts(graph, stream)) {
    const auto bytes = size_t(graph.value(part.value).bytes());
    ASSERT_LE(at + bytes, expected.size());
    std::memcpy(sample.data() + part.offset, expected.data() + at, bytes);
    at += bytes;
  }
  Evaluator evaluator(graph);
  evaluator.push(0, sample.data());
  for (ValueId id : graph.outputs) {
    const Value& value = graph.value(id);
    const auto got = evaluator.bytes(id);
    ASSERT_LE(at + got.size(), expected.size()) << value.name;
    if (value.type == ElementType::f32) {
      std::vector<float> wanted(size_t(value.elements())), numbers(wanted.size());
      std::memcpy(wanted.data(), expected.data() + at, got.size());
      std::memcpy(numbers.data(), got.data(), got.size());
      expect_floats(numbers.data(), wanted.data(), value.elements(), value.name);
    } else {
      EXPECT_EQ(std::memcmp(got.data(), expected.data() + at, got.size()), 0) << value.name;
    }
    at += got.size();
  }
  EXPECT_EQ(at, expected.size());
}

constexpr const char* kModels[] = {"activations", "cnn",         "cnn_decomposed",
                                   "ds_cnn",      "elementwise", "images",
                                   "layers",      "mlp",         "movement",
                                   "recurrent",   "reductions",  "streaming",
                                   "strided",     "transformer", "transformer_decomposed"};

INSTANTIATE_TEST_SUITE_P(Files, PyTorchModel, testing::ValuesIn(kModels),
                         [](const auto& given) { return std::string(given.param); });

TEST(PyTorchModels, BatchNormsBehindConvolutionsAreFolded) {
  Diagnostics diagnostics;
  const Bytes archive = read_test_file("ds_cnn.pt2");
  const Graph graph = import_pt2({archive, "m", "m.pt2"}, {}, diagnostics);
  for (const Node& node : graph.nodes)
    EXPECT_TRUE(node.op->name != "mul" && node.op->name != "add") << node.name;
}

}  // namespace
}  // namespace mote::pytorch
