// SPDX-License-Identifier: Apache-2.0
// Kernel variants (OpDef::variants) by their plain twins: on random layers every byte as by the
// portable kernel, and no variant is left without a layer that takes it. The access orders of both
// kernels hold, and a distance of one byte less does not. MOTE_LAYERS, MOTE_SEED: how many layers
// of each kind (`make bench-exhaustive`: a million), and other ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "graph/kernel_choice.h"
#include "graph/quantizer.h"
#include "ops/overlapped_run.h"

namespace mote {
namespace {

int from_environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

const int kLayers = from_environment("MOTE_LAYERS", 2000);

Bytes answer(const Graph& graph, InstructionSet core, const std::vector<int8_t>& sample) {
  Evaluator evaluator(graph, core);
  evaluator.push(0, sample.data());
  return evaluator.outputs();
}

// Mostly the whole range of int8, as behind a plain relu or nothing.
Attributes random_output(Numbers& numbers) {
  const char* kActivations[] = {"none", "none", "relu", "relu6", "relu_n1_to_1"};
  const bool relu = numbers.integer(0, 2) == 0;
  return {{"output_scale", double(numbers.real(0.02f, 0.5f))},
          {"output_zero_point", int64_t(relu ? -128 : numbers.integer(-128, 127))},
          {"activation", std::string(relu ? "relu" : kActivations[numbers.integer(0, 4)])}};
}

// A layer with what its kinds share drawn at random: zero points, scales, bias, activation.
struct RandomLayer {
  Numbers& numbers;
  OneNode one;
  Shape input;

  RandomLayer(Numbers& random, Shape shape)
      : numbers(random),
        one(OneNode::make<int8_t>(
            shape, per_tensor(numbers.real(0.01f, 0.1f), numbers.integer(-128, 127)))),
        input(std::move(shape)) {}

  // Rarely weights of -128, or a bias so large that sums leave 23 bits: then no variant is taken.
  ValueId weights(Shape shape, int32_t channels, int32_t axis, int32_t most = 127) {
    Quantization scales;
    scales.axis = axis;
    for (int32_t o = 0; o < channels; ++o) scales.scales.push_back(numbers.real(0.001f, 0.02f));
    scales.zero_points.assign(size_t(channels), 0);
    const int64_t count = element_count(shape);
    return one.constant("w", std::move(shape),
                        numbers.many<int8_t>(
                            count, most == 127 && numbers.integer(0, 15) == 0 ? -128 : -most, most),
                        scales);
  }
  ValueId bias(int32_t channels) {
    if (numbers.integer(0, 3) == 0) return -1;
    const int32_t most = numbers.integer(0, 15) == 0 ? 1 << 30 : 20000;
    std::vector<int32_t> all;
    for (int32_t o = 0; o < channels; ++o) all.push_back(numbers.integer(-most, most));
    return one.constant("b", {channels}, all);
  }
};

class Variants : public testing::Test {
 protected:
  // Every byte as by the portable kernel; counts the kernels that a core has for itself.
  void expect_same(const RandomLayer& layer) {
    const Graph& graph = layer.one.graph;
    const NodeView node(graph, graph.nodes[0]);
    const std::vector<int8_t> sample = numbers_.many<int8_t>(element_count(layer.input), -128, 127);
    const Bytes want = answer(graph, InstructionSet::portable, sample);
    std::set<std::string> seen;
    for (const InstructionSet core :
         {InstructionSet::portable, InstructionSet::scalar, InstructionSet::dsp,
          InstructionSet::mve, InstructionSet::simd128}) {
      const KernelCall call = lower_for(core, node);
      const std::string name = call.kernel.function;
      if (!seen.insert(name).second) continue;
      ASSERT_EQ(answer(graph, core, sample), want) << name;
      const OverlappedRun run(graph, call, numbers_);
      gather_evidence(run, graph, evidence_[core]);
      if (call.smaller) {
        ASSERT_EQ(run.with(smaller_form(call).call).apart(), run.apart()) << name << ", smaller";
      }
      ++taken_[core];
      ++kernels_[name.substr(0, name.find('<'))];
    }
    if (layers_++ % 4 == 0) expect_choices_same(graph, node);
  }
  // Of a convolution of 3 by 3.
  void expect_same_3x3(const Shape& image, const Attributes& attributes, int32_t out) {
    RandomLayer layer(numbers_, image);
    const ValueId weights = layer.weights({out, 3, 3, image[3]}, out, 0);
    const ValueId bias = layer.bias(out);
    layer.one.add(conv_2d_op, attributes, {weights, bias});
    expect_same(layer);
  }
  // The kernels that no core takes by itself: compressed weights, the second best.
  void expect_choices_same(const Graph& graph, const NodeView& node) {
    const std::vector<KernelCandidate> all = kernels_for(InstructionSet::mve, node);
    const OverlappedRun run(graph, lower_for(InstructionSet::portable, node), numbers_);
    const Bytes want = run.apart();
    for (const KernelCandidate& kernel : all)
      ASSERT_EQ(run.with(kernel.call).apart(), want) << kernel.name;
  }
  void expect_taken(int least) {
    for (const InstructionSet core : {InstructionSet::scalar, InstructionSet::dsp,
                                      InstructionSet::mve, InstructionSet::simd128})
      EXPECT_GT(taken_[core], least) << to_string(core);
  }

