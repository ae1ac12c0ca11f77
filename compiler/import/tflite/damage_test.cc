// SPDX-License-Identifier: Apache-2.0
// Damaged and hostile .tflite files: every truncation and every byte of small models, and the
// classes of malformed input with their messages. No crash, no bug of ours, no wrong graph.
// Environment: MOTE_DATA (the models of others; skips without it).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "compiler/formats/tflite/model_builder.h"
#include "compiler/import/import.h"
#include "graph/verify.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
namespace format = tflite::format;
using tflite::ModelBuilder;

// The first diagnostic as text; "" where the file is taken. What is taken must be a graph.
std::string refusal(const Bytes& bytes) {
  Diagnostics diagnostics;
  try {
    const Graph graph = import_tflite({bytes, "model", "x.tflite"}, {}, diagnostics);
    Diagnostics findings;
    verify(graph, findings);
    EXPECT_TRUE(findings.errors().empty()) << to_string(findings.errors()[0]);
    return "";
  } catch (const UserError& error) {
    return to_string(error.diagnostics().at(0));
  }
}

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
  }
  Bytes bytes_;
};

TEST_P(DamagedModel, EveryTruncationIsRefused) {
  for (size_t n = 0; n < bytes_.size(); n += n < 64 ? 1 : 7) {
    const std::string text = refusal(Bytes(bytes_.begin(), bytes_.begin() + long(n)));
    EXPECT_NE(text, "") << n << " bytes";
  }
}

// Of each byte 16 other values; weights may be any number, so that many are still models.
TEST_P(DamagedModel, EveryByteWithOtherValues) {
  int refused = 0;
  for (size_t i = 0; i < bytes_.size(); ++i) {
    const uint8_t original = bytes_[i];
    for (int k = 1; k <= 16; ++k) {
      bytes_[i] = k <= 8 ? uint8_t(original ^ (1 << (k - 1))) : uint8_t(original + 17 * k);
      refused += refusal(bytes_) != "";
    }
    bytes_[i] = original;
  }
  EXPECT_GT(refused, 100);
}

INSTANTIATE_TEST_SUITE_P(Small, DamagedModel,
                         testing::Values("tflite-micro__hello_world_int8.tflite",
                                         "tflite-micro__hello_world_float.tflite",
                                         "tflite-micro__audio_preprocessor_int8.tflite"),
                         [](const auto& test) {
                           std::string name(test.param);
                           for (char& c : name)
                             if (!std::isalnum(uint8_t(c))) c = '_';
                           return name;
                         });

// ---- classes of malformed input, each with its message

struct Parts {
  ModelBuilder builder;
  int32_t tensor(const Shape& shape, const Quantization& q = {},
                 format::TensorType type = format::TensorType::INT8) {
    return builder.add_tensor({"t" + std::to_string(count++), type, shape, q});
  }
  Bytes softmax(int32_t x, int32_t y) {
    tflite::OperatorSpec op;
    op.code = format::BuiltinOperator::SOFTMAX;
    op.inputs = {x};
    op.outputs = {y};
    op.options = {format::BuiltinOptions::SoftmaxOptions,
                  format::CreateSoftmaxOptions(builder.flat(), 1.0f).Union()};
    builder.add_operator(op);
    builder.end_subgraph("main", {x}, {y});
    return builder.finish();
  }
  int32_t count = 0;
};

std::string of_shapes(const Shape& x, const Shape& y, const Quantization& q = per_tensor(1, 0)) {
  Parts parts;
  const int32_t in = parts.tensor(x, q);
  const int32_t out = parts.tensor(y, per_tensor(1.0f / 256, -128));
  return refusal(parts.softmax(in, out));
}

TEST(MalformedTflite, WhatIsNoModel) {
  EXPECT_EQ(
      refusal({}),
      "x.tflite: the file ends after 0 bytes; it must hold at least the 8 bytes of the header; "
      "copy or convert it again [damaged-file]");
  EXPECT_EQ(refusal(Bytes(64, 0)),
            "x.tflite: byte 4: this is no .tflite file, the identifier TFL3 is missing; name a "
            ".tflite, .onnx, .pt2, .pt, .ptl or .pte file [no-tflite]");
  // A root offset into the file's own header: seen in the field as an out-of-bounds read.
  EXPECT_EQ(
      refusal({0x18, 0, 0, 0, 'T', 'F', 'L', '3'}),
      "x.tflite: an offset, a table or a vector points outside of the file's 8 bytes; the file "
      "is cut short or damaged; copy or convert it again [damaged-file]");
}

