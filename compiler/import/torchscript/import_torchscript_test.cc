// SPDX-License-Identifier: Apache-2.0
// TorchScript files written by testdata/write_models.py: their answers against PyTorch's, and what
// is refused. Environment: MOTE_SOURCE_DIR. Skips what needs libtorch where mote was built without
// it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "compiler/import/import.h"
#include "graph/evaluator.h"
#include "graph/verify.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  const char* source = std::getenv("MOTE_SOURCE_DIR");
  return fs::path(source ? source : ".") / "compiler/import/torchscript/testdata";
}
Bytes read(const std::string& name) {
  std::ifstream file(folder() / name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

Graph imported(const std::string& name, const std::vector<Shape>& shapes) {
  const Bytes bytes = read(name + ".pt");
  ImportOptions options;
  for (const Shape& shape : shapes) options.inputs.push_back({ElementType::f32, shape});
  Diagnostics diagnostics, findings;
  Graph graph = import_torchscript({bytes, name, name + ".pt"}, options, diagnostics);
  verify(graph, findings);
  EXPECT_TRUE(findings.errors().empty()) << to_string(findings.errors()[0]);
  return graph;
}
std::string refusal(const std::string& name, const std::vector<Shape>& shapes) {
  try {
    imported(name, shapes);
  } catch (const UserError& error) {
    return to_string(error.diagnostics().at(0));
  }
  return "";
}

class TorchScript : public testing::Test {
 protected:
  void SetUp() override {
    if (refusal("mlp", {{1, 10}}).find("[torchscript-missing]") != std::string::npos)
      GTEST_SKIP() << "mote was built without libtorch: no TorchScript file can be read";
  }

  // |a - b| <= 1e-5 * max|reference| + 1e-6.
  void expect_answer(const std::string& name, const std::vector<Shape>& shapes) {
    const Graph graph = imported(name, shapes);
    const Bytes bytes = read(name + ".numbers");
    std::vector<float> numbers(bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    size_t inputs = 0;
    for (const Shape& shape : shapes) inputs += size_t(element_count(shape));
    ASSERT_LT(inputs, numbers.size());
    Evaluator evaluator(graph);
    evaluator.push(0, numbers.data());
    const auto result = evaluator.bytes(graph.outputs.at(0));
    std::vector<float> y(result.size() / sizeof(float));
    std::memcpy(y.data(), result.data(), result.size());
    ASSERT_EQ(y.size(), numbers.size() - inputs);
    float largest = 0;
    for (size_t i = inputs; i < numbers.size(); ++i)
      largest = std::max(largest, std::fabs(numbers[i]));
    for (size_t i = 0; i < y.size(); ++i)
      EXPECT_NEAR(y[i], numbers[inputs + i], 1e-5f * largest + 1e-6f) << name << " " << i;
  }
};

TEST_F(TorchScript, Mlp) { expect_answer("mlp", {{1, 10}}); }
TEST_F(TorchScript, CnnWithBatchNorm) { expect_answer("cnn", {{1, 2, 12, 12}}); }
TEST_F(TorchScript, TracedDsCnn) { expect_answer("ds_cnn", {{1, 1, 20, 8}}); }
TEST_F(TorchScript, Gru) { expect_answer("gru", {{1, 5, 4}}); }
TEST_F(TorchScript, Lstm) { expect_answer("lstm", {{1, 5, 4}}); }
TEST_F(TorchScript, LoopsBranchesAndListsThatShapesDecide) {
  expect_answer("residual", {{1, 6}, {1, 2}});
}

TEST_F(TorchScript, ShapesAreAskedFor) {
  EXPECT_EQ(refusal("mlp", {}),
            "mlp.pt: a TorchScript file keeps no shape of its input \"x.1\"; say it: --input-shape "
            "1,3,32,32 (once for each input, in order; s64:1,10 for integers) [no-shape]");
}

TEST_F(TorchScript, AsManyShapesAsInputs) {
  const std::string text = refusal("residual", {{1, 6}});
  EXPECT_NE(text.find("the model has 2 inputs"), std::string::npos) << text;
}

TEST_F(TorchScript, ShapesThatDoNotFit) {
  const std::string text = refusal("mlp", {{1, 11}});
  EXPECT_NE(text.find("does not run on inputs of these shapes"), std::string::npos) << text;
}

TEST_F(TorchScript, BranchesThatNumbersDecideAreRefused) {
  const std::string text = refusal("depends_on_numbers", {{1, 4}});
  EXPECT_NE(text.find("aten::Bool"), std::string::npos) << text;
  EXPECT_NE(text.find("depends on the model's input"), std::string::npos) << text;
}

TEST_F(TorchScript, StateIsRefused) {
  const std::string text = refusal("counter", {{1, 4}});
  EXPECT_NE(text.find("keeps \"seen\" from one call to the next"), std::string::npos) << text;
}

TEST_F(TorchScript, OlderQuantisationIsRefusedByName) {
  const std::string text = refusal("quantized", {{1, 4}});
  EXPECT_NE(text.find("aten::quantize_per_tensor"), std::string::npos) << text;
}

TEST(TorchScriptFile, StateDictsHoldNoProgram) {
  const std::string text = refusal("state_dict", {{1, 10}});
  EXPECT_NE(text.find("it is no TorchScript file"), std::string::npos) << text;
}

}  // namespace
}  // namespace mote