  // Of the sets whose kernels all have an order. A byte too near need not be damaged: what
  // overwrote it may be as it was, or meet weights of 0.
  void expect_tight_orders() {
    for (const InstructionSet set : {InstructionSet::portable, InstructionSet::dsp,
                                     InstructionSet::mve, InstructionSet::simd128}) {
      if (set == InstructionSet::simd128 && taken_[set] == 0) continue;  // has none of the kind
      const OrderEvidence& evidence = evidence_[set];
      EXPECT_GE(evidence.overlapped, taken_[set]) << to_string(set);
      EXPECT_GT(evidence.damaged, evidence.too_near / 4) << to_string(set);
    }
  }

  Numbers numbers_{uint32_t(from_environment("MOTE_SEED", 20261123))};
  int layers_ = 0;
  std::map<InstructionSet, int> taken_;
  std::map<std::string, int> kernels_;
  std::map<InstructionSet, OrderEvidence> evidence_;
};

TEST_F(Variants, FullyConnected) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t in = numbers_.integer(1, numbers_.integer(0, 7) == 0 ? 700 : 67);
    const int32_t out = numbers_.integer(1, 67), batches = numbers_.integer(1, 3);
    RandomLayer layer(numbers_, {batches, in});
    const ValueId weights = layer.weights({out, in}, out, 0), bias = layer.bias(out);
    layer.one.add(fully_connected_op, random_output(numbers_), {weights, bias});
    expect_same(layer);
  }
  expect_taken(kLayers / 2);
  expect_tight_orders();
  for (const InstructionSet core : {InstructionSet::scalar, InstructionSet::dsp}) {
    EXPECT_GT(evidence_[core].in_scratch_too_near, kLayers / 2);
    EXPECT_GT(evidence_[core].in_scratch_damaged, evidence_[core].in_scratch_too_near / 2);
  }
}

// Channels of one scale or of their own, so that numbers are the layer's or the channel's.
TEST_F(Variants, FullyConnectedWithFewBytesOfWeights) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const bool nibbles = numbers_.integer(0, 1) == 1;
    const int32_t in = numbers_.integer(1, nibbles ? 67 : 300), out = numbers_.integer(1, 67);
    RandomLayer layer(numbers_, {numbers_.integer(1, 3), in});
    const int32_t channels = numbers_.integer(0, 1) == 1 ? out : 1;
    const ValueId weights =
        layer.weights({out, in}, channels, 0, nibbles ? 7 : numbers_.integer(3, 40));
    Attributes attributes = random_output(numbers_);
    attributes["compressed"] = int64_t{1};
    const ValueId bias = layer.bias(out);
    layer.one.add(fully_connected_op, attributes, {weights, bias});
    expect_same(layer);
  }
  EXPECT_GT(kernels_["fully_connected_s8_nibbles"], kLayers / 4);
  EXPECT_GT(kernels_["fully_connected_s8_coded"], kLayers / 8);
  expect_tight_orders();
}

