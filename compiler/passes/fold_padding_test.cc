// SPDX-License-Identifier: Apache-2.0
// fold_padding: convolutions behind pad layers, random ones and each reason to stay.
#include <gtest/gtest.h>

#include "compiler/passes/passes.h"
#include "graph/verify.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

constexpr int32_t kLayers = 2000;

struct Convolution {
  bool depthwise = false;
  int32_t kernel_h = 3, kernel_w = 3, dilation = 1, stride = 1;
};

class FoldPadding : public testing::Test {
 protected:
  ValueId image(ElementType type, const Shape& shape) {
    const Quantization q = type == ElementType::f32 ? Quantization{} : per_tensor(0.05f, 3);
    return graph.add_tensor_stream("x", type, shape, q);
  }
  ValueId padded(ValueId x, const std::vector<int64_t>& before, const std::vector<int64_t>& after,
                 double value = 0) {
    return graph.add_node(pad_op, name(), {x},
                          {{"before", before}, {"after", after}, {"value", value}});
  }
  ValueId convolved(ValueId x, const Convolution& c, const std::string& padding = "valid") {
    const Value in = graph.value(x);
    const int32_t depth = in.shape[3], outputs = c.depthwise ? depth : 3;
    const Shape shape{c.depthwise ? 1 : outputs, c.kernel_h, c.kernel_w, depth};
    const ValueId w =
        in.type == ElementType::f32
            ? graph.add_constant(name(), in.type, shape, n.reals(element_count(shape), -1, 1))
            : graph.add_constant(name(), in.type, shape,
                                 n.many<int8_t>(element_count(shape), -127, 127),
                                 per_tensor(0.01f, 0));
    return graph.add_node(c.depthwise ? depthwise_conv_2d_op : conv_2d_op, name(), {x, w, -1},
                          {{"stride_h", int64_t(c.stride)},
                           {"stride_w", int64_t(c.stride)},
                           {"dilation_h", int64_t(c.dilation)},
                           {"dilation_w", int64_t(c.dilation)},
                           {"padding", padding},
                           {"output_scale", 0.1},
                           {"output_zero_point", int64_t(-5)}});
  }

  // How many layers fewer, with the same answers.
  size_t layers_gone(std::vector<ValueId> outputs) {
    graph.outputs = std::move(outputs);
    const Graph after = remove_unused(fold_padding(graph));
    Diagnostics findings;
    verify(after, findings);
    for (const Diagnostic& d : findings.errors()) ADD_FAILURE() << d.place << ": " << d.message;
    Evaluator one(graph), other(after);
    const Value& x = graph.value(graph.streams[0].value);
    for (int32_t i = 0; i < 3; ++i) {
      Bytes sample(size_t(x.bytes()));
      if (x.type == ElementType::f32) {
        const std::vector<float> reals = n.reals(x.elements(), -3, 3);
        std::memcpy(sample.data(), reals.data(), sample.size());
      } else {
        for (uint8_t& byte : sample) byte = uint8_t(n.integer(0, 255));
      }
      one.push(0, sample.data());
      other.push(0, sample.data());
      EXPECT_EQ(one.outputs(), other.outputs());
    }
    return graph.nodes.size() - after.nodes.size();
  }
  std::string name() { return "value" + std::to_string(names++); }

  Numbers n{5150};
  Graph graph;
  int32_t names = 0;
};

TEST_F(FoldPadding, RandomConvolutionsAnswerAsBefore) {
  size_t gone = 0;
  for (int32_t i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    graph = {};
    const Convolution c{n.integer(0, 1) == 1, n.integer(1, 4), n.integer(1, 4), n.integer(1, 2),
                        n.integer(1, 3)};
    const int32_t most_h = (c.kernel_h - 1) * c.dilation, most_w = (c.kernel_w - 1) * c.dilation;
    // Too wide now and then.
    const auto border = [&](int32_t most) {
      return int64_t(n.integer(0, most + (n.integer(0, 9) == 0)));
    };
    ValueId x = image(
        n.integer(0, 2) ? ElementType::s8 : ElementType::f32,
        {n.integer(1, 2), n.integer(1, 6) + most_h, n.integer(1, 6) + most_w, n.integer(1, 5)});
    for (int32_t pads = n.integer(0, 4) == 0 ? 2 : 1; pads > 0; --pads)
      x = padded(x, {0, border(most_h), border(most_w), 0}, {0, border(most_h), border(most_w), 0});
    gone += layers_gone({convolved(x, c)});
  }
  std::cout << gone << " pad layers of " << kLayers << " convolutions are gone\n";
  EXPECT_GT(gone, size_t(kLayers) / 4);
}

