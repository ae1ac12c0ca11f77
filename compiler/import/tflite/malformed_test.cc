// SPDX-License-Identifier: Apache-2.0
// Malformed .tflite files: the classes of what is wrong with models in the field, each with its
// message. Those of single layers are in malformed_layers_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/formats/tflite/model_builder.h"
#include "compiler/import/damage_test.h"

namespace mote {
namespace {

namespace format = tflite::format;
using tflite::ModelBuilder;

std::string refusal(const Bytes& bytes) {
  std::string text = test::refusal(import_tflite, bytes);
  return text.rfind("x: ", 0) == 0 ? text.substr(3) : text;
}

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
  EXPECT_EQ(refusal({}),
            "the file ends after 0 bytes; it must hold at least the 8 bytes of the header; "
            "copy or convert it again [damaged-file]");
  EXPECT_EQ(refusal(Bytes(64, 0)),
            "byte 4: this is no .tflite file, the identifier TFL3 is missing; name a "
            ".tflite, .onnx, .pt2, .pt, .ptl or .pte file [no-tflite]");
  // A root offset into the file's own header: seen in the field as an out-of-bounds read.
  EXPECT_EQ(refusal({0x18, 0, 0, 0, 'T', 'F', 'L', '3'}),
            "an offset, a table or a vector points outside of the file's 8 bytes; the file "
            "is cut short or damaged; copy or convert it again [damaged-file]");
}

TEST(MalformedTflite, Shapes) {
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}), "");
  EXPECT_EQ(of_shapes({1, -4}, {1, 4}),
            "tensor 0 \"t0\": dimension 1 is -4; give every dimension a fixed size when "
            "the model is converted [wrong-shape]");
  EXPECT_EQ(of_shapes({1, 1, 1, 1, 1, 1, 1, 1, 4}, {1, 4}),
            "tensor 0 \"t0\": it has 9 dimensions; mote takes at most 8 [wrong-shape]");
  EXPECT_EQ(of_shapes({65536, 65536, 65536, 65536}, {1, 4}),
            "tensor 0 \"t0\": its elements are more than 2 GB [wrong-shape]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 5}),
            "operator 0 SOFTMAX \"t1\": the file gives output 0 as s8[1, 5]; from its "
            "inputs follows s8[1, 4]; convert the model again [wrong-output]");
}

TEST(MalformedTflite, Scales) {
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, per_tensor(0, 0)),
            "tensor 0 \"t0\": scale 0.0 is not a positive number; quantise the model "
            "again [wrong-quantization]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, per_tensor(-1, 0)),
            "tensor 0 \"t0\": scale -1.0 is not a positive number; quantise the model "
            "again [wrong-quantization]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, per_tensor(1, 128)),
            "tensor 0 \"t0\": zero point 128 does not fit INT8; quantise the model again "
            "[wrong-quantization]");
  EXPECT_EQ(of_shapes({1, 4}, {1, 4}, {{1, 1, 1}, {0, 0, 0}, 1}),
            "tensor 0 \"t0\": 3 scales along dimension 1 do not fit its shape "
            "[wrong-quantization]");
}

TEST(MalformedTflite, Indices) {
  Parts parts;
  const int32_t x = parts.tensor({1, 4}, per_tensor(1, 0));
  EXPECT_EQ(refusal(parts.softmax(x, 7)),
            "subgraph outputs: tensor 7 does not exist; there are 1; the file is "
            "damaged; convert the model again [wrong-tensor]");
  Parts self;
  const int32_t t = self.tensor({1, 4}, per_tensor(1, 0));
  EXPECT_EQ(refusal(self.softmax(t, t)),
            "operator 0 SOFTMAX \"t0\": tensor 0 is a constant, an input or another "
            "operator's output already [wrong-output]");
}

TEST(MalformedTflite, ATensorThatMustBeGiven) {
  Parts parts;
  const int32_t x = parts.tensor({1, 4}, per_tensor(1, 0));
  EXPECT_EQ(refusal(parts.softmax(-1, x)),
            "subgraph inputs: tensor -1 does not exist; there are 1; the file is damaged; convert "
            "the model again [wrong-tensor]");
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
            "operator 0 MyOperator \"y\": mote does not know this custom operator; add a "
            "rule for it: CONTRIBUTING.md, \"Take an operator of a model\" [unsupported-operator]");
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
            "operator 0 ADD_N \"y\": the layer has no input; convert the model again "
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