struct RandomWindow {
  int32_t kernel_h, kernel_w, dilation;
  Shape image;
  Attributes attributes;
};
// `usual`: 3x3 side by side.
RandomWindow random_window(Numbers& numbers, int32_t depth, Attributes attributes,
                           bool usual = false) {
  RandomWindow w{usual ? 3 : numbers.integer(1, 4),
                 usual ? 3 : numbers.integer(1, 4),
                 !usual && numbers.integer(0, 3) == 0 ? 2 : 1,
                 {},
                 std::move(attributes)};
  const auto extent = [&](int32_t kernel) {
    return std::max(1, (kernel - 1) * w.dilation + numbers.integer(0, 7));
  };
  const bool same = numbers.integer(0, 1) == 1;
  w.image = {numbers.integer(1, 2), extent(w.kernel_h) + !same, extent(w.kernel_w) + !same, depth};
  w.attributes["padding"] = std::string(same ? "same" : "valid");
  if (numbers.integer(0, 2) == 0) {
    w.attributes["padding"] = std::string("given");
    std::vector<int64_t> borders;
    for (const int32_t kernel : {w.kernel_h, w.kernel_h, w.kernel_w, w.kernel_w})
      borders.push_back(numbers.integer(0, (kernel - 1) * w.dilation));
    w.attributes["borders"] = borders;
    for (const size_t d : {1, 2})
      w.image[d] = std::max<int32_t>(w.image[d],
                                     (d == 1 ? w.kernel_h - 1 : w.kernel_w - 1) * w.dilation + 1);
  }
  const int64_t stride = numbers.integer(1, usual ? 2 : 3);
  w.attributes["stride_h"] = stride;
  w.attributes["stride_w"] = usual ? stride : numbers.integer(1, 3);
  w.attributes["dilation_h"] = w.attributes["dilation_w"] = int64_t(w.dilation);
  return w;
}

TEST_F(Variants, Convolution) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth = numbers_.integer(1, numbers_.integer(0, 3) == 0 ? 67 : 9);
    const int32_t out = numbers_.integer(1, numbers_.integer(0, 3) == 0 ? 67 : 9);
    const RandomWindow w = random_window(numbers_, depth, random_output(numbers_));
    RandomLayer layer(numbers_, w.image);
    const ValueId weights = layer.weights({out, w.kernel_h, w.kernel_w, depth}, out, 0);
    const ValueId bias = layer.bias(out);
    layer.one.add(conv_2d_op, w.attributes, {weights, bias});
    expect_same(layer);
  }
  expect_taken(kLayers / 2);
}

// As first layers are: few channels and long rows, so that windows are gathered by tables of bytes
// or, where these are too far apart, of pairs; from images at odd addresses, too.
TEST_F(Variants, ConvolutionOfLongRows) {
  int by_bytes = 0, by_pairs = 0;
  for (int i = 0; i < kLayers / 4 && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth = numbers_.integer(1, 4), out = numbers_.integer(1, 20);
    RandomWindow w = random_window(numbers_, depth, random_output(numbers_));
    w.image[1] = std::min(w.image[1], 8);
    w.image[2] += numbers_.integer(0, 120);
    RandomLayer layer(numbers_, w.image);
    const ValueId weights = layer.weights({out, w.kernel_h, w.kernel_w, depth}, out, 0);
    const ValueId bias = layer.bias(out);
    layer.one.add(conv_2d_op, w.attributes, {weights, bias});
    expect_same(layer);
    const NodeView node(layer.one.graph, layer.one.graph.nodes[0]);
    const KernelCall call = lower_for(InstructionSet::mve, node);
    for (const KernelField& field : call.fields)
      if (field.name == "tap") by_bytes += field.literal == "1", by_pairs += field.literal == "2";
  }
  EXPECT_GT(by_bytes, kLayers / 40);
  EXPECT_GT(by_pairs, kLayers / 80);
  EXPECT_GT(kernels_["conv_2d_s8_fours_mve"], kLayers / 40);
}