TEST_F(FoldPadding, AllReadersTakeIt) {
  const ValueId p = padded(image(ElementType::s8, {1, 6, 6, 2}), {0, 1, 1, 0}, {0, 1, 1, 0});
  EXPECT_EQ(layers_gone({convolved(p, {.stride = 2}), convolved(p, {.depthwise = true})}), 1u);
}

TEST_F(FoldPadding, PadLayersInARowGo) {
  const ValueId p = padded(image(ElementType::s8, {1, 6, 6, 2}), {0, 1, 0, 0}, {0, 1, 2, 0});
  EXPECT_EQ(layers_gone({convolved(padded(p, {0, 1, 1, 0}, {0, 0, 0, 0}), {})}), 2u);
}

TEST_F(FoldPadding, OneReaderThatNeedsItKeepsIt) {
  const ValueId p = padded(image(ElementType::s8, {1, 6, 6, 2}), {0, 1, 1, 0}, {0, 1, 1, 0});
  const ValueId pool = graph.add_node(max_pool_2d_op, name(), {p},
                                      {{"filter_h", int64_t(2)}, {"filter_w", int64_t(2)}});
  EXPECT_EQ(layers_gone({convolved(p, {}), pool}), 0u);
}

TEST_F(FoldPadding, OtherNumbersThanZeroStay) {
  const ValueId x = image(ElementType::s8, {1, 6, 6, 2});
  EXPECT_EQ(layers_gone({convolved(padded(x, {0, 1, 1, 0}, {0, 1, 1, 0}, 1.5), {})}), 0u);
}

TEST_F(FoldPadding, PaddedChannelsStay) {
  const ValueId x = image(ElementType::s8, {1, 6, 6, 2});
  EXPECT_EQ(layers_gone({convolved(padded(x, {0, 1, 1, 1}, {0, 1, 1, 0}), {})}), 0u);
}

TEST_F(FoldPadding, CutsStay) {
  const ValueId x = image(ElementType::s8, {1, 6, 6, 2});
  EXPECT_EQ(layers_gone({convolved(padded(x, {0, -1, 1, 0}, {0, 1, 1, 0}), {})}), 0u);
}

TEST_F(FoldPadding, BordersWiderThanTheKernelStay) {
  const ValueId x = image(ElementType::s8, {1, 6, 6, 2});
  EXPECT_EQ(layers_gone({convolved(padded(x, {0, 3, 1, 0}, {0, 1, 1, 0}), {})}), 0u);
}

TEST_F(FoldPadding, ConvolutionsWithBordersOfTheSizeStay) {
  const ValueId x = image(ElementType::s8, {1, 6, 6, 2});
  EXPECT_EQ(layers_gone({convolved(padded(x, {0, 1, 1, 0}, {0, 1, 1, 0}), {}, "same")}), 0u);
}

TEST_F(FoldPadding, OutputsStay) {
  const ValueId p = padded(image(ElementType::s8, {1, 6, 6, 2}), {0, 1, 1, 0}, {0, 1, 1, 0});
  EXPECT_EQ(layers_gone({convolved(p, {}), p}), 0u);
}

// Infinity times a zero of the border is not a number.
TEST_F(FoldPadding, InfiniteWeightsStay) {
  const ValueId p = padded(image(ElementType::f32, {1, 6, 6, 2}), {0, 1, 1, 0}, {0, 1, 1, 0});
  const ValueId y = convolved(p, {});
  Value& w = graph.value(graph.nodes.back().inputs[1]);
  std::vector<float> numbers(w.as<float>(), w.as<float>() + w.elements());
  numbers[0] = INFINITY;
  const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
  w.data = std::make_shared<const Bytes>(bytes, bytes + w.bytes());
  graph.outputs = {y};
  EXPECT_EQ(remove_unused(fold_padding(graph)).nodes.size(), 2u);
}

}  // namespace
}  // namespace mote
