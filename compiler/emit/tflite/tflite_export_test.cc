// SPDX-License-Identifier: Apache-2.0
// What the exported file says, read back with the flatbuffer verifier; what cannot be exported.
// That the runtimes accept the files and answer alike is tested in tests/conformance.
#include "compiler/emit/tflite/tflite_export.h"

#include <gtest/gtest.h>

#include "compiler/formats/tflite/tflite_generated.h"
#include "ops/registry.h"

namespace mote {
namespace {

namespace format = tflite_format;

// axes samples -> framer -> (fully_connected 6 -> 2, f32).
struct FramedNetwork {
  Graph graph;
  ValueId window;
  ValueId scores;
};

FramedNetwork framed_network() {
  FramedNetwork out;
  Graph& graph = out.graph;
  graph.name = "tractor";
  const ValueId sensor = graph.add_tensor_stream("imu", ElementType::f32, {3}, {});
  out.window = graph.add_node(framer_op, "window", {sensor},
                              {{"length", int64_t{4}}, {"stride", int64_t{2}}});
  const ValueId weights =
      graph.add_constant("weights", ElementType::f32, {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  out.scores = graph.add_node(fully_connected_op, "scores", {out.window, weights, -1},
                              {{"activation", std::string("relu6")}});
  graph.outputs = {out.scores};
  return out;
}

Graph integer_network() {
  Graph graph;
  const ValueId input =
      graph.add_tensor_stream("features", ElementType::s8, {2}, per_tensor(0.5f, -3));
  const ValueId weights =
      graph.add_constant("weights", ElementType::s8, {2, 2}, std::vector<int8_t>{1, -2, 3, -4},
                         {{0.25f, 0.125f}, {0, 0}, 0});
  const ValueId bias = graph.add_constant(
      "bias", ElementType::s32, {2}, std::vector<int32_t>{7, -9}, {{0.125f, 0.0625f}, {0, 0}, 0});
  graph.outputs = {graph.add_node(fully_connected_op, "scores", {input, weights, bias},
                                  {{"output_scale", 0.75}, {"output_zero_point", int64_t{5}}})};
  return graph;
}

const format::Model* verified(const Bytes& file) {
  flatbuffers::Verifier verifier(file.data(), file.size());
  EXPECT_TRUE(format::VerifyModelBuffer(verifier));
  return format::GetModel(file.data());
}

std::vector<Diagnostic> errors_of(const Graph& graph, const TfliteExportOptions& options) {
  Diagnostics diagnostics;
  try {
    export_tflite(graph, options, diagnostics);
  } catch (const UserError& error) {
    return error.diagnostics();
  }
  return {};
}

TEST(TfliteExport, WritesTheNetworkPartOnly) {
  const FramedNetwork network = framed_network();
  Diagnostics diagnostics;
  const Bytes file =
      export_tflite(network.graph, {{network.window}, {network.scores}}, diagnostics);
  const format::Model* model = verified(file);
  EXPECT_EQ(model->version(), 3u);
  const format::SubGraph* subgraph = model->subgraphs()->Get(0);
  ASSERT_EQ(subgraph->operators()->size(), 1u);
  const format::Operator* op = subgraph->operators()->Get(0);
  const format::OperatorCode* code = model->operator_codes()->Get(op->opcode_index());
  EXPECT_EQ(code->builtin_code(), format::BuiltinOperator::FULLY_CONNECTED);
  EXPECT_EQ(code->deprecated_builtin_code(), 9);
  EXPECT_EQ(op->builtin_options_as_FullyConnectedOptions()->fused_activation_function(),
            format::ActivationFunctionType::RELU6);
  EXPECT_EQ(op->inputs()->size(), 2u) << "a bias that is not given is left away";
  EXPECT_EQ(subgraph->tensors()->Get(subgraph->inputs()->Get(0))->name()->str(), "window");
}

TEST(TfliteExport, WritesQuantisationAndConstants) {
  Diagnostics diagnostics;
  const Bytes file = export_tflite(integer_network(), {}, diagnostics);
  const format::Model* model = verified(file);
  const format::SubGraph* subgraph = model->subgraphs()->Get(0);
  const auto* inputs = subgraph->operators()->Get(0)->inputs();
  const format::Tensor* features = subgraph->tensors()->Get(inputs->Get(0));
  EXPECT_EQ(features->type(), format::TensorType::INT8);
  EXPECT_EQ(features->shape()->size(), 2u)
      << "a batch dimension of 1 is expected before the features";
  EXPECT_EQ(features->quantization()->scale()->Get(0), 0.5f);
  EXPECT_EQ(features->quantization()->zero_point()->Get(0), -3);
  const format::Tensor* weights = subgraph->tensors()->Get(inputs->Get(1));
  EXPECT_EQ(weights->quantization()->scale()->size(), 2u);
  EXPECT_EQ(weights->quantization()->quantized_dimension(), 0);
  const auto* data = model->buffers()->Get(weights->buffer())->data();
  EXPECT_EQ(std::vector<int8_t>(data->begin(), data->end()), (std::vector<int8_t>{1, -2, 3, -4}));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data->data()) % 16,
            reinterpret_cast<uintptr_t>(file.data()) % 16)
      << "microcontrollers read weights in place: 16-byte aligned within the file";
}

const format::SubGraph* exported(const Graph& graph, Bytes& file, Diagnostics& diagnostics) {
  file = export_tflite(graph, {}, diagnostics);
  return verified(file)->subgraphs()->Get(0);
}

// LiteRT refuses a convolution without a bias.
TEST(TfliteExport, ConvolutionWithoutBiasGetsZeros) {
  Graph graph;
  const ValueId image =
      graph.add_tensor_stream("image", ElementType::s8, {1, 2, 2, 1}, per_tensor(0.5f, 0));
  const ValueId weights = graph.add_constant("weights", ElementType::s8, {2, 1, 1, 1},
                                             std::vector<int8_t>{1, 2}, {{0.25f, 2.0f}, {0, 0}, 0});
  graph.outputs = {graph.add_node(conv_2d_op, "conv", {image, weights, -1})};
  Bytes file;
  Diagnostics diagnostics;
  const format::SubGraph* subgraph = exported(graph, file, diagnostics);
  ASSERT_EQ(subgraph->operators()->Get(0)->inputs()->size(), 3u);
  const format::Tensor* bias =
      subgraph->tensors()->Get(subgraph->operators()->Get(0)->inputs()->Get(2));
  EXPECT_EQ(bias->type(), format::TensorType::INT32);
  EXPECT_EQ(bias->quantization()->scale()->Get(1), 1.0f);
  const auto* zeros = format::GetModel(file.data())->buffers()->Get(bias->buffer())->data();
  EXPECT_EQ(Bytes(zeros->begin(), zeros->end()), Bytes(8));
}

// TFLM reads beyond a constant of rank 1 beside tensors of rank 2.
TEST(TfliteExport, ConstantOperandHasTheRankOfTheOthers) {
  Graph graph;
  const Quantization quantization = per_tensor(0.5f, 0);
  const ValueId x = graph.add_tensor_stream("x", ElementType::s8, {2}, quantization);
  const ValueId constant = graph.add_constant("constant", ElementType::s8, {3},
                                              std::vector<int8_t>{1, 2, 3}, quantization);
  graph.outputs = {graph.add_node(concatenate_op, "both", {x, constant}, {{"axis", int64_t{0}}})};
  Bytes file;
  Diagnostics diagnostics;
  const format::SubGraph* subgraph = exported(graph, file, diagnostics);
  const format::Operator* op = subgraph->operators()->Get(0);
  EXPECT_EQ(subgraph->tensors()->Get(op->inputs()->Get(1))->shape()->size(), 2u);
  EXPECT_EQ(op->builtin_options_as_ConcatenationOptions()->axis(), 1);
}

TEST(TfliteExport, WarnsWhereMicroDiffers) {
  for (const char* name : {"relu", "relu6", "relu_n1_to_1"}) {
    Graph graph;
    const ValueId x = graph.add_tensor_stream("x", ElementType::s8, {2}, per_tensor(0.5f, 0));
    graph.outputs = {graph.add_node(activation_op, "clamp", {x},
                                    {{"activation", std::string(name)}, {"output_scale", 0.25}})};
    Bytes file;
    Diagnostics diagnostics;
    exported(graph, file, diagnostics);
    EXPECT_EQ(diagnostics.warnings().size(), name == std::string("relu") ? 0u : 1u) << name;
    for (const Diagnostic& warning : diagnostics.warnings())
      EXPECT_EQ(warning.place, "layer 0 activation \"clamp\"");
  }
}

// x [1, 2, 1] and one unit.
Graph small_lstm(const Attributes& attributes) {
  Graph graph;
  std::vector<ValueId> inputs{
      graph.add_tensor_stream("x", ElementType::s8, {1, 2, 1}, per_tensor(0.5f, 0))};
  const Quantization scale = per_tensor(1.0f / 64, 0);
  for (int i = 0; i < 12; ++i) {
    const std::string name = "w" + std::to_string(i);
    inputs.push_back(
        i < 8 ? graph.add_constant(name, ElementType::s8, {1, 1}, std::vector<int8_t>{1}, scale)
              : graph.add_constant(name, ElementType::s32, {1}, std::vector<int32_t>{1}));
  }
  graph.outputs = {graph.add_node(lstm_op, "lstm", inputs, attributes)};
  return graph;
}

TEST(TfliteExport, StatesBecomeVariables) {
  for (int64_t keeps_state : {0, 1}) {
    Bytes file;
    Diagnostics diagnostics;
    const format::SubGraph* subgraph = exported(
        small_lstm({{"output_scale", 1.0 / 64}, {"keeps_state", keeps_state}}), file, diagnostics);
    const format::Operator* op = subgraph->operators()->Get(0);
    ASSERT_EQ(op->inputs()->size(), 24u);
    EXPECT_EQ(op->intermediates()->size(), 5u);
    for (uint32_t i = 0; i < 24; ++i) {
      const bool given = i < 9 || (i >= 12 && i < 16) || i == 18 || i == 19;
      EXPECT_EQ(op->inputs()->Get(i) >= 0, given) << i;
      if (!given) continue;
      EXPECT_EQ(subgraph->tensors()->Get(op->inputs()->Get(i))->is_variable(), i >= 18) << i;
    }
    const auto* cell = subgraph->tensors()->Get(op->inputs()->Get(19));
    EXPECT_EQ(cell->type(), format::TensorType::INT16);
    EXPECT_EQ(cell->quantization()->scale()->Get(0), 1.0f / 2048);
    // A runtime of the format goes on with its state.
    EXPECT_EQ(diagnostics.warnings().size(), keeps_state ? 0u : 1u);
  }
}

TEST(TfliteExport, RefusesAnLstmThatTheFormatCannotSay) {
  for (const char* name : {"reverse", "final_state"}) {
    const std::vector<Diagnostic> errors =
        errors_of(small_lstm({{"output_scale", 1.0 / 64}, {name, int64_t(1)}}), {});
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].code, "no-tflite-operator");
    EXPECT_EQ(errors[0].place, "layer 0 lstm \"lstm\"");
  }
}

