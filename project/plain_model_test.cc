// SPDX-License-Identifier: Apache-2.0
// A model file from disk to outputs: imported, compiled, fed, run on the host under sanitizers,
// compared with another.
#include "project/plain_model.h"

#include <gtest/gtest.h>

#include <fstream>

#include "compiler/emit/tflite/tflite_export.h"
#include "data/npy.h"
#include "graph/scratch_folder.h"
#include "ops/registry.h"
#include "project/diff.h"
#include "project/inspect.h"
#include "project/store.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// x [1, 4] -> fully connected -> [1, 3]; the int8 form has the same numbers at scale 1/16.
Graph dense(bool integer) {
  Graph graph;
  graph.name = "dense";
  const auto type = integer ? ElementType::s8 : ElementType::f32;
  const Quantization q = integer ? per_tensor(1.0f / 16, 0) : Quantization{};
  const ValueId x = graph.add_tensor_stream("x", type, {1, 4}, q);
  const std::vector<float> real{0.5f, -0.25f, 1, 0, 0.125f, 2, -1, 0.5f, 0, 0, 0, 1};
  std::vector<int8_t> numbers;
  for (float w : real) numbers.push_back(int8_t(w * 16));
  const ValueId w = integer ? graph.add_constant("w", type, {3, 4}, numbers, q)
                            : graph.add_constant("w", type, {3, 4}, real);
  Attributes attributes;
  if (integer) attributes = {{"output_scale", 1.0 / 8}, {"output_zero_point", int64_t(0)}};
  graph.outputs = {graph.add_node(fully_connected_op, "y", {x, w, -1}, attributes)};
  return graph;
}

class PlainModel : public testing::Test {
 protected:
  fs::path write(bool integer) {
    const Bytes bytes = export_tflite(dense(integer), {}, diagnostics_);
    const fs::path path = folder_.path() / (integer ? "int8.tflite" : "float.tflite");
    write_file(path, std::string(bytes.begin(), bytes.end()));
    return path;
  }
  Compiled compiled(bool integer) { return compile_model(write(integer), {}, diagnostics_); }
  ModelSamples samples(const Graph& graph, const std::string& word) {
    return read_samples(graph, {word}, diagnostics_);
  }
  std::string npy(ElementType type, const Shape& shape, const Bytes& numbers) {
    const fs::path path = folder_.path() / "x.npy";
    write_file(path, npy_bytes(type, shape, numbers));
    return path.string();
  }
  std::string refusal(const Graph& graph, const std::string& word) {
    Diagnostics diagnostics;
    try {
      read_samples(graph, {word}, diagnostics);
    } catch (const UserError& error) {
      return error.diagnostics().at(0).message;
    }
    return "";
  }

  ScratchFolder folder_;
  Diagnostics diagnostics_;
};

TEST_F(PlainModel, RunsOnTheHostUnderSanitizersAndWritesItsOutputs) {
  const Compiled model = compiled(true);
  const Graph& graph = model.plan.graph;
  const ModelSamples given = samples(graph, "prng:12345");
  const ModelRun run = run_model(model, "host", given, folder_.path() / "work", {}, diagnostics_);
  EXPECT_TRUE(run.firmware.bit_exact) << run.firmware.difference;
  EXPECT_TRUE(run.firmware.self_test_passed);
  EXPECT_EQ(run.firmware.windows_verified, 2);  // a lone sample is played twice
  write_outputs(graph, run.answers, folder_.path() / "out");
  write_layers(graph, run.answers, folder_.path() / "out");
  const auto tensor =
      parse_npy_tensor(read_file(folder_.path() / "out/output_0.npy", ""), "output", diagnostics_);
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->shape, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(Bytes(tensor->data.begin(), tensor->data.end()), run.answers.outputs[0]);
  EXPECT_TRUE(fs::exists(folder_.path() / "out/layers/00_fully_connected.npy"));
}

// dense() and behind it a layer that does not read number 1.
Graph with_dead_channel() {
  Graph graph = dense(true);
  const ValueId w =
      graph.add_constant("v", ElementType::s8, {2, 3}, std::vector<int8_t>{9, 0, 4, -7, 0, 100},
                         per_tensor(1.0f / 16, 0));
  graph.outputs = {graph.add_node(fully_connected_op, "z", {graph.outputs[0], w, -1},
                                  {{"output_scale", 1.0 / 8}, {"output_zero_point", int64_t(0)}})};
  return graph;
}

