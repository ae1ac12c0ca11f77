// SPDX-License-Identifier: Apache-2.0
// Whole .pte files of tests/conformance/pytorch, not delegated, against what PyTorch answered
// (write_models.py there). A quantised one: tests/conformance/quantized_pt2_test.cc.
#include <gtest/gtest.h>

#include "compiler/import/pytorch/answers_test.h"
#include "compiler/import/pytorch/archive_parts.h"

namespace mote::executorch {
namespace {

class ExecutorchModel : public testing::TestWithParam<const char*> {};

TEST_P(ExecutorchModel, AnswersAsPyTorch) {
  const std::string name = GetParam();
  test::expect_answers(import_executorch, pytorch::read_test_file(name + ".pte"),
                       pytorch::read_test_file(name + ".bin"));
}

INSTANTIATE_TEST_SUITE_P(Files, ExecutorchModel,
                         testing::Values("activations", "channels_last", "cnn", "ds_cnn",
                                         "elementwise", "mlp", "reductions", "small_recurrent",
                                         "strided", "transformer"),
                         [](const auto& given) { return std::string(given.param); });

}  // namespace
}  // namespace mote::executorch