TEST(TfliteExport, RefusesGivenBorders) {
  Graph graph;
  graph.name = "borders";
  const ValueId x = graph.add_tensor_stream("x", ElementType::f32, {1, 4, 4, 1}, {});
  const ValueId w =
      graph.add_constant("w", ElementType::f32, {1, 3, 3, 1}, std::vector<float>(9, 1));
  graph.outputs = {graph.add_node(
      conv_2d_op, "conv", {x, w, -1},
      {{"padding", std::string("given")}, {"borders", std::vector<int64_t>{1, 1, 1, 1}}})};
  const std::vector<Diagnostic> errors = errors_of(graph, {});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, "no-tflite-operator");
}

TEST(TfliteExport, SameGraphSameBytes) {
  Diagnostics diagnostics;
  EXPECT_EQ(export_tflite(integer_network(), {}, diagnostics),
            export_tflite(integer_network(), {}, diagnostics));
}

TEST(TfliteExport, RefusesSignalBlocks) {
  const std::vector<Diagnostic> errors = errors_of(framed_network().graph, {});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, "no-tflite-operator");
  EXPECT_EQ(errors[0].place, "layer 0 framer \"window\"");
}

TEST(TfliteExport, RefusesAnInputThatIsNotGiven) {
  Graph graph;
  const ValueId features = graph.add_tensor_stream("features", ElementType::f32, {2}, {});
  const ValueId offsets = graph.add_tensor_stream("offsets", ElementType::f32, {2}, {});
  graph.outputs = {graph.add_node(add_op, "sum", {features, offsets})};
  const std::vector<Diagnostic> errors = errors_of(graph, {{features}, {}});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, "input-not-given");
  EXPECT_EQ(errors[0].place, "value \"offsets\"");
}

TEST(TfliteExport, RefusesAnEmptyPart) {
  const FramedNetwork network = framed_network();
  const std::vector<Diagnostic> errors =
      errors_of(network.graph, {{network.scores}, {network.scores}});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, "nothing-to-export");
}

}  // namespace
}  // namespace mote
