// SPDX-License-Identifier: Apache-2.0
// What `mote deploy --as wasm` leaves, built by clang and run by Node: the models of MLPerf Tiny
// against the host, the figures, the class, the page. tests/ports has every operator.
#include <fmt/format.h>

#include <cstdlib>

#include "graph/evaluator.h"
#include "graph/test_graphs.h"
#include "project/plain_model.h"
#include "project/wasm_test_bench.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using test::WasmBench;

// Two streams, of a sensor and of a plain value; a window of samples; two outputs.
Graph small_model() {
  testing_graphs::Random random(7);
  Graph graph;
  graph.name = "shake";
  graph.classes = {"idle", "walk"};
  const ValueId sensor =
      graph.add_stream("acc", {{"x", "g", 0.001f}, {"y", "g", 0.001f}}, 50, MissingPolicy::hold);
  const ValueId window = graph.add_node(framer_op, "window", {sensor},
                                        {{"length", int64_t{16}}, {"stride", int64_t{5}}});
  const ValueId features = testing_graphs::add_standardize(
      graph, random, graph.add_node(flatten_op, "flatten", {window}), "s8");
  const ValueId dense = testing_graphs::add_dense_s8(graph, random, features, 2);
  const ValueId level = graph.add_tensor_stream("level", ElementType::f32, {3}, {});
  graph.outputs = {graph.add_node(softmax_op, "scores", {dense}),
                   graph.add_node(softmax_op, "shares", {level})};
  return graph;
}

constexpr const char* kLoad = R"(import { readFileSync } from 'node:fs';
import { Model } from './shake.mjs';
const model = await Model.load(readFileSync('shake.wasm'));
)";

TEST(DeployWasm, AModelOfTwoStreamsGivesTheHostsBytes) {
  MOTE_NEEDS_WASM();
  Playback recording{"both", {}, true};
  testing_graphs::Random random(11);
  for (int round = 0; round < 40; ++round) {
    Feed sensor;
    for (int i = 0; i < 6; ++i)
      sensor.values.push_back(int16_t(testing_graphs::pick(random, -32768, 32767)));
    Feed level{1, 0, std::vector<int16_t>(6)};
    std::memcpy(level.values.data(), testing_graphs::reals(random, 3, 4).data(), 12);
    recording.feeds.push_back(sensor);
    if (round % 7 == 6) recording.feeds.push_back({0, 3, {}});
    recording.feeds.push_back(level);
  }
  EXPECT_EQ(WasmBench(small_model()).difference({recording, recording}), "");
}

TEST(DeployWasm, ModelsOfMlperfTinyGiveTheHostsBytes) {
  MOTE_NEEDS_WASM();
  const char* data = std::getenv("MOTE_DATA");
  if (!data) GTEST_SKIP() << "MOTE_DATA is not set; it names the folder that holds models/tflite";
  for (const char* name : {"kws_ref_model", "ad01_int8", "pretrainedResnet_quant", "vww_96_int8"}) {
    Diagnostics diagnostics;
    const Graph graph =
        load_model(fs::path(data) / "models/tflite" / (std::string("tiny__") + name + ".tflite"),
                   {}, diagnostics);
    const ModelSamples samples = read_samples(graph, {"prng:12345"}, diagnostics, {.made = 8});
    ASSERT_EQ(samples.count, 8);
    EXPECT_EQ(WasmBench(graph).difference({playback_of(graph, samples)}), "") << name;
  }
}

// Without a warning, and from equal sources an equal module.
TEST(DeployWasm, SaysItsFigures) {
  MOTE_NEEDS_WASM();
  const WasmBench bench(small_model());
  const fs::path path = bench.folder() / "shake.wasm";
  const std::string bytes = test::read_text(path);
  EXPECT_EQ(bench.module().file, "shake.wasm");
  EXPECT_EQ(bench.module().bytes, int64_t(bytes.size()));
  EXPECT_EQ(
      bench.said_by(std::string(kLoad) + "console.log(model.exports.memory.buffer.byteLength);\n"),
      std::to_string(bench.module().memory_bytes) + "\n");
  const Ending again = run_program(
      {{"env", "CXX=" + wasm_compiler(), "sh", "build.sh"}, bench.folder(), {}, {}, 300});
  EXPECT_TRUE(again.good());
  EXPECT_EQ(again.text, "");
  EXPECT_TRUE(test::read_text(path) == bytes);
}

TEST(DeployWasm, TheClassRefusesWhatIsNotItsOwn) {
  MOTE_NEEDS_WASM();
  EXPECT_EQ(WasmBench(small_model()).said_by(std::string(kLoad) + R"(
const attempt = (what) => { try { what(); } catch (error) { console.log(error.message); } };
attempt(() => model.push(Int16Array.of(1, 2, 3)));
attempt(() => model.push(Int16Array.of(1, 2), 2));
attempt(() => model.pushMissing(1, 2));
model.push(Int16Array.of(1, 2));
const saved = model.save();
const hex = Buffer.from(saved).toString('hex');
saved[0] ^= 1;
console.log(model.load(saved), model.load(saved.subarray(1)));
console.log(Buffer.from(model.save()).toString('hex') === hex);
saved[0] ^= 1;
model.reset();
console.log(model.load(saved), Buffer.from(model.save()).toString('hex') === hex);
)"),
            "a sample of stream 0 has 4 bytes, not 6\nthere is no stream 2\nthere is no stream 2\n"
            "false false\ntrue\ntrue true\n");
}

// The page's own script, with the few names of a browser that it uses.
TEST(DeployWasm, ThePageShowsADecision) {
  MOTE_NEEDS_WASM();
  const WasmBench bench(small_model());
  const std::string page = test::read_text(bench.folder() / "index.html");
  const std::string begin = "<script type=\"module\">", end = "</script>";
  const size_t at = page.find(begin) + begin.size();
  const std::string said = bench.said_by(
      "import { readFileSync } from 'node:fs';\n"
      "globalThis.fetch = async (name) => ({ arrayBuffer: async () => readFileSync(name) });\n"
      "const answer = {};\n"
      "globalThis.document = { getElementById: () => answer };\n" +
      page.substr(at, page.find(end) - at) + "console.log(answer.textContent);\n");
  Evaluator evaluator(bench.compiled().model());
  const int16_t zeros[2] = {};
  while (!evaluator.push(0, zeros)) {
  }
  const Bytes scores = evaluator.outputs();
  EXPECT_EQ(said,
            fmt::format("scores: {},{}\nshares: 0,0,0\n", int8_t(scores[0]), int8_t(scores[1])));
}

}  // namespace
}  // namespace mote
