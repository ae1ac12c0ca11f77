// SPDX-License-Identifier: Apache-2.0
// Damaged .tflite files: every truncation and every byte of small models. The classes of malformed
// input are in malformed_test.cc.
// Environment: MOTE_DATA (the models of others; skips without it).
#include "compiler/import/damage_test.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "compiler/formats/tflite/model_builder.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
namespace format = tflite::format;
using tflite::ModelBuilder;
using tflite::OperatorSpec;

Bytes read_model(const char* name) {
  const char* data = std::getenv("MOTE_DATA");
  std::ifstream file(fs::path(data ? data : "") / "models/tflite" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class DamagedModel : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::getenv("MOTE_DATA")) GTEST_SKIP() << "MOTE_DATA is not set: no models to damage";
    bytes_ = read_model(GetParam());
    ASSERT_GT(bytes_.size(), 1000u);
    ASSERT_LT(bytes_.size(), 10240u);
    ASSERT_EQ(test::refusal(import_tflite, bytes_), "");
  }
  Bytes bytes_;
};

TEST_P(DamagedModel, EveryTruncation) { test::expect_truncations_refused(import_tflite, bytes_); }
TEST_P(DamagedModel, EveryByte) { test::expect_other_bytes(import_tflite, bytes_); }

INSTANTIATE_TEST_SUITE_P(Small, DamagedModel,
                         testing::Values("tflite-micro__hello_world_int8.tflite",
                                         "tflite-micro__hello_world_float.tflite",
                                         "tflite-micro__audio_preprocessor_int8.tflite",
                                         "tflite-micro__audio_preprocessor_float.tflite",
                                         "TinyMaix__mnist_valid_q.tflite",
                                         "TinyMaix__mnist_valid_f.tflite"),
                         [](const auto& test) {
                           std::string name(test.param);
                           for (char& c : name)
                             if (!std::isalnum(uint8_t(c))) c = '_';
                           return name;
                         });

OperatorSpec spec(format::BuiltinOperator code, std::vector<int32_t> inputs,
                  std::vector<int32_t> outputs, tflite::OptionsTable options = {}) {
  OperatorSpec op;
  op.code = code;
  op.inputs = std::move(inputs);
  op.outputs = std::move(outputs);
  op.options = options;
  return op;
}

// y = c ? relu(x) : x, where c is a bool that comes in; each branch is a subgraph.
Bytes branch_model() {
  ModelBuilder builder;
  using Op = format::BuiltinOperator;
  const auto number = [&](const char* name) {
    return builder.add_tensor({name, format::TensorType::FLOAT32, {2}, {}, nullptr, false});
  };
  const int32_t c = builder.add_tensor({"c", format::TensorType::BOOL, {1}, {}, nullptr, false});
  const int32_t x = number("x"), y = number("y");
  builder.add_operator(spec(
      Op::IF, {c, x}, {y},
      {format::BuiltinOptions::IfOptions, format::CreateIfOptions(builder.flat(), 1, 2).Union()}));
  builder.end_subgraph("main", {c, x}, {y});
  const int32_t a = number("a"), b = number("b");
  builder.add_operator(spec(Op::RELU, {a}, {b}));
  builder.end_subgraph("then", {a}, {b});
  const int32_t d = number("d");
  builder.end_subgraph("else", {d}, {d});
  return builder.finish();
}

TEST(DamagedBranches, EveryTruncation) {
  ASSERT_EQ(test::refusal(import_tflite, branch_model()), "");
  test::expect_truncations_refused(import_tflite, branch_model());
}
TEST(DamagedBranches, EveryByte) { test::expect_other_bytes(import_tflite, branch_model()); }

}  // namespace
}  // namespace mote