// Rows of outputs of all lengths, which are taken in fours and sixes.
TEST_F(Variants, Convolution3x3) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth = 4 * numbers_.integer(1, numbers_.integer(0, 3) == 0 ? 9 : 3);
    const int32_t out = numbers_.integer(1, 9);
    RandomWindow w = random_window(numbers_, depth, random_output(numbers_), true);
    w.image[2] += numbers_.integer(0, 12);
    w.attributes["stride_h"] = w.attributes["stride_w"] = int64_t(1);
    expect_same_3x3(w.image, w.attributes, out);
  }
  EXPECT_GT(kernels_["conv_2d_s8_3x3_dsp"], kLayers / 2);
  expect_tight_orders();
}

// Channels in whole vectors and fours, rows of outputs in fours.
TEST_F(Variants, Convolution3x3OfVectors) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth = 16 * numbers_.integer(1, numbers_.integer(0, 3) == 0 ? 5 : 2);
    const int32_t out = 4 * numbers_.integer(1, 5);
    RandomWindow w = random_window(numbers_, depth, random_output(numbers_), true);
    w.image[2] += numbers_.integer(0, 12);
    expect_same_3x3(w.image, w.attributes, out);
  }
  EXPECT_GT(kernels_["conv_2d_s8_rows_mve"], kLayers / 3);
  expect_tight_orders();
}

// Rows of 16 outputs and more, whose last tiles may lie over others.
TEST_F(Variants, Convolution3x3InWinogradsForm) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth = 8 * numbers_.integer(1, 2), out = numbers_.integer(12, 20);
    RandomWindow w = random_window(numbers_, depth, random_output(numbers_), true);
    w.image[1] = std::min(w.image[1], 3);
    w.image[2] = 16 * numbers_.integer(1, 3) + numbers_.integer(-2, 2);
    w.attributes["stride_h"] = w.attributes["stride_w"] = int64_t(1);
    expect_same_3x3(w.image, w.attributes, out);
  }
  EXPECT_GT(kernels_["conv_2d_s8_winograd"], kLayers / 8);
  expect_tight_orders();
}

// Few places whose windows lie one after the other: of whole images, or of a pixel each.
TEST_F(Variants, ConvolutionAtALonePlace) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth = numbers_.integer(1, 40), out = numbers_.integer(1, 40);
    const int32_t h = numbers_.integer(1, 3), w = numbers_.integer(1, 3);
    const bool points = numbers_.integer(0, 1) == 1;
    Attributes attributes = random_output(numbers_);
    attributes["padding"] = std::string(numbers_.integer(0, 3) == 0 ? "same" : "valid");
    RandomLayer layer(numbers_, {numbers_.integer(1, 2), h, w, depth});
    const Shape kernel = points ? Shape{out, 1, 1, depth} : Shape{out, h, w, depth};
    const ValueId weights = layer.weights(kernel, out, 0), bias = layer.bias(out);
    layer.one.add(conv_2d_op, attributes, {weights, bias});
    expect_same(layer);
  }
  expect_taken(kLayers / 2);
  expect_tight_orders();
}

TEST_F(Variants, DepthwiseConvolution) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth =
        numbers_.integer(0, 7) == 0 ? numbers_.integer(1, 67) : 4 * numbers_.integer(1, 16);
    const RandomWindow w = random_window(numbers_, depth, random_output(numbers_), i % 2 == 0);
    RandomLayer layer(numbers_, w.image);
    const ValueId weights = layer.weights({1, w.kernel_h, w.kernel_w, depth}, depth, 3);
    const ValueId bias = layer.bias(depth);
    layer.one.add(depthwise_conv_2d_op, w.attributes, {weights, bias});
    expect_same(layer);
  }
  expect_taken(kLayers / 5);
  expect_tight_orders();
}

