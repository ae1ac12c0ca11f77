// SPDX-License-Identifier: Apache-2.0
// Malformed layers of .tflite files, each with its message: windows, axes, indices, subgraphs,
// options. Those of the file as a whole are in malformed_test.cc.
#include <gtest/gtest.h>

#include <functional>

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

using Spec = tflite::OperatorSpec;

// x [1, 4, 4, 1] and weights [1, 3, 3, 1] to y of `output`, in float32.
std::string of_conv(
    const Shape& weights, const Shape& output,
    const std::function<tflite::OptionsTable(flatbuffers::FlatBufferBuilder&)>& options) {
  ModelBuilder builder;
  const auto f32 = format::TensorType::FLOAT32;
  const Bytes data(size_t(element_count(weights)) * 4);
  const int32_t x = builder.add_tensor({"x", f32, {1, 4, 4, 1}, {}});
  const int32_t w = builder.add_tensor({"w", f32, weights, {}, &data});
  const int32_t y = builder.add_tensor({"y", f32, output, {}});
  Spec op;
  op.code = format::BuiltinOperator::CONV_2D;
  op.inputs = {x, w};
  op.outputs = {y};
  op.options = options(builder.flat());
  builder.add_operator(op);
  builder.end_subgraph("main", {x}, {y});
  return refusal(builder.finish());
}
std::string of_strides(int32_t stride, int32_t dilation) {
  return of_conv({1, 3, 3, 1}, {1, 2, 2, 1}, [&](auto& flat) -> tflite::OptionsTable {
    return {format::BuiltinOptions::Conv2DOptions,
            format::CreateConv2DOptions(flat, format::Padding::VALID, stride, stride,
                                        format::ActivationFunctionType::NONE, dilation, dilation)
                .Union()};
  });
}

TEST(MalformedTfliteLayers, Windows) {
  EXPECT_EQ(of_strides(1, 1), "");
  EXPECT_EQ(of_strides(0, 1),
            "operator 0 CONV_2D \"y\": stride_h is 0; use 1 to 65535 [wrong-attribute]");
  EXPECT_EQ(of_strides(-1, 1),
            "operator 0 CONV_2D \"y\": stride_h is -1; use 1 to 65535 [wrong-attribute]");
  EXPECT_EQ(of_strides(1, 0),
            "operator 0 CONV_2D \"y\": dilation_h is 0; use 1 to 65535 [wrong-attribute]");
  EXPECT_EQ(of_strides(1, INT32_MAX),
            "operator 0 CONV_2D \"y\": dilation_h is 2147483647; use 1 to 65535 [wrong-attribute]");
  EXPECT_EQ(of_strides(INT32_MAX, 1),
            "operator 0 CONV_2D \"y\": stride_h is 2147483647; use 1 to 65535 [wrong-attribute]");
  const auto plain = [](auto& flat) -> tflite::OptionsTable {
    return {format::BuiltinOptions::Conv2DOptions,
            format::CreateConv2DOptions(flat, format::Padding::VALID, 1, 1).Union()};
  };
  EXPECT_EQ(of_conv({1, 3, 3, 2}, {1, 2, 2, 1}, plain),
            "operator 0 CONV_2D \"y\": the input must be [batches, height, width, channels] and "
            "the weights [out, kernel height, kernel width, depth]; the channels a multiple of "
            "depth, out a multiple of channels / depth; reshape the input [wrong-shape]");
  EXPECT_EQ(of_conv({1, 5, 5, 1}, {1, 2, 2, 1}, plain),
            "operator 0 CONV_2D \"y\": the kernel spans 5 and the input's height is 4; use a "
            "smaller kernel or dilation, padding = \"same\", or a larger input [wrong-shape]");
  EXPECT_EQ(of_conv({1, 3, 3}, {1, 2, 2, 1}, plain),
            "operator 0 CONV_2D \"y\": the input must be [batches, height, width, channels] and "
            "the weights [out, kernel height, kernel width, depth]; the channels a multiple of "
            "depth, out a multiple of channels / depth; reshape the input [wrong-shape]");
  EXPECT_EQ(of_conv({1, 3, 3, 0}, {1, 2, 2, 1}, plain),
            "operator 0 CONV_2D \"y\": constant \"w\" has no elements [wrong-shape]");
  EXPECT_EQ(of_conv({1, 3, 3, 1}, {1, 2, 2, 1}, [](auto&) { return tflite::OptionsTable{}; }),
            "operator 0 CONV_2D \"y\": its options are missing or another operator's; the file is "
            "damaged; convert the model again [missing-options]");
  EXPECT_EQ(
      of_conv({1, 3, 3, 1}, {1, 2, 2, 1},
              [](auto& flat) -> tflite::OptionsTable {
                return {format::BuiltinOptions::AddOptions, format::CreateAddOptions(flat).Union()};
              }),
      "operator 0 CONV_2D \"y\": its options are missing or another operator's; the file is "
      "damaged; convert the model again [missing-options]");
}

// x [2, 3] through an operator whose second input is a constant of integers.
std::string of_integers(
    format::BuiltinOperator code, const std::vector<int32_t>& list, const Shape& output,
    const std::function<tflite::OptionsTable(flatbuffers::FlatBufferBuilder&)>& options = nullptr) {
  ModelBuilder builder;
  const auto f32 = format::TensorType::FLOAT32;
  const auto* bytes = reinterpret_cast<const uint8_t*>(list.data());
  const Bytes data(bytes, bytes + 4 * list.size());
  const int32_t x = builder.add_tensor({"x", f32, {2, 3}, {}});
  const int32_t c =
      builder.add_tensor({"c", format::TensorType::INT32, {int32_t(list.size())}, {}, &data});
  const int32_t y = builder.add_tensor({"y", f32, output, {}});
  Spec op;
  op.code = code;
  op.inputs = {x, c};
  op.outputs = {y};
  if (options) op.options = options(builder.flat());
  builder.add_operator(op);
  builder.end_subgraph("main", {x}, {y});
  return refusal(builder.finish());
}

