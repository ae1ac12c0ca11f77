// SPDX-License-Identifier: Apache-2.0
// Every form of `mote deploy` compiles for a Cortex-M by itself, runs its self test on this machine
// where the form allows, and is the same code that was verified: equal objects from equal flags.
#include "project/deploy.h"

#include <gtest/gtest.h>

#include "graph/sha256.h"
#include "graph/test_graphs.h"
#include "project/firmware.h"
#include "project/store.h"
#include "runner/cross_test.h"
#include "runner/subprocess.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using namespace testing_graphs;

// Sensor -> window -> statistics -> int8 -> network -> decision. Names from a file may hold
// anything: in comments they must not end the line (found here: an axis name with a line break
// broke model.h).
Graph sensor_model() {
  Random random(7);
  Graph graph;
  graph.name = "shake";
  graph.classes = {"idle\\", "say \"walk\""};
  const ValueId sensor = graph.add_stream("acc", {{"x", "g", 0.001f}, {"new\nline", "g", 0.001f}},
                                          50, MissingPolicy::drop);
  const ValueId window = graph.add_node(framer_op, "window", {sensor},
                                        {{"length", int64_t{16}}, {"stride", int64_t{16}}});
  const ValueId features =
      add_standardize(graph, random, graph.add_node(flatten_op, "flatten", {window}), "s8");
  const ValueId scores =
      graph.add_node(softmax_op, "scores", {add_dense_s8(graph, random, features, 2)});
  graph.outputs = {scores, graph.add_node(decide_op, "decision", {scores})};
  return graph;
}

class DeployTest : public testing::Test {
 protected:
  void write(const std::string& form, const Graph& graph = sensor_model()) {
    Diagnostics diagnostics;
    compiled_ = compile(graph, {.core = core_of_form(form)}, diagnostics);
    for (const auto& [name, text] : deploy(compiled_, form)) write_file(folder() / name, text);
  }
  fs::path folder() const { return scratch_.path("out"); }
  std::string run(std::vector<std::string> args) const {
    const Ending ending = run_program({std::move(args), folder(), {}, {}, 300});
    return ending.good() ? "" : to_string(ending) + "\n" + ending.text.substr(0, 1000);
  }
  // For a Cortex-M4F, warnings are errors.
  std::string cross(const std::vector<std::string>& more) const {
    std::vector<std::string> args = {"arm-none-eabi-gcc",
                                     "-mcpu=cortex-m4",
                                     "-mthumb",
                                     "-mfloat-abi=hard",
                                     "-mfpu=fpv4-sp-d16",
                                     "-std=c++17",
                                     "-O2",
                                     "-Wall",
                                     "-Wextra",
                                     "-Werror",
                                     "-fno-exceptions",
                                     "-fno-rtti",
                                     "-fno-threadsafe-statics"};
    return run(test::joined(args, more));
  }
  // The sketch against the few names of Arduino's that it uses.
  std::string sketch_of(const std::string& name) const {
    write_file(
        folder() / "sketch.cc",
        "#include <stdint.h>\nstruct { void begin(long) {} void println(const char*) {} void "
        "println(int32_t) {} } Serial;\nuint32_t micros() { return 0; }\n#include "
        "\"examples/" +
            name + "/" + name + ".ino\"\n");
    return cross({"-Isrc", "-I.", "-fsyntax-only", "sketch.cc"});
  }

  ScratchFolder scratch_;
  Compiled compiled_;
};

TEST_F(DeployTest, CmakeBuildsAndPassesItsSelfTestHere) {
  MOTE_NEEDS_TOOL("cmake");
  write("cmake");
  EXPECT_EQ(run({"cmake", "-B", "build"}), "");
  EXPECT_EQ(run({"cmake", "--build", "build"}), "");
  EXPECT_EQ(run({"build/shake_example"}), "");
}

TEST_F(DeployTest, CmakeBuildsForACore) {
  MOTE_NEEDS_TOOL("arm-none-eabi-g++");
  MOTE_NEEDS_TOOL("cmake");
  write("cmake");
  EXPECT_EQ(
      run({"cmake", "-B", "build", "-DCMAKE_SYSTEM_NAME=Generic",
           "-DCMAKE_CXX_COMPILER=arm-none-eabi-g++", "-DCMAKE_CXX_FLAGS=-mcpu=cortex-m0 -mthumb",
           "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"}),
      "");
  EXPECT_EQ(run({"cmake", "--build", "build"}), "");
  EXPECT_TRUE(fs::exists(folder() / "build/libshake.a"));
}

