// SPDX-License-Identifier: Apache-2.0
// Whole .pt2 files of tests/conformance/pytorch against what PyTorch answered (write_models.py
// there): every operator that mote takes, models, decomposed programs. Quantised ones:
// tests/conformance/quantized_pt2_test.cc.
#include <gtest/gtest.h>

#include "compiler/import/pytorch/answers_test.h"
#include "compiler/import/pytorch/archive_parts.h"

namespace mote::pytorch {
namespace {

class PyTorchModel : public testing::TestWithParam<const char*> {};

TEST_P(PyTorchModel, AnswersAsPyTorch) {
  const std::string name = GetParam();
  test::expect_answers(import_pt2, read_test_file(name + ".pt2"), read_test_file(name + ".bin"));
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
