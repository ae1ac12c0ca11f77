// SPDX-License-Identifier: Apache-2.0
// Networks that PyTorch's PT2E flow quantised, as integers, against what PyTorch answers for 200
// samples each: pt2e_* of pytorch/models.zip, written by write_models.py there, one of them as
// ExecuTorch's .pte, too. PyTorch computes with floats between the pairs; the integer layers round
// by their own rule (docs/formats/numbers.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>

#include "compiler/import/import.h"
#include "compiler/import/pytorch/archive_parts.h"
#include "compiler/passes/layout.h"
#include "graph/constant_layer.h"
#include "graph/evaluator.h"
#include "graph/quantizer.h"
#include "ops/registry.h"
#include "quantize/pair_scales.h"
#include "quantize/pairs.h"
#include "tests/conformance/generated_samples.h"

namespace mote::conformance {
namespace {

constexpr int32_t kSamples = 200;

struct Network {
  Graph as_integers, in_float;
  std::vector<float> expected;  // of all samples, one after the other
  std::vector<Diagnostic> warnings;
};

// `name`: a .pt2 file, or a .pte file where it ends so.
Network network(const std::string& name) {
  const bool executorch = name.ends_with(".pte");
  const std::string stem = executorch ? name.substr(0, name.size() - 4) : name;
  const Bytes file = pytorch::read_test_file(executorch ? name : name + ".pt2");
  const Bytes answers = pytorch::read_test_file(stem + ".bin");
  Diagnostics diagnostics, ignored;
  const Graph graph =
      (executorch ? import_executorch : import_pt2)({file, stem, name}, {}, diagnostics);
  Network n{arrange_layout(fold_pairs(graph, diagnostics)),
            compute_pairs_in_float(graph, ignored),
            {},
            diagnostics.warnings()};
  n.expected.resize(answers.size() / sizeof(float));
  std::memcpy(n.expected.data(), answers.data(), answers.size());
  return n;
}

using AfterSample = std::function<void(const Evaluator&)>;

std::vector<float> outputs_of(const Graph& graph, const AfterSample& after = {}) {
  std::vector<float> sample(size_t(graph.value(graph.streams[0].value).elements())), all;
  Evaluator evaluator(graph);
  uint32_t x = 1;
  for (int32_t n = 0; n < kSamples; ++n) {
    fill_sample(x, sample);
    evaluator.push(0, sample.data());
    const Bytes outputs = evaluator.outputs();
    all.resize(all.size() + outputs.size() / sizeof(float));
    std::memcpy(&*all.end() - outputs.size() / sizeof(float), outputs.data(), outputs.size());
    if (after) after(evaluator);
  }
  return all;
}

bool is_s8(const Value& value) { return value.type == ElementType::s8; }

// Layers whose outputs are integers that they round, of integers.
bool rounds(const Graph& graph, const Node& node) {
  return is_s8(graph.value(node.outputs[0])) && is_s8(graph.value(node.inputs[0])) &&
         node.op->quantize && !keeps_scale(node);
}
int64_t rounding_layers(const Graph& graph) {
  return std::count_if(graph.nodes.begin(), graph.nodes.end(),
                       [&](const Node& node) { return rounds(graph, node); });
}

// What a step is in an output that was dequantised, or that a float dense layer makes of numbers
// that were: there the step of all its inputs together, at its largest weights.
double step_of(const Graph& graph, ValueId output) {
  for (const Node& node : graph.nodes) {
    if (node.outputs[0] != output) continue;
    if (node.op == &dequantize_op) return double(graph.value(node.inputs[0]).quantization.scale());
    EXPECT_EQ(node.op, &fully_connected_op);
    const Value& weights = graph.value(node.inputs[1]);
    double most = 0;
    for (int32_t row = 0; row < weights.shape[0]; ++row) {
      double sum = 0;
      for (int32_t i = 0; i < weights.shape[1]; ++i)
        sum += std::abs(double(weights.as<float>()[row * weights.shape[1] + i]));
      most = std::max(most, sum);
    }
    return most * step_of(graph, node.inputs[0]);
  }
  ADD_FAILURE() << "nothing makes the output";
  return 1;
}

// How far the outputs of each sample lie from PyTorch's at most, in steps.
std::vector<double> distances(const std::vector<float>& got, const Network& n, double step) {
  EXPECT_EQ(got.size(), n.expected.size());
  std::vector<double> most(kSamples);
  const size_t row = got.size() / kSamples;
  for (size_t i = 0; i < got.size(); ++i)
    most[i / row] =
        std::max(most[i / row], std::abs(double(got[i]) - double(n.expected[i])) / step);
  return most;
}

// A number that lies next to the middle of two steps: the order of its float sum decides.
bool has_middle(const Graph& graph, const Evaluator& evaluator) {
  for (const Node& node : graph.nodes) {
    if (node.op != &quantize_op) continue;
    const auto scale = double(graph.value(node.outputs[0]).quantization.scale());
    const Value& x = graph.value(node.inputs[0]);
    const auto* numbers = reinterpret_cast<const float*>(evaluator.bytes(node.inputs[0]).data());
    for (int64_t i = 0; i < x.elements(); ++i) {
      const double steps = double(numbers[i]) / scale;
      if (std::abs(steps - std::floor(steps) - 0.5) < 1e-4) return true;
    }
  }
  return false;
}

class QuantizedPt2 : public testing::TestWithParam<const char*> {};

// What the pairs mean is what PyTorch computes. A sum of some hundred steps in float32 is off by
// some 1e-5 of a step, so a sample none of whose numbers lies within 1e-4 of a middle comes out the
// same. (Means of 16 numbers at their own scale are exact middles in one of 16 cases.)
TEST_P(QuantizedPt2, InFloatTheyAnswerAsPyTorch) {
  const Network n = network(GetParam());
  std::vector<bool> decided;
  const std::vector<float> got = outputs_of(n.in_float, [&](const Evaluator& evaluator) {
    decided.push_back(!has_middle(n.in_float, evaluator));
  });
  const std::vector<double> most = distances(got, n, step_of(n.in_float, n.in_float.outputs[0]));
  for (size_t i = 0; i < most.size(); ++i)
    EXPECT_TRUE(!decided[i] || most[i] < 1e-3) << "sample " << i << ": " << most[i] << " steps";
  const auto count = std::count(decided.begin(), decided.end(), true);
  std::cout << GetParam() << ": " << count << " of " << kSamples << " samples are decided\n";
  EXPECT_GE(count, kSamples / 20);
}

// The layer of real numbers that an integer layer stands for.
std::vector<double> in_real_numbers(const Node& node,
                                    const std::function<Value(ValueId)>& with_data) {
  std::vector<Value> inputs;
  for (ValueId id : node.inputs) {
    if (id < 0) continue;
    const Value value = with_data(id);
    const bool integer = value.type != ElementType::f32 && !value.quantization.empty();
    inputs.push_back(integer ? compute_constants(dequantize_op, value.name, {&value}, {}, {})[0]
                             : value);
  }
  std::vector<const Value*> given;
  size_t at = 0;
  for (ValueId id : node.inputs) given.push_back(id < 0 ? nullptr : &inputs[at++]);
  Attributes attributes = node.attributes;
  for (const char* name : {"output_scale", "output_zero_point", "output_type"})
    attributes.erase(name);
  const Value y = compute_constants(*node.op, node.name, given, attributes, {})[0];
  return real_numbers(y, *y.data);
}

// Kernels round the exact sum times a factor of 31 bits, the float layer a sum of floats, so that
// both are within half a step and a little of the same number: one step apart at most.
TEST_P(QuantizedPt2, EachLayerIsWithinOneStepOfItsFloatForm) {
  const Network n = network(GetParam());
  const Graph& graph = n.as_integers;
  int64_t of = 0, one = 0, layers = 0;
  outputs_of(graph, [&](const Evaluator& evaluator) {
    const auto with_data = [&](ValueId id) {
      Value value = graph.value(id);
      if (value.kind == ValueKind::constant) return value;
      const auto bytes = evaluator.bytes(id);
      value.data = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
      return value;
    };
    for (const Node& node : graph.nodes) {
      if (!rounds(graph, node)) continue;
      const std::vector<double> real = in_real_numbers(node, with_data);
      const Value y = with_data(node.outputs[0]);
      ASSERT_EQ(real.size(), size_t(y.elements()));
      for (size_t i = 0; i < real.size(); ++i) {
        const int32_t wanted = to_integer(real[i], y.quantization, ElementType::s8);
        const int32_t distance = std::abs(int32_t(y.as<int8_t>()[i]) - wanted);
        ASSERT_LE(distance, 1) << node.name << " [" << i << "]";
        ++of, one += distance;
      }
      ++layers;
    }
  });
  ASSERT_GT(layers, 0);
  std::cout << GetParam() << ": " << layers / kSamples << " layers, of " << of << " numbers " << one
            << " differ by 1\n";
}

// Each layer that rounds may be a step off, and these networks pass on about what they get: a step
// for each such layer at most.
TEST_P(QuantizedPt2, OutputsAreWithinAStepALayerOfPyTorchs) {
  const Network n = network(GetParam());
  const Graph& graph = n.as_integers;
  const std::vector<double> most =
      distances(outputs_of(graph), n, step_of(graph, graph.outputs[0]));
  const int64_t layers = rounding_layers(graph);
  const auto same = std::count_if(most.begin(), most.end(), [](double m) { return m < 1e-3; });
  const double worst = *std::max_element(most.begin(), most.end());
  std::cout << GetParam() << ": " << layers << " layers round; " << same << " of " << kSamples
            << " samples are the same, others by at most " << worst << " steps\n";
  EXPECT_GE(layers, 3);
  EXPECT_LE(worst, double(layers) + 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Files, QuantizedPt2,
                         testing::Values("pt2e_cnn", "pt2e_cnn.pte", "pt2e_small_s8",
                                         "pt2e_small_s8_decomposed", "pt2e_small_u8",
                                         "pt2e_small_u7", "pt2e_residual_s8", "pt2e_residual_u8"),
                         [](const auto& given) {
                           std::string name = given.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

// Layers that compute with floats, by operator and name.
std::vector<std::string> float_layers(const Network& n) {
  std::vector<std::string> names;
  for (const Node& node : n.as_integers.nodes)
    if (node.op->macs && !is_s8(n.as_integers.value(node.outputs[0]))) names.push_back(node.name);
  return names;
}

TEST(QuantizedPt2Layers, SignedOnesAreIntegersThroughout) {
  for (const char* name : {"pt2e_small_s8", "pt2e_small_s8_decomposed", "pt2e_residual_s8"}) {
    SCOPED_TRACE(name);
    const Network n = network(name);
    EXPECT_TRUE(n.warnings.empty()) << to_string(n.warnings[0]);
    for (const Node& node : n.as_integers.nodes)
      EXPECT_TRUE(is_s8(n.as_integers.value(node.outputs[0])) || node.op == &dequantize_op)
          << node.name;
  }
}

// The x86 quantiser leaves the last layer's output as it is, and the sum that a convolution is
// fused with.
TEST(QuantizedPt2Layers, WhatHasNoScaleStaysFloatAndSaysSo) {
  const Network small = network("pt2e_small_u8"), residual = network("pt2e_residual_u8");
  EXPECT_EQ(float_layers(small).size(), 1u);
  ASSERT_EQ(small.warnings.size(), 1u);
  EXPECT_NE(small.warnings[0].message.find("is not quantised"), std::string::npos);
  EXPECT_EQ(float_layers(residual).size(), 2u);
  for (const Diagnostic& warning : residual.warnings) EXPECT_EQ(warning.code, "stays-float");
}

TEST(QuantizedPt2Layers, WeightsAloneAreFloatArithmetic) {
  const Network n = network("pt2e_weights");
  const std::vector<float> got = outputs_of(n.as_integers);
  ASSERT_EQ(got.size(), n.expected.size());
  for (size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], n.expected[i], 1e-5);
  ASSERT_EQ(n.warnings.size(), 1u);
  EXPECT_EQ(n.warnings[0].code, "float-weights");
  EXPECT_NE(n.warnings[0].message.find("40 bytes of integers become 160 bytes"), std::string::npos)
      << n.warnings[0].message;
}

}  // namespace
}  // namespace mote::conformance