// ---- the container

// A whole model whose root, vtable or vector is changed: `at` is where four bytes are written.
std::string with_u32(Bytes bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = uint8_t(value >> (8 * i));
  return refusal(bytes);
}

Bytes small_model() {
  Parts parts;
  const int32_t x = parts.tensor({1, 4}, per_tensor(1, 3));
  return parts.softmax(x, parts.tensor({1, 4}, per_tensor(1.0f / 256, -128)));
}

uint32_t u32_at(const Bytes& bytes, size_t at) {
  return uint32_t(bytes[at]) | uint32_t(bytes[at + 1]) << 8 | uint32_t(bytes[at + 2]) << 16 |
         uint32_t(bytes[at + 3]) << 24;
}

constexpr const char* kOutside = "an offset, a table or a vector points outside of the file's ";

TEST(MalformedTflite, Offsets) {
  const Bytes bytes = small_model();
  ASSERT_EQ(refusal(bytes), "");
  const size_t root = u32_at(bytes, 0);
  const auto* model = format::GetModel(bytes.data());
  const auto offset_of = [&](const void* p) {
    return size_t(static_cast<const uint8_t*>(p) - bytes.data());
  };
  const size_t subgraphs = offset_of(model->subgraphs());
  for (const uint32_t wrong : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    EXPECT_NE(with_u32(bytes, 0, wrong).find(kOutside), std::string::npos) << wrong;
    if (wrong < 2) continue;
    EXPECT_NE(with_u32(bytes, root, wrong).find(kOutside), std::string::npos) << wrong;
    EXPECT_NE(with_u32(bytes, subgraphs, wrong).find(kOutside), std::string::npos) << wrong;
    EXPECT_NE(with_u32(bytes, subgraphs + 4, wrong).find(kOutside), std::string::npos) << wrong;
  }
  EXPECT_EQ(with_u32(bytes, subgraphs, 0),
            "the model has no subgraph; convert it again [no-subgraph]");
}

// A model of tables that a test fills in; what it leaves out is absent.
struct Tables {
  flatbuffers::FlatBufferBuilder flat;
  uint32_t version = 3;
  std::vector<flatbuffers::Offset<format::Tensor>> tensors;
  std::vector<flatbuffers::Offset<format::Operator>> operators;
  std::vector<flatbuffers::Offset<format::OperatorCode>> codes;
  std::vector<flatbuffers::Offset<format::Buffer>> buffers;
  std::vector<int32_t> inputs{0}, outputs{1};

  // relu(x) = y, whose operator code and tensors' buffer are the arguments.
  Tables(uint32_t code, uint32_t buffer) {
    const Shape shape{1, 4};
    buffers = {format::CreateBuffer(flat)};
    for (const char* name : {"x", "y"})
      tensors.push_back(
          format::CreateTensorDirect(flat, &shape, format::TensorType::FLOAT32, buffer, name));
    const auto relu = format::BuiltinOperator::RELU;
    codes = {format::CreateOperatorCodeDirect(flat, int8_t(relu), nullptr, 1, relu)};
    operators = {format::CreateOperatorDirect(flat, code, &inputs, &outputs)};
  }
  std::string refused() {
    const std::vector<flatbuffers::Offset<format::SubGraph>> subgraphs = {
        format::CreateSubGraphDirect(flat, &tensors, &inputs, &outputs, &operators)};
    format::FinishModelBuffer(
        flat, format::CreateModelDirect(flat, version, &codes, &subgraphs, nullptr, &buffers));
    return refusal({flat.GetBufferPointer(), flat.GetBufferPointer() + flat.GetSize()});
  }
};