TEST_F(DeployTest, HeaderIsTwoFilesThatStandAlone) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  write("header");
  EXPECT_EQ(cross({"-c", "shake.cc", "-o", "shake.o"}), "");
  EXPECT_EQ(cross({"-I.", "-c", "example/main.cc", "-o", "main.o"}), "");
  EXPECT_EQ(run({"g++", "-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off",
                 "-fno-tree-vectorize", "-I.", "shake.cc", "example/main.cc", "-o", "example.out"}),
            "");
  EXPECT_EQ(run({"./example.out"}), "");
}

TEST_F(DeployTest, ArduinoSourcesAndSketchCompile) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  write("arduino");
  for (const char* source : {"model", "weights"})
    EXPECT_EQ(cross({"-Isrc", "-c", std::string("src/shake/") + source + ".cc", "-o", "object.o"}),
              "");
  EXPECT_EQ(sketch_of("shake"), "");
  const std::string properties = test::read_text((folder() / "library.properties").string());
  for (const char* key : {"name=shake\n", "version=", "author=", "maintainer=", "sentence=",
                          "paragraph=", "category=Data Processing\n", "architectures=*\n"})
    EXPECT_NE(properties.find(key), std::string::npos) << key;
}

// A model file's graph: an input that lies in the model, no labels and no decision rule.
TEST_F(DeployTest, APlainModelsExamplesCompileToo) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  Random random(3);
  Graph graph;
  graph.name = "plain";
  const ValueId x = graph.add_tensor_stream("x", ElementType::s8, {1, 9}, per_tensor(0.1f, 3));
  graph.outputs = {add_dense_s8(graph, random, x, 4)};
  write("arduino", graph);
  EXPECT_EQ(sketch_of("plain"), "");
  const std::string sketch = test::read_text((folder() / "examples/plain/plain.ino").string());
  EXPECT_NE(sketch.find("println(score)"), std::string::npos) << sketch;
  write("header", graph);
  EXPECT_EQ(cross({"-c", "plain.cc", "-o", "plain.o"}), "");
  EXPECT_EQ(cross({"-I.", "-c", "example/main.cc", "-o", "main.o"}), "");
}

// Arduino passes no flags; the file itself must keep multiply and add apart on a core with a fused
// instruction.
TEST_F(DeployTest, ArduinoFusesNothing) {
  MOTE_NEEDS_TOOL("arm-none-eabi-objdump");
  write("arduino", small_graph());
  ASSERT_EQ(cross({"-Isrc", "-c", "src/small/model.cc", "-o", "model.o"}), "");
  const std::string code =
      tool_output({"arm-none-eabi-objdump", "-d", (folder() / "model.o").string()});
  EXPECT_NE(code.find("vmul.f32"), std::string::npos);
  for (const char* fused : {"vfma", "vfms", "vfnma", "vmla"})
    EXPECT_EQ(code.find(fused), std::string::npos) << fused;
}

// Zephyr itself is not here: its CMake functions are stood in for, the sources are compiled.
TEST_F(DeployTest, ZephyrModuleNamesFilesThatCompile) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  MOTE_NEEDS_TOOL("cmake");
  write("zephyr");
  write_file(folder() / "check.cmake",
             "set(CONFIG_SHAKE y)\n"
             "function(zephyr_library_named name)\nendfunction()\n"
             "function(zephyr_library_compile_options)\nendfunction()\n"
             "function(zephyr_include_directories)\nendfunction()\n"
             "function(zephyr_library_sources)\n  foreach(file ${ARGN})\n"
             "    if(NOT EXISTS ${CMAKE_CURRENT_LIST_DIR}/${file})\n      message(FATAL_ERROR "
             "${file})\n    endif()\n"
             "  endforeach()\nendfunction()\n"
             "include(${CMAKE_CURRENT_LIST_DIR}/zephyr/CMakeLists.txt)\n");
  EXPECT_EQ(run({"cmake", "-P", "check.cmake"}), "");
  for (const char* source : {"shake/model.cc", "shake/weights.cc", "sample/src/main.cc"})
    EXPECT_EQ(cross({"-I.", "-c", source, "-o", "object.o"}), "") << source;
}

TEST_F(DeployTest, IsTheCodeThatWasVerified) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  write("cmake");
  write_library(compiled_.library, scratch_.path("verified"));
  const auto object = [&](const fs::path& sources, const std::string& out) {
    const CompileJob job{
        scratch_.path(out), {test::source_path("")}, {{sources, "model.cc", "model.o"}}, 1};
    Diagnostics diagnostics;
    EXPECT_TRUE(mote::compile(job, cross_toolchain(*find_core("cortex-m33")), diagnostics));
    return sha256_file(fs::path(scratch_.path(out)) / "model.o").value_or(out);
  };
  EXPECT_EQ(object(folder() / "shake", "a"), object(scratch_.path("verified"), "b"));
}

}  // namespace
}  // namespace mote
