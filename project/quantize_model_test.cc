// SPDX-License-Identifier: Apache-2.0
// mote quantize from files to a file: samples with and without labels, what is written reads back,
// what is refused.
#include "project/quantize_model.h"

#include <gtest/gtest.h>

#include "data/npy.h"
#include "graph/scratch_folder.h"
#include "graph/text.h"
#include "ops/registry.h"
#include "project/evaluate_model.h"
#include "project/store.h"
#include "quantize/test_networks.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using namespace testing_graphs;

class QuantizeModel : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(data());
    write_file(options_.model = folder_.path() / "cnn.graph.txt", print(random_cnn(3, 4)));
    options_.data = data();
    options_.out = folder_.path() / "cnn.int8.graph.txt";
  }
  fs::path data() const { return folder_.path() / "samples"; }

  // `n` samples of the network's input, as one stack.
  void write_samples(const std::string& file, int32_t n) {
    const std::vector<float> numbers = normal_numbers(random_, 80 * n);
    const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
    write_file(data() / file,
               npy_bytes(ElementType::f32, {n, 1, 10, 8, 1}, {bytes, numbers.size() * 4}));
  }
  template <class T>
  void write_labels(ElementType type, const std::vector<T>& labels) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(labels.data());
    write_file(data() / "labels.npy",
               npy_bytes(type, {int32_t(labels.size())}, {bytes, labels.size() * sizeof(T)}));
  }
  // What the float network decides of each sample.
  std::vector<int32_t> decisions() {
    const Graph graph = load_model(options_.model, {}, diagnostics_);
    const LabelledSamples samples = read_labelled_samples(graph, data(), {}, diagnostics_);
    std::vector<int32_t> labels;
    for (const Bytes& output : answer(graph, samples.samples).outputs) {
      const auto* scores = reinterpret_cast<const float*>(output.data());
      labels.push_back(int32_t(std::max_element(scores, scores + 4) - scores));
    }
    return labels;
  }
  QuantizedModel quantized() { return quantize_model(options_, {}, diagnostics_); }
  std::string refusal() {
    try {
      quantized();
    } catch (const UserError& error) {
      return error.what();
    }
    return "taken";
  }

  ScratchFolder folder_;
  QuantizeOptions options_;
  Diagnostics diagnostics_;
  Random random_{4};
};

TEST_F(QuantizeModel, WithoutLabelsCountsOtherDecisions) {
  write_samples("a.npy", 30);
  write_samples("b.npy", 30);
  options_.max_loss = 10;
  const QuantizedModel model = quantized();
  EXPECT_EQ(model.measure, Measure::agreement);
  EXPECT_EQ(model.calibration_samples, 45);
  EXPECT_EQ(model.measured_samples, 60);
  EXPECT_LE(model.search.cost, 10);
  EXPECT_LT(model.integer_bytes, model.float_bytes / 2);
  const Graph read = load_model(options_.out, {}, diagnostics_);
  EXPECT_EQ(print(read), print(model.search.graph));
  for (const Value& value : read.values) EXPECT_NE(value.type, ElementType::f32) << value.name;
}

TEST_F(QuantizeModel, WithLabelsCountsAccuracyAndEvaluatesTheSame) {
  write_samples("x.npy", 60);
  std::vector<int32_t> labels = decisions();
  for (size_t i = 0; i < labels.size(); i += 10) labels[i] = (labels[i] + 1) % 4;
  write_labels(ElementType::s32, labels);
  options_.max_loss = 10;
  options_.precision = Precision::w8a16;
  const QuantizedModel model = quantized();
  EXPECT_EQ(model.measure, Measure::accuracy);
  EXPECT_NEAR(model.accuracy_float, 90, 10);
  const Graph read = load_model(options_.out, {}, diagnostics_);
  EXPECT_EQ(read.value(read.streams[0].value).type, ElementType::s16);
  const LabelledSamples samples = read_labelled_samples(read, data(), {}, diagnostics_);
  EXPECT_NEAR(evaluate_model(read, samples, {}).scores.accuracy, 0.9, 0.05);
  EXPECT_NE(to_text(model).find("points of accuracy"), std::string::npos);
  EXPECT_NE(to_json(model).find("\"measure\": \"accuracy\""), std::string::npos);
}

TEST_F(QuantizeModel, WritesTflite) {
  write_samples("x.npy", 20);
  options_.out = folder_.path() / "cnn.tflite";
  options_.max_loss = 100;
  quantized();
  const Graph read = load_model(options_.out, {}, diagnostics_);
  EXPECT_EQ(read.value(read.streams[0].value).type, ElementType::s8);
}

TEST_F(QuantizeModel, RefusesWhatItCannotUse) {
  EXPECT_EQ(refusal(), data().string() +
                           ": the folder holds no .npy file and is no trained project; save the "
                           "samples there with np.save, or name a project's folder [no-samples]");
  write_samples("x.npy", 20);
  write_labels<int32_t>(ElementType::s32, {1, 2, 3});
  EXPECT_EQ(refusal(), (data() / "labels.npy").string() +
                           ": it holds 3 labels for 20 samples; save one label a sample, in the "
                           "order of the files [wrong-input]");
  write_labels<float>(ElementType::f32, std::vector<float>(20, 1));
  EXPECT_EQ(refusal(), (data() / "labels.npy").string() +
                           ": labels must be integers; save labels.astype(np.int32) [wrong-input]");
  options_.data = folder_.path() / "nowhere";
  EXPECT_EQ(refusal(), options_.data.string() +
                           ": there is no such folder; name a folder of .npy files or a trained "
                           "project [no-samples]");
  EXPECT_FALSE(fs::exists(options_.out));
}