TEST(MalformedTflite, VersionsAndAbsentTables) {
  EXPECT_EQ(Tables(0, 0).refused(), "");
  Tables old(0, 0);
  old.version = 2;
  EXPECT_EQ(old.refused(),
            "the model is of schema version 2; mote reads version 3 [wrong-version]");
  Tables no_buffers(0, 0);
  no_buffers.buffers.clear();
  EXPECT_EQ(no_buffers.refused(), "");
  Tables no_codes(0, 0);
  no_codes.codes.clear();
  EXPECT_EQ(no_codes.refused(),
            "operator 0: operator code 0 does not exist; there are 0; the file is damaged; convert "
            "the model again [wrong-operator]");
  Tables no_tensors(0, 0);
  no_tensors.tensors.clear();
  EXPECT_EQ(no_tensors.refused(),
            "subgraph inputs: tensor 0 does not exist; there are 0; the file is damaged; convert "
            "the model again [wrong-tensor]");
  Tables no_operators(0, 0);
  no_operators.operators.clear();
  EXPECT_EQ(no_operators.refused(), "subgraph outputs: tensor 1 is never computed [wrong-output]");
  Tables no_inputs(0, 0);
  no_inputs.inputs.clear();
  EXPECT_EQ(no_inputs.refused(),
            "operator 0 RELU \"y\": tensor 0 is used before it is computed; operators must stand "
            "in their order of execution [wrong-order]");
  Tables no_outputs(0, 0);
  no_outputs.outputs.clear();
  EXPECT_EQ(no_outputs.refused(), "the model has no output [no-output]");
}

TEST(MalformedTflite, OperatorCodesAndBuffers) {
  EXPECT_EQ(Tables(7, 0).refused(),
            "operator 0: operator code 7 does not exist; there are 1; the file is damaged; convert "
            "the model again [wrong-operator]");
  EXPECT_EQ(Tables(UINT32_MAX, 0).refused(),
            "operator 0: operator code 4294967295 does not exist; there are 1; the file is "
            "damaged; convert the model again [wrong-operator]");
  EXPECT_EQ(Tables(0, 9999).refused(),
            "tensor 0 \"x\": buffer 9999 does not exist; there are 1; the file is damaged; convert "
            "the model again [wrong-buffer]");
  EXPECT_EQ(Tables(0, UINT32_MAX).refused(),
            "tensor 0 \"x\": buffer 4294967295 does not exist; there are 1; the file is damaged; "
            "convert the model again [wrong-buffer]");
}

// ---- constants

std::string of_constant(const Shape& shape, const Bytes& data,
                        format::TensorType type = format::TensorType::FLOAT32) {
  ModelBuilder builder;
  const auto f32 = format::TensorType::FLOAT32;
  const int32_t x = builder.add_tensor({"x", f32, {1, 4}, {}});
  const int32_t c = builder.add_tensor({"c", type, shape, {}, &data});
  const int32_t y = builder.add_tensor({"y", f32, {1, 4}, {}});
  tflite::OperatorSpec op;
  op.code = format::BuiltinOperator::MAXIMUM;
  op.inputs = {x, c};
  op.outputs = {y};
  builder.add_operator(op);
  builder.end_subgraph("main", {x}, {y});
  return refusal(builder.finish());
}

TEST(MalformedTflite, Constants) {
  EXPECT_EQ(of_constant({1, 4}, Bytes(16)), "");
  EXPECT_EQ(of_constant({1, 4}, Bytes(15)),
            "tensor 1 \"c\": its data are 15 bytes; FLOAT32 of this shape takes 16; the file is "
            "damaged; convert the model again [wrong-data-size]");
  EXPECT_EQ(of_constant({1, 4}, Bytes(17)),
            "tensor 1 \"c\": its data are 17 bytes; FLOAT32 of this shape takes 16; the file is "
            "damaged; convert the model again [wrong-data-size]");
  EXPECT_EQ(of_constant({0, 4}, Bytes(4)),
            "tensor 1 \"c\": its data are 4 bytes; FLOAT32 of this shape takes 0; the file is "
            "damaged; convert the model again [wrong-data-size]");
  EXPECT_EQ(of_constant({1, 5}, Bytes(20)),
            "operator 0 MAXIMUM \"y\": input 1 has 5 elements where another has 4; dimensions must "
            "be equal or 1, counted from the last [wrong-shape]");
  EXPECT_EQ(of_constant({1, 4}, Bytes(4), format::TensorType::STRING),
            "operator 0 MAXIMUM \"y\": constant \"c\" is of type STRING; mote takes float32, "
            "float16, integers of 4 to 64 bits and bool [wrong-type]");
  EXPECT_EQ(of_constant({1, 4}, Bytes(32), format::TensorType::FLOAT64),
            "operator 0 MAXIMUM \"y\": constant \"c\" is of type FLOAT64; mote takes float32, "
            "float16, integers of 4 to 64 bits and bool [wrong-type]");
  EXPECT_EQ(of_constant({1, 4}, Bytes(4), format::TensorType(99)),
            "tensor 1 \"c\": element type 99 is unknown [unknown-type]");
}