// As of a stream that keeps its last rows: windows that are the whole image.
TEST_F(Variants, DepthwiseConvolutionOfOnePlace) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth = 4 * numbers_.integer(1, 16);
    const int32_t height = numbers_.integer(1, 9), width = numbers_.integer(1, 3);
    RandomLayer layer(numbers_, {1, height, width, depth});
    const ValueId weights = layer.weights({1, height, width, depth}, depth, 3);
    const ValueId bias = layer.bias(depth);
    Attributes attributes = random_output(numbers_);
    attributes["padding"] = std::string("valid");
    layer.one.add(depthwise_conv_2d_op, attributes, {weights, bias});
    expect_same(layer);
  }
  EXPECT_GT(kernels_["depthwise_lone_s8_dsp"], kLayers / 4);
}

TEST_F(Variants, AveragePool) {
  for (int i = 0; i < kLayers && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t depth =
        numbers_.integer(0, 3) == 0 ? numbers_.integer(1, 67) : 4 * numbers_.integer(1, 16);
    const int32_t most = numbers_.integer(0, 7) == 0 ? 17 : 6;
    const int32_t h = numbers_.integer(1, most), w = numbers_.integer(1, most);
    const char* kActivations[] = {"none", "relu", "relu6", "relu_n1_to_1"};
    RandomLayer layer(numbers_, {numbers_.integer(1, 2), h + numbers_.integer(0, 5),
                                 w + numbers_.integer(0, 5), depth});
    layer.one.add(average_pool_2d_op,
                  {{"filter_h", int64_t(h)},
                   {"filter_w", int64_t(w)},
                   {"stride_h", int64_t(numbers_.integer(1, 3))},
                   {"stride_w", int64_t(numbers_.integer(1, 3))},
                   {"padding", std::string(numbers_.integer(0, 1) == 1 ? "same" : "valid")},
                   {"activation", std::string(kActivations[numbers_.integer(0, 3)])}});
    expect_same(layer);
  }
  EXPECT_GT(kernels_["average_pool_2d_s8_dsp"], kLayers / 2);
  EXPECT_GT(kernels_["average_pool_2d_s8_mve"], kLayers / 8);
  expect_tight_orders();
}

// Layers of real numbers: every bit, as each sum keeps its order.
class RealVariants : public Variants {
 protected:
  // Random layers of `op`, whose weights have `shape_of(image, random window)`.
  template <class ShapeOf>
  void expect_same_bits(const OpDef& op, ShapeOf shape_of) {
    for (int i = 0; i < kLayers && !HasFailure(); ++i) {
      SCOPED_TRACE("layer " + std::to_string(i));
      const char* kActivations[] = {"none", "relu", "relu6"};
      const int32_t depth = numbers_.integer(1, numbers_.integer(0, 3) == 0 ? 67 : 9);
      const RandomWindow w = random_window(
          numbers_, depth, {{"activation", std::string(kActivations[numbers_.integer(0, 2)])}});
      const bool is_dense = &op == &fully_connected_op;
      OneNode one = OneNode::make<float>(w.image);
      const Shape shape = shape_of(w);
      const int32_t channels = &op == &depthwise_conv_2d_op ? shape.back() : shape[0];
      const ValueId weights = one.constant("w", shape, reals(element_count(shape)));
      const ValueId bias =
          numbers_.integer(0, 3) == 0 ? -1 : one.constant("b", {channels}, reals(channels));
      one.add(op,
              is_dense ? Attributes{{"activation", w.attributes.at("activation")}} : w.attributes,
              {weights, bias});
      const NodeView node(one.graph, one.graph.nodes[0]);
      const std::vector<float> sample = reals(element_count(w.image));
      const auto answer_by = [&](InstructionSet core) {
        Evaluator evaluator(one.graph, core);
        evaluator.push(0, sample.data());
        return evaluator.outputs();
      };
      ASSERT_EQ(answer_by(InstructionSet::simd128), answer_by(InstructionSet::portable));
      const KernelCall call = lower_for(InstructionSet::simd128, node);
      gather_evidence({one.graph, call, numbers_}, one.graph, evidence_[InstructionSet::simd128]);
      ++kernels_[call.kernel.function];
    }
  }
  // Of many sizes, so that another order of a sum would show; zeros of both signs.
  std::vector<float> reals(int64_t count) {
    std::vector<float> all;
    for (int64_t i = 0; i < count; ++i) {
      const int32_t kind = numbers_.integer(0, 15);
      const float size = std::ldexp(1.0f, numbers_.integer(-12, 12));
      all.push_back(kind == 0 ? 0.0f : kind == 1 ? -0.0f : size * numbers_.real(-1, 1));
    }
    return all;
  }
};