TEST(MalformedTfliteLayers, AxesAndIndices) {
  using Op = format::BuiltinOperator;
  const auto reduce = [](auto& flat) -> tflite::OptionsTable {
    return {format::BuiltinOptions::ReducerOptions, format::CreateReducerOptions(flat).Union()};
  };
  const auto gather = [](auto& flat) -> tflite::OptionsTable {
    return {format::BuiltinOptions::GatherOptions, format::CreateGatherOptions(flat, 0).Union()};
  };
  EXPECT_EQ(of_integers(Op::REDUCE_MAX, {1}, {2}, reduce), "");
  EXPECT_EQ(of_integers(Op::REDUCE_MAX, {2}, {2}, reduce),
            "operator 0 REDUCE_MAX \"y\": there is no axis 2; the input has 2 dimensions "
            "[wrong-attribute]");
  EXPECT_EQ(of_integers(Op::REDUCE_MAX, {-3}, {2}, reduce),
            "operator 0 REDUCE_MAX \"y\": there is no axis -3; the input has 2 dimensions "
            "[wrong-attribute]");
  EXPECT_EQ(of_integers(Op::REDUCE_MAX, {1, 1}, {2}, reduce), "");
  EXPECT_EQ(
      of_integers(Op::TRANSPOSE, {0, 0}, {3, 2}),
      "operator 0 TRANSPOSE \"y\": perm is no permutation of the dimensions [wrong-attribute]");
  EXPECT_EQ(
      of_integers(Op::TRANSPOSE, {0, 2}, {3, 2}),
      "operator 0 TRANSPOSE \"y\": perm is no permutation of the dimensions [wrong-attribute]");
  EXPECT_EQ(
      of_integers(Op::TRANSPOSE, {0}, {3, 2}),
      "operator 0 TRANSPOSE \"y\": perm must name each of the 2 dimensions once [wrong-attribute]");
  EXPECT_EQ(of_integers(Op::GATHER, {1, 0}, {2, 3}, gather), "");
  // An index outside is clamped when the layer runs, and a wrong shape is overruled by the
  // output's.
  EXPECT_EQ(of_integers(Op::GATHER, {2, 0}, {2, 3}, gather), "");
  EXPECT_EQ(of_integers(Op::GATHER, {-1, 0}, {2, 3}, gather), "");
  EXPECT_EQ(
      of_integers(Op::PAD, {0, 0, 0, INT32_MAX}, {2, 3}),
      "operator 0 PAD \"y\": a dimension of 2147483650 makes the tensor too large [wrong-shape]");
  EXPECT_EQ(of_integers(Op::PAD, {-1, 0, 0, 0}, {2, 3}),
            "operator 0 PAD \"y\": it is padded by a negative number [wrong-attribute]");
  EXPECT_EQ(
      of_integers(Op::TILE, {65536, 65536}, {2, 3}),
      "operator 0 TILE \"y\": a dimension of 196608 makes the tensor too large [wrong-shape]");
  EXPECT_EQ(of_integers(Op::RESHAPE, {-1, -1}, {2, 3}), "");
  EXPECT_EQ(of_integers(Op::RESHAPE, {65536, 65536}, {2, 3}), "");
}

TEST(MalformedTfliteLayers, Subgraphs) {
  const auto of_branches = [](int32_t then, int32_t otherwise) {
    ModelBuilder builder;
    const int32_t c = builder.add_tensor({"c", format::TensorType::BOOL, {1}, {}});
    const int32_t y = builder.add_tensor({"y", format::TensorType::FLOAT32, {1}, {}});
    Spec op;
    op.code = format::BuiltinOperator::IF;
    op.inputs = {c};
    op.outputs = {y};
    op.options = {format::BuiltinOptions::IfOptions,
                  format::CreateIfOptions(builder.flat(), then, otherwise).Union()};
    builder.add_operator(op);
    builder.end_subgraph("main", {c}, {y});
    return refusal(builder.finish());
  };
  EXPECT_EQ(of_branches(0, 0),
            "operator 0 IF \"y\": subgraph 0 does not exist [wrong-subgraph]");  // itself
  EXPECT_EQ(of_branches(1, 1), "operator 0 IF \"y\": subgraph 1 does not exist [wrong-subgraph]");
  EXPECT_EQ(of_branches(-1, 1), "operator 0 IF \"y\": subgraph -1 does not exist [wrong-subgraph]");
}

TEST(MalformedTfliteLayers, CustomOptions) {
  ModelBuilder builder;
  const auto s16 = format::TensorType::INT16;
  const int32_t x = builder.add_tensor({"x", s16, {1, 160}, {}});
  const int32_t y = builder.add_tensor({"y", s16, {1, 160}, {}});
  Spec op;
  op.custom_code = "SignalDelay";
  op.inputs = {x};
  op.outputs = {y};
  op.custom_options = {1, 2, 3};
  builder.add_operator(op);
  builder.end_subgraph("main", {x}, {y});
  EXPECT_EQ(refusal(builder.finish()),
            "operator 0 SignalDelay \"y\": its options are missing or damaged; convert the model "
            "again [missing-options]");
}

}  // namespace
}  // namespace mote