// Such a name has no folder to make; the search once ran to its end before that was an error.
TEST_F(QuantizeModel, WritesIntoTheCurrentFolder) {
  write_samples("x.npy", 20);
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  options_.out = "cnn.graph.txt";
  options_.max_loss = 100;
  EXPECT_EQ(refusal(), "taken");
  fs::current_path(before);
}

TEST_F(QuantizeModel, RefusesAFolderAsFileBeforeItReadsTheModel) {
  options_.model = "nowhere.onnx";
  options_.out = folder_.path();
  EXPECT_EQ(refusal(), folder_.path().string() +
                           ": the file cannot be written: Is a directory; check the disk and the "
                           "folder's rights [cannot-write]");
}

TEST_F(QuantizeModel, RefusesAnIntegerModel) {
  write_samples("x.npy", 20);
  options_.max_loss = 100;
  quantized();
  options_.model = options_.out;
  EXPECT_EQ(refusal(), options_.out.string() +
                           ": no layer of the model computes in float32; compile it as it is; a "
                           "model is quantised from its float form [not-float]");
}

// A recurrent layer over the rows of the samples, [1, 10, 8], then scores.
Graph recurrent_network(const OpDef& op, Random& random) {
  const bool lstm = &op == &lstm_op;
  const int32_t gates = lstm ? 1 : &op == &gru_op ? 3 : 1;
  Graph graph;
  const ValueId image = graph.add_tensor_stream("features", ElementType::f32, {1, 10, 8, 1}, {});
  std::vector<ValueId> inputs{
      graph.add_node(reshape_op, "rows", {image}, {{"shape", std::vector<int64_t>{1, 10, 8}}})};
  const auto add = [&](const std::string& name, const Shape& shape) {
    return graph.add_constant(name + std::to_string(graph.values.size()), ElementType::f32, shape,
                              reals(random, element_count(shape), 0.5f));
  };
  const int32_t of_each = lstm ? 4 : 1;
  for (int32_t i = 0; i < of_each; ++i) inputs.push_back(add("w", {gates * 6, 8}));
  for (int32_t i = 0; i < of_each; ++i) inputs.push_back(add("r", {gates * 6, 6}));
  const int32_t biases = lstm ? 4 : &op == &gru_op ? 2 : 1;
  for (int32_t i = 0; i < biases; ++i) inputs.push_back(add("b", {gates * 6}));
  const ValueId y = graph.add_node(op, "recurrent", inputs, {{"keeps_state", int64_t{0}}});
  const ValueId last =
      graph.add_node(reshape_op, "all", {y}, {{"shape", std::vector<int64_t>{1, 60}}});
  const ValueId scores =
      graph.add_node(fully_connected_op, "scores", {last, add("w", {4, 60}), add("b", {4})});
  graph.outputs = {graph.add_node(softmax_op, "softmax", {scores})};
  return graph;
}

TEST_F(QuantizeModel, TakesRecurrentLayers) {
  write_samples("x.npy", 40);
  for (const OpDef* op : {&lstm_op, &gru_op, &rnn_op})
    for (Precision precision : {Precision::w8a8, Precision::w8a16}) {
      write_file(options_.model, print(recurrent_network(*op, random_)));
      options_.precision = precision;
      options_.max_loss = 10;
      const QuantizedModel model = quantized();
      EXPECT_TRUE(model.search.report.float_layers.empty()) << op->name;
      EXPECT_LE(model.search.cost, 10) << op->name;
      const Graph read = load_model(options_.out, {}, diagnostics_);
      for (const Value& value : read.values) EXPECT_NE(value.type, ElementType::f32) << value.name;
      for (const Node& node : read.nodes) {
        if (node.op != op) continue;
        EXPECT_EQ(read.value(node.inputs[0]).type,
                  precision == Precision::w8a8 ? ElementType::s8 : ElementType::s16);
      }
    }
}

// The other recurrent layers have no operator in the format.
TEST_F(QuantizeModel, WritesAnLstmAsTflite) {
  write_samples("x.npy", 40);
  options_.out = folder_.path() / "recurrent.tflite";
  options_.max_loss = 100;
  write_file(options_.model, print(recurrent_network(lstm_op, random_)));
  quantized();
  const Graph read = load_model(options_.out, {}, diagnostics_);
  EXPECT_EQ(read.value(read.streams[0].value).type, ElementType::s8);
  write_file(options_.model, print(recurrent_network(gru_op, random_)));
  EXPECT_NE(refusal().find("no operator for gru"), std::string::npos);
}

// Numbers of f32 for an input of integers are brought to its scale.
TEST_F(QuantizeModel, RealNumbersFeedAnIntegerModel) {
  write_samples("x.npy", 20);
  options_.max_loss = 100;
  const QuantizedModel model = quantized();
  const Graph& graph = model.search.graph;
  const Value& input = graph.value(graph.streams[0].value);
  const ModelSamples samples = read_samples(graph, {(data() / "x.npy").string()}, diagnostics_);
  ASSERT_EQ(samples.count, 20);
  const ModelSamples real =
      read_samples(random_cnn(3, 4), {(data() / "x.npy").string()}, diagnostics_);
  for (size_t i = 0; i < 80; ++i)
    EXPECT_EQ(int8_t(samples.bytes[i]),
              to_integer(double(reinterpret_cast<const float*>(real.bytes.data())[i]),
                         input.quantization, ElementType::s8));
}

}  // namespace
}  // namespace mote