// Two tensors may have one buffer.
TEST(MalformedTflite, OneBufferOfTwoConstants) {
  Tables tables(0, 0);
  const Bytes data(16, 0);
  const Shape shape{1, 4};
  tables.buffers.push_back(format::CreateBufferDirect(tables.flat, &data));
  for (const char* name : {"a", "b"})
    tables.tensors.push_back(
        format::CreateTensorDirect(tables.flat, &shape, format::TensorType::FLOAT32, 1, name));
  EXPECT_EQ(tables.refused(), "");
}

// ---- scales

TEST(MalformedTflite, ScalesThatAreNoNumbers) {
  for (const float scale : {std::numeric_limits<float>::quiet_NaN(), HUGE_VALF,
                            std::numeric_limits<float>::denorm_min()})
    EXPECT_NE(of_shapes({1, 4}, {1, 4}, per_tensor(scale, 0))
                  .find("is not a positive number; quantise the model again [wrong-quantization]"),
              std::string::npos)
        << scale;
  EXPECT_EQ(
      of_shapes({1, 4}, {1, 4}, {{1, 1, 1, 1}, {0, 0, 0, 0}, 7}),
      "tensor 0 \"t0\": 4 scales along dimension 7 do not fit its shape [wrong-quantization]");
  EXPECT_EQ(
      of_shapes({1, 4}, {1, 4}, {{1, 1, 1, 1}, {0, 0, 0, 0}, -1}),
      "tensor 0 \"t0\": 4 scales along dimension -1 do not fit its shape [wrong-quantization]");
  Parts parts;
  const int32_t x = parts.tensor({1, 4}, per_tensor(1, 0));
  EXPECT_EQ(refusal(parts.softmax(x, parts.tensor({1, 4}, per_tensor(1.0f / 256, 5)))),
            "operator 0 SOFTMAX \"t1\": the file gives output 0 another scale than the operator "
            "has; quantise the model again [wrong-quantization]");
}

// Bug: zero points were read as aligned numbers; the verifier aligns a vector by its length alone,
// which is half as wide.
TEST(MalformedTflite, ZeroPointsAtAnOddMultipleOfFourBytes) {
  Bytes bytes = small_model();
  const auto* tensor = format::GetModel(bytes.data())->subgraphs()->Get(0)->tensors()->Get(0);
  const auto* table = reinterpret_cast<const flatbuffers::Table*>(tensor->quantization());
  const auto field =
      size_t(table->GetAddressOf(format::QuantizationParameters::VT_ZERO_POINT) - bytes.data());
  bytes.resize((bytes.size() + 7) / 8 * 8);
  const size_t vector = bytes.size();
  const int64_t zero_point = -77;
  bytes.insert(bytes.end(), {1, 0, 0, 0});
  const auto* numbers = reinterpret_cast<const uint8_t*>(&zero_point);
  bytes.insert(bytes.end(), numbers, numbers + 8);
  for (size_t i = 0; i < 4; ++i) bytes[field + i] = uint8_t((vector - field) >> (8 * i));
  Diagnostics diagnostics;
  const Graph graph = import_tflite({bytes, "model", "x"}, {}, diagnostics);
  EXPECT_EQ(graph.value(graph.streams[0].value).quantization.zero_point(), -77);
}

}  // namespace
}  // namespace mote