TEST(MalformedTflite, Shapes) {
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}), "");
  EXPECT_EQ(of_shapes({1, -4}, {1, 4}),
            "x.tflite: tensor 0 \"t0\": dimension 1 is -4; give every dimension a fixed size when "
            "the model is converted [wrong-shape]");
  EXPECT_EQ(of_shapes({1, 1, 1, 1, 1, 1, 1, 1, 4}, {1, 4}),
            "x.tflite: tensor 0 \"t0\": it has 9 dimensions; mote takes at most 8 [wrong-shape]");
  EXPECT_EQ(of_shapes({65536, 65536, 65536, 65536}, {1, 4}),
            "x.tflite: tensor 0 \"t0\": its elements are more than 2 GB [wrong-shape]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 5}),
            "x.tflite: operator 0 SOFTMAX \"t1\": the file gives output 0 as s8[1, 5]; from its "
            "inputs follows s8[1, 4]; convert the model again [wrong-output]");
}

TEST(MalformedTflite, Scales) {
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, per_tensor(0, 0)),
            "x.tflite: tensor 0 \"t0\": scale 0.0 is not a positive number; quantise the model "
            "again [wrong-quantization]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, per_tensor(-1, 0)),
            "x.tflite: tensor 0 \"t0\": scale -1.0 is not a positive number; quantise the model "
            "again [wrong-quantization]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, per_tensor(1, 128)),
            "x.tflite: tensor 0 \"t0\": zero point 128 does not fit INT8; quantise the model again "
            "[wrong-quantization]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, {{1, 1, 1}, {0, 0, 0}, 1}),
            "x.tflite: tensor 0 \"t0\": 3 scales along dimension 1 do not fit its shape "
            "[wrong-quantization]");
}

TEST(MalformedTflite, Indices) {
  Parts parts;
  const int32_t x = parts.tensor({1, 4}, per_tensor(1, 0));
  EXPECT_EQ(refusal(parts.softmax(x, 7)),
            "x.tflite: subgraph outputs: tensor 7 does not exist; there are 1; the file is "
            "damaged; convert the model again [wrong-tensor]");
  Parts self;
  const int32_t t = self.tensor({1, 4}, per_tensor(1, 0));
  EXPECT_EQ(refusal(self.softmax(t, t)),
            "x.tflite: operator 0 SOFTMAX \"t0\": tensor 0 is a constant, an input or another "
            "operator's output already [wrong-output]");
}

TEST(MalformedTflite, UnknownOperatorsAreAllNamed) {
  ModelBuilder builder;
  const int32_t x = builder.add_tensor({"x", format::TensorType::FLOAT32, {1, 4}, {}});
  const int32_t y = builder.add_tensor({"y", format::TensorType::FLOAT32, {1, 4}, {}});
  tflite::OperatorSpec op;
  op.custom_code = "MyOperator";
  op.inputs = {x};
  op.outputs = {y};
  builder.add_operator(op);
  builder.end_subgraph("main", {x}, {y});
  EXPECT_EQ(refusal(builder.finish()),
            "x.tflite: operator 0 MyOperator \"y\": mote does not know this custom operator; add a "
            "rule for it: CONTRIBUTING.md, \"Add an operator\" [unsupported-operator]");
}

// Bug: an operator without inputs was computed as one of constants.
TEST(MalformedTflite, AnOperatorWithoutInputs) {
  ModelBuilder builder;
  const int32_t x = builder.add_tensor({"x", format::TensorType::FLOAT32, {1, 4}, {}});
  const int32_t y = builder.add_tensor({"y", format::TensorType::FLOAT32, {1, 4}, {}});
  tflite::OperatorSpec op;
  op.code = format::BuiltinOperator::ADD_N;
  op.outputs = {y};
  builder.add_operator(op);
  builder.end_subgraph("main", {x}, {y});
  EXPECT_EQ(refusal(builder.finish()),
            "x.tflite: operator 0 ADD_N \"y\": the layer has no input; convert the model again "
            "[missing-input]");
}

// Bug: the shape of a tensor that holds no numbers was multiplied out, and overflowed.
TEST(MalformedTflite, AHandleOfAbsurdShape) {
  Parts parts;
  const int32_t x = parts.tensor({1, 4}, per_tensor(1, 0));
  const int32_t y = parts.tensor({1, 4}, per_tensor(1.0f / 256, -128));
  parts.tensor({-2147483647, 2147483647, 2147483647}, {}, format::TensorType::RESOURCE);
  EXPECT_EQ(refusal(parts.softmax(x, y)), "");
}

}  // namespace
}  // namespace mote
