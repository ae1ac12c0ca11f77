// SPDX-License-Identifier: Apache-2.0
// The corridor end to end on small graphs: emitted code, compiled for the host under sanitizers,
// must pass its own self test, which holds every layer to the evaluator's bytes.
#include "compiler/pipeline.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "compiler/passes/dead_channels_nets.h"
#include "graph/scratch_folder.h"
#include "ops/registry.h"

namespace mote {
namespace {

std::vector<int8_t> random_bytes(std::mt19937& random, size_t n) {
  std::uniform_int_distribution<int> byte(-127, 127);
  std::vector<int8_t> bytes(n);
  for (int8_t& b : bytes) b = int8_t(byte(random));
  return bytes;
}

// [32] -> 16 relu -> 4, int8.
Graph small_mlp() {
  std::mt19937 random(1);
  Graph graph;
  graph.name = "small";
  const ValueId x = graph.add_tensor_stream("x", ElementType::s8, {32}, per_tensor(0.05f, 3));
  const auto dense = [&](ValueId input, int32_t in, int32_t out, const std::string& name,
                         const char* activation) {
    const ValueId w =
        graph.add_constant(name + "/w", ElementType::s8, {out, in},
                           random_bytes(random, size_t(in * out)), per_tensor(0.01f, 0));
    const ValueId b = graph.add_constant(name + "/b", ElementType::s32, {out},
                                         std::vector<int32_t>(size_t(out), 7));
    return graph.add_node(fully_connected_op, name, {input, w, b},
                          {{"activation", std::string(activation)},
                           {"output_scale", 0.1},
                           {"output_zero_point", int64_t{-5}}});
  };
  graph.outputs = {dense(dense(x, 32, 16, "hidden", "relu"), 16, 4, "scores", "none")};
  return graph;
}

// Writes the library and a program around `main_text`; returns the program's exit status.
int exit_status(const Compiled& compiled, const std::string& main_text) {
  const ScratchFolder folder;
  for (const auto& [file, text] : compiled.library.files) folder.write(file, text);
  folder.write("main.cc", "#include \"model.h\"\n" + main_text);
  const char* source = std::getenv("MOTE_SOURCE_DIR");
  EXPECT_NE(source, nullptr) << "set MOTE_SOURCE_DIR to the source tree (ctest does)";
  if (!source) return -1;
  const std::string command =
      "cd " + folder.path().string() +
      " && g++ -std=c++17 -Wall -Wextra -Werror -O1 -ffp-contract=off" +
      " -fno-exceptions -fno-rtti -fsanitize=address,undefined -fno-sanitize-recover=all -I. -I" +
      source + " model.cc weights.cc interface.cc main.cc -o test && ./test";
  const int status = std::system(command.c_str());
  return WEXITSTATUS(status);
}

int self_test_status(const Compiled& compiled, const std::string& name) {
  return exit_status(compiled, "static " + name + "_model m;\nint main() { return " + name +
                                   "_self_test(&m); }\n");
}

TEST(Pipeline, EmittedCodePassesItsSelfTestUnderSanitizers) {
  Diagnostics diagnostics;
  EXPECT_EQ(self_test_status(compile(small_mlp(), {}, diagnostics), "small"), 0);
}

// Its golden run once read one byte an element, whatever the type.
TEST(Pipeline, SelfTestOfAFloatStreamIsTheSameEveryTime) {
  Graph graph;
  graph.name = "floating";
  const ValueId x = graph.add_tensor_stream("x", ElementType::f32, {32}, {});
  graph.outputs = {graph.add_node(softmax_op, "scores", {x}, {})};
  Diagnostics diagnostics;
  const Compiled compiled = compile(graph, {}, diagnostics);
  EXPECT_EQ(compiled.library.files, compile(graph, {}, diagnostics).library.files);
  EXPECT_EQ(self_test_status(compiled, "floating"), 0);
}

TEST(Pipeline, NamesMayBeKeywords) {
  Graph graph = small_mlp();
  graph.name = "class";
  for (ValueId output : graph.outputs) graph.values[size_t(output)].name = "short";
  Diagnostics diagnostics;
  EXPECT_EQ(self_test_status(compile(graph, {}, diagnostics), "class_"), 0);
}

// Once the table for players held the values of a sample in 16 bits.
TEST(Pipeline, ASampleMayBeLongerThan128Kilobytes) {
  Graph graph;
  graph.name = "image";
  const ValueId x =
      graph.add_tensor_stream("x", ElementType::s8, {1, 300, 300, 3}, per_tensor(1, 0));
  graph.outputs = {graph.add_node(mean_op, "mean", {x}, {{"axes", std::vector<int64_t>{1, 2}}})};
  Diagnostics diagnostics;
  EXPECT_EQ(self_test_status(compile(graph, {}, diagnostics), "image"), 0);
}

// Once all tables were aligned to 4 bytes, which clang refuses for 64-bit numbers.
TEST(Pipeline, TablesHaveAtLeastTheAlignmentOfTheirType) {
  Graph graph;
  graph.name = "longs";
  const ValueId x = graph.add_tensor_stream("x", ElementType::s64, {2}, {});
  const ValueId w = graph.add_constant("w", ElementType::s64, {2}, std::vector<int64_t>{7, -9});
  graph.outputs = {graph.add_node(add_op, "sum", {x, w})};
  Diagnostics diagnostics;
  const Compiled compiled = compile(graph, {}, diagnostics);
  EXPECT_NE(compiled.library.files.at("weights.cc").find("alignas(8) const int64_t"),
            std::string::npos);
  EXPECT_EQ(self_test_status(compiled, "longs"), 0);
}

// Names come from files; one that ends a line must not end the comment that it stands in.
TEST(Pipeline, NamesThatAreNotOneLineStayInTheirComments) {
  Graph graph = small_mlp();
  for (Value& value : graph.values) value.name += "\n#error\\";
  for (Node& node : graph.nodes) node.name += "\n#error\\";
  graph.streams[0].name = "x\n#error\\";
  Diagnostics diagnostics;
  EXPECT_EQ(self_test_status(compile(graph, {}, diagnostics), "small"), 0);
}

// Each layer's hash goes on over its rows, so that it is that of the whole layer.
Graph net_by_rows() {
  Numbers numbers;
  dead_channels::Net net(numbers);
  net.graph.name = "rows";
  const ValueId x = net.conv(net.input({1, 34, 6, 3}), 8, {3, 1, "same"});
  const ValueId y = net.depthwise(net.conv(x, 8, {}), 1, {3, 1, "same"});
  const ValueId z = net.conv(net.scaled(add_op, {x, y}), 4, {3, 2, "same"});
  net.graph.outputs = {net.dense(net.flat(z), 4)};
  return net.graph;
}

TEST(Pipeline, LayersByRowsPassTheSelfTest) {
  Diagnostics diagnostics;
  const int64_t least = compile(net_by_rows(), {.ram_bytes = 1}, diagnostics).plan.model_bytes;
  const Compiled compiled = compile(net_by_rows(), {.ram_bytes = least + 34 * 6 * 3}, diagnostics);
  ASSERT_TRUE(compiled.plan.loop);
  EXPECT_TRUE(compiled.plan.has_input());
  EXPECT_EQ(self_test_status(compiled, "rows"), 0);
}

// In less memory than its image takes.
TEST(Pipeline, AnImageComesByRowsWhereMemoryAsksForIt) {
  Diagnostics diagnostics;
  const Compiled compiled = compile(net_by_rows(), {.ram_bytes = 1}, diagnostics);
  ASSERT_TRUE(compiled.plan.loop && compiled.plan.loop->comes_by_rows);
  EXPECT_FALSE(compiled.plan.has_input());
  const std::string output =
      identifier(compiled.plan.graph.value(compiled.plan.graph.outputs[0]).name);
  std::string program = R"(
int main() {
  static rows::Model model;
  static int8_t image[34 * 18];
  for (int i = 0; i < 34 * 18; ++i) image[i] = int8_t(i * 37 % 251 - 125);
  if (!model.push(image)) return 1;
  int8_t whole[4];
  for (int i = 0; i < 4; ++i) whole[i] = model.OUTPUT()[i];
  for (int again = 0; again < 2; ++again) {
    for (int row = 0; row < 34; ++row) {
      int8_t values[18];
      for (int i = 0; i < 18; ++i) values[i] = image[18 * row + i];
      if (model.push_row(row, values) != (row == 33)) return 2;
    }
    for (int i = 0; i < 4; ++i)
      if (model.OUTPUT()[i] != whole[i]) return 3;
  }
  return model.self_test() ? 0 : 4;
}
)";
  for (size_t at = program.find("OUTPUT"); at != std::string::npos; at = program.find("OUTPUT"))
    program.replace(at, 6, output);
  EXPECT_EQ(exit_status(compiled, program), 0);
}

// A sample may be written where the model has room for it, or lie elsewhere, even in an output that
// its place overlaps.
TEST(Pipeline, ASampleLiesInTheModelOrIsCopiedThere) {
  Graph graph;
  graph.name = "small";
  const ValueId x = graph.add_tensor_stream("x", ElementType::s8, {32}, per_tensor(0.05f, 3));
  const ValueId nothing = graph.add_constant("nothing", ElementType::s8, {32},
                                             std::vector<int8_t>(32, 3), per_tensor(0.05f, 3));
  graph.outputs = {graph.add_node(add_op, "same", {x, nothing},
                                  {{"output_scale", 0.05}, {"output_zero_point", int64_t{3}}})};
  Diagnostics diagnostics;
  const Compiled compiled = compile(graph, {}, diagnostics);
  EXPECT_EQ(compiled.plan.arena_bytes, 32);
  EXPECT_EQ(exit_status(compiled, R"(
int main() {
  small::Model model;
  int8_t sample[32];
  for (int i = 0; i < 32; ++i) sample[i] = model.input()[i] = int8_t(3 * i);
  const auto is_output = [&] {
    for (int i = 0; i < 32; ++i)
      if (model.same()[i] != 3 * i) return false;
    return true;
  };
  if (!model.push(model.input()) || !is_output()) return 1;
  if (!model.push(sample) || !is_output()) return 2;
  if (!model.push(model.same()) || !is_output()) return 3;
  return model.self_test() ? 0 : 4;
}
)"),
            0);
}

// Two tensors lie as in their struct, each behind the other's last element and aligned; an output
// that is a view of one is still there after the push.
TEST(Pipeline, SeveralTensorsOfASampleAreAStructInTheModel) {
  Graph graph;
  graph.name = "pair";
  const ValueId a = graph.add_tensor_stream("a", ElementType::s8, {3}, per_tensor(0.5f, 0));
  const ValueId b = graph.add_sample_tensor(0, "b", ElementType::f32, {2}, {});
  const std::vector<int64_t> shape{1, 3};
  graph.outputs = {graph.add_node(reshape_op, "seen", {a}, {{"shape", shape}}),
                   graph.add_node(softmax_op, "scores", {b}, {})};
  Diagnostics diagnostics;
  const Compiled compiled = compile(graph, {}, diagnostics);
  EXPECT_EQ(exit_status(compiled, R"(
int main() {
  pair::Model model;
  pair_sample sample = {{1, 2, 3}, {5, 5}};
  for (int from = 0; from < 2; ++from) {
    if (from) *model.input() = sample;
    if (!model.push(from ? model.input() : &sample)) return 1;
    if (model.seen()[0] != 1 || model.seen()[2] != 3 || model.scores()[1] != 0.5f) return 2;
  }
  return model.self_test() ? 0 : 3;
}
)"),
            0);
}

// Rows 3 and 7 of the hidden layer have no weights: what they give goes into the next layer's bias.
TEST(Pipeline, DeadChannelsAreRemovedAndTheWholeGraphIsKept) {
  Graph graph = small_mlp();
  Value& weights = graph.value(graph.nodes[0].inputs[1]);
  Bytes rows = *weights.data;
  for (const size_t row : {3, 7}) std::fill_n(rows.begin() + int64_t(row * 32), 32, uint8_t{0});
  weights.data = std::make_shared<const Bytes>(rows);
  Diagnostics diagnostics;
  std::string doors;
  CompileOptions options;
  options.at_door = [&](const std::string& door, const std::string&) { doors += door + " "; };
  const Compiled compiled = compile(graph, options, diagnostics);
  EXPECT_EQ(compiled.plan.graph.value(compiled.plan.graph.nodes[0].outputs[0]).shape, Shape{14});
  ASSERT_TRUE(compiled.whole);
  EXPECT_EQ(compiled.model().value(compiled.model().nodes[0].outputs[0]).shape, Shape{16});
  EXPECT_EQ(doors, "passes plan ");
  EXPECT_EQ(self_test_status(compiled, "small"), 0);
  EXPECT_FALSE(compile(small_mlp(), {}, diagnostics).whole);
}

// Statistics and spectra of the same window, and one block that differs.
Graph three_blocks() {
  Graph graph;
  graph.name = "blocks";
  graph.add_stream("sensor", {{"x", "g", 0.01f}, {"y", "g", 0.01f}}, 100, MissingPolicy::drop);
  const auto window = [&](const std::string& name, int64_t length) {
    return graph.add_node(framer_op, name, {0}, {{"length", length}, {"stride", int64_t(20)}});
  };
  const Attributes peaks{
      {"peaks", int64_t(2)}, {"rate_hz", 100.0}, {"peak_thresholds", std::vector<double>{0, 3}}};
  graph.outputs = {graph.add_node(flatten_op, "flatten", {window("one", 40)}),
                   graph.add_node(spectral_op, "spectral", {window("two", 40)}, peaks),
                   graph.add_node(flatten_op, "brief", {window("three", 20)})};
  return graph;
}

TEST(Pipeline, EqualNodesAreMergedAndEmittedCodePassesItsSelfTest) {
  Diagnostics diagnostics;
  std::string doors;
  CompileOptions options;
  options.at_door = [&](const std::string& door, const std::string&) { doors += door + " "; };
  const Compiled compiled = compile(three_blocks(), options, diagnostics);
  EXPECT_EQ(compiled.plan.graph.nodes.size(), 5u);
  EXPECT_EQ(compiled.plan.state_bytes, (40 + 20) * 2 * 2 + 2 * 4);
  EXPECT_EQ(doors, "passes plan ");
  EXPECT_EQ(self_test_status(compiled, "blocks"), 0);
}

// [3] samples of two axes in a window.
Graph small_window() {
  Graph graph;
  graph.name = "windowed";
  const ValueId x = graph.add_stream("x", {{"a", "g", 1}, {"b", "g", 1}}, 100, MissingPolicy::hold);
  graph.outputs = {
      graph.add_node(framer_op, "window", {x}, {{"length", int64_t{3}}, {"stride", int64_t{3}}})};
  return graph;
}

// 4 bytes of fill, 4 of the last sample, 12 of the window; the struct ends at a multiple of 8.
TEST(Pipeline, WordsThatNothingLiesInAreNamed) {
  Diagnostics diagnostics;
  const Plan plan = compile(small_window(), {}, diagnostics).plan;
  EXPECT_EQ(plan.model_bytes, 24);
  EXPECT_EQ(plan.touched_bytes, 20);
  EXPECT_EQ(plan.alignment, (std::vector<Alignment>{{"window/window", 20, 24}}));
}

// The class of model.h: a state loaded goes on where it was saved, a damaged one changes nothing.
TEST(Pipeline, TheEmittedClassSavesAndLoads) {
  Diagnostics diagnostics;
  EXPECT_EQ(exit_status(compile(small_window(), {}, diagnostics), R"(
int main() {
  const int16_t one[2] = {1, -1}, two[2] = {2, -2};
  windowed::Model first, second;
  first.push(one), first.push(two);
  uint8_t saved[windowed_saved_bytes];
  first.save(saved);
  for (uint8_t& byte : saved) {
    byte ^= 64;
    if (second.load(saved)) return 1;
    byte ^= 64;
  }
  if (second.push(one) || second.push(one)) return 2;
  if (!second.load(saved)) return 3;
  return second.push(two) && second.window()[0] == 1 && second.window()[5] == -2 ? 0 : 4;
}
)"),
            0);
}

TEST(Pipeline, APlantedBitFlipIsFoundAndItsLayerNamed) {
  Diagnostics diagnostics;
  Compiled compiled = compile(small_mlp(), {}, diagnostics);
  std::string& weights = compiled.library.files.at("weights.cc");
  const size_t table = weights.find("small_scores_w[");
  const size_t digit = weights.find_first_of("02468", weights.find('{', table));
  weights[digit] = char(weights[digit] ^ 1);
  EXPECT_EQ(self_test_status(compiled, "small"), 2);
}

TEST(Pipeline, TheSameGraphEmitsTheSameBytes) {
  Diagnostics diagnostics;
  EXPECT_EQ(compile(small_mlp(), {}, diagnostics).library.files,
            compile(small_mlp(), {}, diagnostics).library.files);
}

}  // namespace
}  // namespace mote