TEST_F(RealVariants, Convolution) {
  expect_same_bits(conv_2d_op, [&](const RandomWindow& w) {
    const int32_t out = numbers_.integer(1, numbers_.integer(0, 3) == 0 ? 67 : 9);
    return Shape{out, w.kernel_h, w.kernel_w, w.image[3]};
  });
  EXPECT_EQ(kernels_["conv_2d_f32_simd128"], kLayers);
}

TEST_F(RealVariants, DepthwiseConvolution) {
  expect_same_bits(depthwise_conv_2d_op, [&](const RandomWindow& w) {
    return Shape{1, w.kernel_h, w.kernel_w, w.image[3] * (numbers_.integer(0, 7) == 0 ? 2 : 1)};
  });
  EXPECT_GT(kernels_["depthwise_conv_2d_f32_simd128"], kLayers / 2);
}

TEST_F(RealVariants, FullyConnected) {
  expect_same_bits(fully_connected_op, [&](const RandomWindow& w) {
    return Shape{numbers_.integer(1, 67), w.image[3]};
  });
  EXPECT_EQ(kernels_["conv_2d_f32_simd128"], kLayers);
}

// Outside of the image 0 * infinity would be no number.
TEST_F(RealVariants, WeightsThatAreNotFiniteAreLeftToThePortableKernel) {
  OneNode one = OneNode::make<float>({1, 2, 2, 1});
  const ValueId weights = one.constant(
      "w", {1, 3, 3, 1}, std::vector<float>(9, std::numeric_limits<float>::infinity()));
  one.add(conv_2d_op, {{"padding", std::string("same")}}, {weights, -1});
  const NodeView node(one.graph, one.graph.nodes[0]);
  EXPECT_STREQ(lower_for(InstructionSet::simd128, node).kernel.function, "conv_2d_f32");
}

// All 65,536 pairs are held to the portable rule where the form is found; here that it is found for
// nearly all layers, and that the kernel does what the search has tried.
TEST_F(Variants, SumAndDifference) {
  const int kPairs = kLayers / 10;
  for (int i = 0; i < kPairs && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    RandomLayer layer(numbers_, {numbers_.integer(1, 67)});
    const auto other = per_tensor(numbers_.real(0.01f, 0.1f), numbers_.integer(-128, 127));
    const ValueId b = layer.one.constant(
        "b", layer.input, numbers_.many<int8_t>(element_count(layer.input), -128, 127), other);
    const bool adds = numbers_.integer(0, 1) == 1;
    layer.one.add(adds ? add_op : sub_op, random_output(numbers_), {b});
    expect_same(layer);
  }
  // A core with DSP instructions takes the same kernel as one without.
  EXPECT_GT(taken_[InstructionSet::scalar], kPairs / 2);
  EXPECT_GT(taken_[InstructionSet::mve], kPairs / 2);
}

}  // namespace
}  // namespace mote