// Outputs and layers are those of the model, what runs has lost channels.
TEST_F(PlainModel, WithDeadChannelsIsComparedWithTheWholeModel) {
  Compiled model = compile(with_dead_channel(), {}, diagnostics_);
  const ModelSamples given = samples(model.model(), "prng:12345");
  const fs::path work = folder_.path() / "work";
  const ModelRun run = run_model(model, "host", given, work, {}, diagnostics_);
  EXPECT_TRUE(run.firmware.bit_exact) << run.firmware.difference;
  EXPECT_EQ(run.answers.layers.at(model.model().nodes[0].outputs[0]).size(), 3u);
  const Inspection seen = inspect(model);
  EXPECT_EQ(seen.macs, 12 + 6);
  EXPECT_EQ(seen.live_macs, 8 + 4);
  EXPECT_EQ(seen.layers[0].output, "s8[1, 2]");
  Value& weights = model.whole->value(model.whole->nodes[1].inputs[1]);
  weights.data = std::make_shared<const Bytes>(Bytes{9, 50, 4, 7, 50, 100});
  try {
    run_model(model, "host", given, work, {}, diagnostics_);
    FAIL() << "another model was not told apart";
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().at(0).code, "channels-differ");
  }
}

TEST_F(PlainModel, TakesOneSampleOrASequence) {
  const Compiled model = compiled(true);
  const Graph& graph = model.plan.graph;
  const ModelSamples one = samples(graph, npy(ElementType::s8, {1, 4}, {16, 0, 0, 0}));
  EXPECT_EQ(one.count, 1);
  EXPECT_EQ(answer(graph, one).outputs[0], (Bytes{4, 1, 0}));
  const ModelSamples two =
      samples(graph, npy(ElementType::s8, {2, 1, 4}, {16, 0, 0, 0, 0, 0, 0, 16}));
  EXPECT_EQ(two.count, 2);
  EXPECT_EQ(answer(graph, two).outputs[1], (Bytes{0, 4, 8}));
  EXPECT_EQ(samples(graph, "zero").bytes, Bytes(4, 0));
}

TEST_F(PlainModel, RefusesInputsThatDoNotFit) {
  const Compiled model = compiled(true);
  const Graph& graph = model.plan.graph;
  EXPECT_EQ(refusal(graph, "prng:x"), "\"prng:x\" has no seed");
  EXPECT_EQ(refusal(graph, npy(ElementType::u8, {1, 4}, Bytes(4))),
            "its numbers are of type \"|u1\"; input \"x\" takes s8");
  EXPECT_EQ(refusal(graph, npy(ElementType::s8, {4}, Bytes(4))),
            "its shape does not fit input \"x\", which is [1, 4]");
  EXPECT_EQ(refusal(graph, (folder_.path() / "none.npy").string()),
            "the file is not there or cannot be read");
}

TEST_F(PlainModel, InspectionCountsWhatIsThere) {
  const Inspection seen = inspect(compiled(true));
  ASSERT_EQ(seen.layers.size(), 1u);
  EXPECT_EQ(seen.macs, 12);
  EXPECT_EQ(seen.live_macs, 12);
  EXPECT_EQ(seen.inputs.at(0), "x s8[1, 4] 0.0625 * q");
  EXPECT_EQ(seen.layers[0].output, "s8[1, 3]");
}

TEST_F(PlainModel, DifferencesOfAFloatModelAndItsInt8Form) {
  const Compiled real = compiled(false), integer = compiled(true);
  const Graph& graph = real.plan.graph;
  const Bytes x{0, 0, 128, 63, 0, 0, 0, 63, 0, 0, 0, 0, 0, 0, 128, 62};  // 1, 0.5, 0, 0.25
  const ModelSamples given = samples(graph, npy(ElementType::f32, {1, 4}, x));
  const ModelDifference same = compare_models(graph, graph, given);
  EXPECT_EQ(first_different(same), -1);
  const ModelDifference other = compare_models(graph, integer.plan.graph, given);
  ASSERT_EQ(other.layers.size(), 1u);
  EXPECT_EQ(first_different(other), 0);   // other types are other bytes
  EXPECT_EQ(other.layers[0].largest, 0);  // every number is a multiple of 1/8
  EXPECT_EQ(other.layers[0].decibels(), 999);
}

}  // namespace
}  // namespace mote
