// SPDX-License-Identifier: Apache-2.0
// fuse_conversions: which of two conversions in a row go, and always the same bytes.
#include <gtest/gtest.h>

#include <map>

#include "compiler/passes/layout_oracle.h"

namespace mote {
namespace {

using namespace layout_oracle;

constexpr uint32_t kSeed = 78;
constexpr int32_t kNumbers = 512;

class FuseConversions : public testing::Test {
 protected:
  void start(ElementType type, float scale, int32_t zero_point) {
    graph_ = Graph{};
    graph_.name = "network";
    x_ = graph_.add_tensor_stream("x", type, {kNumbers}, per_tensor(scale, zero_point));
  }
  ValueId dequantize(ValueId x) { return graph_.add_node(dequantize_op, "real", {x}); }
  ValueId quantize(ValueId x, const std::string& type, float scale, int32_t zero_point) {
    return graph_.add_node(quantize_op, "integer" + std::to_string(graph_.nodes.size()), {x},
                           {{"output_type", type},
                            {"output_scale", double(scale)},
                            {"output_zero_point", int64_t(zero_point)}});
  }
  ValueId clamped(ValueId x) {
    const Value& value = graph_.value(x);
    return graph_.add_node(activation_op, "relu", {x},
                           {{"activation", std::string("relu")},
                            {"output_scale", double(value.quantization.scale())},
                            {"output_zero_point", int64_t(value.quantization.zero_point())}});
  }

  // The layers that stay; on random samples every byte as before.
  size_t layers_left(ValueId output) {
    graph_.outputs = {output};
    const Graph after = remove_unused(fuse_conversions(graph_));
    EXPECT_EQ(findings_of(after), std::vector<std::string>{});
    for (int i = 0; i < 8; ++i) {
      const Bytes sample = numbers_.many<uint8_t>(graph_.value(x_).bytes(), 0, 255);
      EXPECT_EQ(answer(after, sample), answer(graph_, sample));
    }
    return after.nodes.size();
  }

  Graph graph_;
  ValueId x_ = -1;
  Numbers numbers_{kSeed};
};

TEST_F(FuseConversions, ThereAndBackAtOneScaleGoes) {
  start(ElementType::s8, 0.037f, -5);
  EXPECT_EQ(layers_left(clamped(quantize(dequantize(x_), "s8", 0.037f, -5))), 1u);
  start(ElementType::s16, 0.0003f, 0);
  EXPECT_EQ(layers_left(clamped(quantize(dequantize(x_), "s16", 0.0003f, 0))), 1u);
}

TEST_F(FuseConversions, WhatOthersReadStays) {
  start(ElementType::s8, 0.037f, -5);
  const ValueId real = dequantize(x_);
  const ValueId layer = clamped(quantize(real, "s8", 0.037f, -5));
  graph_.outputs = {real, layer};
  const Graph after = remove_unused(fuse_conversions(graph_));
  EXPECT_EQ(after.nodes.size(), 2u);
}

TEST_F(FuseConversions, AnOutputKeepsItsLayer) {
  start(ElementType::s8, 0.037f, -5);
  EXPECT_EQ(layers_left(quantize(dequantize(x_), "s8", 0.037f, -5)), 1u);
}

// 128 to 0, without a number between two steps: one conversion of integers rounds as two of floats.
TEST_F(FuseConversions, TwoTypesOfOneScaleAreOneConversion) {
  start(ElementType::u8, 0.5f, 128);
  EXPECT_EQ(layers_left(quantize(dequantize(x_), "s8", 0.5f, 0)), 1u);
}

TEST_F(FuseConversions, ALossyPairIsNoIdentity) {
  start(ElementType::s8, 0.1f, 0);
  const ValueId coarse = quantize(x_, "s8", 0.9f, 0);
  EXPECT_EQ(layers_left(clamped(quantize(coarse, "s8", 0.1f, 0))), 3u);
}

// Of random scales most pairs become one conversion or none; those that round otherwise stay two.
TEST_F(FuseConversions, RandomScalesKeepEveryByte) {
  std::map<size_t, int> left;
  for (int i = 0; i < 200; ++i) {
    const char* kTypes[] = {"s8", "u8", "s16"};
    const std::string to = kTypes[numbers_.integer(0, 2)];
    const int32_t low = to == "u8" ? 0 : -128,
                  zero_point = to == "s16" ? 0 : numbers_.integer(low, low + 255);
    start(ElementType::s8, numbers_.real(0.01f, 0.1f), numbers_.integer(-128, 127));
    ++left[layers_left(quantize(dequantize(x_), to, numbers_.real(0.01f, 0.1f), zero_point))];
  }
  EXPECT_GT(left[1], 20);
  EXPECT_GT(left[2], 20);
}

}  // namespace
}  // namespace mote
