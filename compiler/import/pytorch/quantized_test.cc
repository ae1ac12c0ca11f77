// SPDX-License-Identifier: Apache-2.0
// Calls of quantized_decomposed, by themselves and in a PT2E file: the pairs that they leave in the
// graph, which keep the integers of weights.
#include <gtest/gtest.h>

#include "compiler/import/import.h"
#include "compiler/import/pytorch/archive_parts.h"
#include "compiler/import/pytorch/program.h"
#include "ops/registry.h"

namespace mote::pytorch {
namespace {

Argument name_of(const char* tensor) { return TensorName{tensor}; }
Argument whole(int64_t number) { return number; }

// x -> dequantize -> relu -> quantize to least .. most.
Program between_pairs(ElementType type, int64_t least, int64_t most) {
  const Argument scale = 0.5, zero = whole(3);
  const char* named = type == ElementType::u8 ? "uint8" : "int8";
  Program p;
  p.name = "pairs";
  p.inputs = {"x"};
  p.outputs = {"y"};
  p.tensors["x"] = {type, {1, 4}};
  p.calls = {{"quantized_decomposed.dequantize_per_tensor.default",
              {{"", name_of("x")},
               {"", scale},
               {"", zero},
               {"", whole(least)},
               {"", whole(most)},
               {"", DataType{named}}},
              {"real"},
              "real"},
             {"aten.relu.default", {{"", name_of("real")}}, {"positive"}, "positive"},
             {"quantized_decomposed.quantize_per_tensor.default",
              {{"", name_of("positive")},
               {"", scale},
               {"", zero},
               {"", whole(least)},
               {"", whole(most)},
               {"", DataType{named}}},
              {"y"},
              "y",
              ""}};
  return p;
}

std::string operators(const Graph& graph) {
  std::string names;
  for (const Node& node : graph.nodes) names += node.op->name + " ";
  return names;
}

Graph imported(const Program& program) {
  Diagnostics diagnostics;
  Graph graph = import_program(program, "pairs.pt2", {}, diagnostics);
  EXPECT_TRUE(diagnostics.warnings().empty());
  return graph;
}

TEST(PyTorchPairs, AnInputOfIntegersTakesTheScaleOver) {
  const Graph graph = imported(between_pairs(ElementType::u8, 0, 255));
  EXPECT_EQ(operators(graph), "dequantize activation quantize ");
  EXPECT_EQ(graph.value(graph.streams[0].value).quantization, per_tensor(0.5f, 3));
  EXPECT_EQ(graph.value(graph.outputs[0]).quantization, per_tensor(0.5f, 3));
}

TEST(PyTorchPairs, ARangeIsKeptToOnlyWhereItEndsBeforeTheType) {
  EXPECT_EQ(operators(imported(between_pairs(ElementType::s8, -127, 127))),
            "dequantize activation maximum quantize ");
  EXPECT_EQ(operators(imported(between_pairs(ElementType::u8, 0, 127))),
            "dequantize activation minimum quantize ");
}

// Weights channel by channel, moved into our order.
TEST(PyTorchPairs, WeightsKeepTheirIntegers) {
  Diagnostics diagnostics;
  const Bytes archive = read_test_file("pt2e_small_s8.pt2");
  const Graph graph = import_pt2({archive, "m", "m.pt2"}, {}, diagnostics);
  EXPECT_TRUE(diagnostics.warnings().empty());
  std::vector<size_t> scales;  // the dense layer first: its constants were not moved
  for (const Node& node : graph.nodes) {
    const Value& x = graph.value(node.inputs[0]);
    if (node.op != &dequantize_op || x.kind != ValueKind::constant) continue;
    EXPECT_EQ(x.type, ElementType::s8);
    EXPECT_EQ(x.shape[size_t(x.quantization.axis)], int32_t(x.quantization.scales.size()));
    scales.push_back(x.quantization.scales.size());
  }
  EXPECT_EQ(scales, (std::vector<size_t>{10, 6, 6, 8}));
}

}  // namespace
}  // namespace mote::pytorch
