// SPDX-License-Identifier: Apache-2.0
// fully_connected, conv_2d and depthwise_conv_2d with random weights: int8 (also beside rounding
// ties) and float32. In: a seeded generator. Out: graphs of one such layer (families.h).
#include <algorithm>
#include <cmath>

#include "ops/registry.h"
#include "tests/conformance/families.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

// Kinds of layers with weights. wide: weights, biases and scales over the whole space. gentle:
// outputs within their range, for layers that others follow. ties: in every other channel the
// weights are zero and the bias lies beside a rounding tie of the output, at ratios of scales up to
// 2^23, so that a unit in the multiplier's last places or another rounding rule shows.
enum class Sums : uint8_t { wide, gentle, ties };

struct Layer {
  Sums sums;
  ValueId input;
  Shape weights_shape;
  int32_t axis;   // of the output channels in the weights
  int32_t terms;  // products in one sum

  int32_t channels() const { return weights_shape[size_t(axis)]; }
};

Sums random_sums(Random& random) { return random.one_in(3) ? Sums::ties : Sums::wide; }

ValueId add_weights(Graph& graph, Random& random, const Layer& layer) {
  const bool per_channel = !random.one_in(4);
  const int32_t channels = layer.channels();
  int64_t inner = 1;
  for (size_t d = size_t(layer.axis) + 1; d < layer.weights_shape.size(); ++d)
    inner *= layer.weights_shape[d];
  std::vector<int8_t> numbers(size_t(element_count(layer.weights_shape)));
  for (size_t i = 0; i < numbers.size(); ++i) {
    const bool zero = layer.sums == Sums::ties && (int64_t(i) / inner) % channels % 2 == 0;
    numbers[i] = zero ? int8_t{0} : int8_t(random.integer(-127, 127));
  }
  std::vector<float> scales(per_channel ? size_t(channels) : 1);
  const bool exact = layer.sums == Sums::ties && random.one_in(2);
  for (float& s : scales)
    s = exact ? std::ldexp(1.0f, -random.integer(4, 9)) : random.scale(1e-3f, 0.1f);
  const std::vector<int32_t> zeros(scales.size(), 0);
  return graph.add_constant("weights", ElementType::s8, layer.weights_shape, numbers,
                            {scales, zeros, per_channel ? layer.axis : 0});
}

float product_scale(const Graph& graph, const Layer& layer, ValueId weights, int32_t channel) {
  const std::vector<float>& scales = graph.value(weights).quantization.scales;
  return graph.value(layer.input).quantization.scale() *
         (scales.size() == 1 ? scales[0] : scales[size_t(channel)]);
}

// An output scale at which random sums of `terms` products neither vanish nor all saturate, give or
// take a factor.
float random_ratio(Random& random, const Layer& layer) {
  const float spread = 5400.0f * std::sqrt(float(layer.terms)) / 50.0f;
  if (layer.sums == Sums::gentle) return spread;
  if (layer.sums == Sums::wide) return spread * random.scale(0.2f, 5.0f);
  // Exact ties where the weights' scales are powers of two as well, near ones elsewhere.
  return random.one_in(2) ? std::ldexp(1.0f, random.integer(0, 23))
                          : random.scale(1.0f, float(1 << 23));
}

Attributes layer_attributes(const Graph& graph, Random& random, const Layer& layer,
                            ValueId weights) {
  const bool gentle = layer.sums == Sums::gentle;
  const float scale = product_scale(graph, layer, weights, 0) * random_ratio(random, layer);
  return {{"output_scale", double(scale)},
          {"output_zero_point", int64_t(gentle ? 0 : random_zero_point(random))},
          {"activation", gentle ? "none" : random_activation(random)}};
}

// A sum that the output's scale maps beside a number and a half.
int32_t sum_at_tie(Random& random, double product, const Attributes& attributes) {
  const double ratio = std::get<double>(attributes.at("output_scale")) / product;
  const auto zero_point = int32_t(std::get<int64_t>(attributes.at("output_zero_point")));
  const int32_t steps = random.integer(-128, 127) - zero_point;
  const double sum = std::round((steps + 0.5) * ratio) + random.integer(-1, 1);
  return int32_t(std::clamp(sum, -2e9, 2e9));
}

// -1 (no bias) now and then; as large as the sums it is added to.
ValueId add_bias(Graph& graph, Random& random, const Layer& layer, ValueId weights,
                 const Attributes& attributes) {
  if (layer.sums != Sums::ties && random.one_in(4)) return -1;
  const int32_t peak = 4000 * layer.terms;
  std::vector<int32_t> numbers(size_t(layer.channels()));
  for (int32_t c = 0; c < layer.channels(); ++c)
    numbers[size_t(c)] =
        layer.sums == Sums::ties && c % 2 == 0
            ? sum_at_tie(random, double(product_scale(graph, layer, weights, c)), attributes)
            : random.integer(-peak, peak);
  Quantization quantization = graph.value(weights).quantization;
  for (float& s : quantization.scales) s *= graph.value(layer.input).quantization.scale();
  quantization.axis = 0;
  return graph.add_constant("bias", ElementType::s32, {layer.channels()}, numbers, quantization);
}

// Adds weights, bias, output quantisation and activation to what the operator itself takes.
void finish_layer(Graph& graph, Random& random, const OpDef& op, const Layer& layer,
                  const Attributes& own) {
  const ValueId weights = add_weights(graph, random, layer);
  Attributes attributes = layer_attributes(graph, random, layer, weights);
  const ValueId bias = add_bias(graph, random, layer, weights, attributes);
  attributes.insert(own.begin(), own.end());
  finish(graph, op, {layer.input, weights, bias}, attributes);
}

// float32 layers: what TFLM computes with plain loops in the order of the format is equal bit for
// bit.
ValueId add_f32(Graph& graph, Random& random, const char* name, Shape shape) {
  std::vector<float> numbers(size_t(element_count(shape)));
  for (float& n : numbers) n = random.scale(1e-3f, 2.0f) * (random.one_in(2) ? 1.0f : -1.0f);
  return graph.add_constant(name, ElementType::f32, std::move(shape), numbers);
}

Graph make_layer_f32(Random& random, const OpDef& op, const Shape& input, const Shape& weights,
                     Attributes attributes) {
  Graph graph;
  const ValueId x = graph.add_tensor_stream("input", ElementType::f32, input, {});
  const ValueId w = add_f32(graph, random, "weights", weights);
  const int32_t channels = op.name == "depthwise_conv_2d" ? weights.back() : weights.front();
  const ValueId b = random.one_in(4) ? -1 : add_f32(graph, random, "bias", {channels});
  attributes["activation"] = random_activation(random);
  finish(graph, op, {x, w, b}, attributes);
  return graph;
}

}  // namespace

Graph make_fully_connected(Random& random) {
  Graph graph;
  const int32_t inputs = random.integer(1, 150);
  const int32_t outputs = random.integer(1, 40);
  Shape shape{random.integer(1, 3), inputs};
  if (random.one_in(3)) shape.erase(shape.begin());
  if (random.one_in(5)) shape.insert(shape.begin(), {random.integer(1, 2), random.integer(1, 3)});
  const ValueId input = add_input(graph, random, shape);
  finish_layer(graph, random, fully_connected_op,
               {random_sums(random), input, {outputs, inputs}, 0, inputs}, {});
  return graph;
}

namespace {

struct Place {
  ValueId input;
  Sums sums;
  Windows at;
};

void add_conv_2d(Graph& graph, Random& random, const Place& place) {
  const auto& [input, sums, at] = place;
  const int32_t channels = graph.value(input).shape[3];
  const Shape weights{random.integer(1, 9), at.h.kernel, at.w.kernel, channels};
  finish_layer(graph, random, conv_2d_op,
               {sums, input, weights, 0, at.h.kernel * at.w.kernel * channels},
               strides_and_dilations(at));
}

void add_depthwise_conv_2d(Graph& graph, Random& random, const Place& place) {
  const auto& [input, sums, at] = place;
  const int32_t depth_multiplier = random.one_in(3) ? random.integer(2, 4) : 1;
  const Shape weights{1, at.h.kernel, at.w.kernel, graph.value(input).shape[3] * depth_multiplier};
  finish_layer(graph, random, depthwise_conv_2d_op,
               {sums, input, weights, 3, at.h.kernel * at.w.kernel}, strides_and_dilations(at));
}

ValueId add_image(Graph& graph, Random& random, const Windows& at) {
  return add_input(graph, random,
                   {random.integer(1, 2), at.h.input, at.w.input, random.integer(1, 9)});
}

}  // namespace

Graph make_conv_2d(Random& random) {
  Graph graph;
  const Windows at = random_windows(random, random.one_in(3));
  add_conv_2d(graph, random, {add_image(graph, random, at), random_sums(random), at});
  return graph;
}

Graph make_depthwise_conv_2d(Random& random) {
  Graph graph;
  const Windows at = random_windows(random, random.one_in(3));
  add_depthwise_conv_2d(graph, random, {add_image(graph, random, at), random_sums(random), at});
  return graph;
}

// Several operators in one file: tensors between them, shared operator codes, a cut at a reshape.
Graph make_network(Random& random) {
  Graph graph;
  const Windows same{true, {3, 1, 1, random.integer(4, 9)}, {3, 2, 1, random.integer(4, 9)}};
  graph.outputs = {add_input(graph, random, {1, same.h.input, same.w.input, random.integer(1, 4)})};
  for (int32_t layers = random.integer(1, 3); layers > 0; --layers) {
    add_conv_2d(graph, random, {graph.outputs[0], Sums::gentle, same});
    add_depthwise_conv_2d(graph, random, {graph.outputs[0], Sums::gentle, same});
  }
  const Shape image = graph.value(graph.outputs[0]).shape;
  finish(graph, average_pool_2d_op, {graph.outputs[0]},
         {{"filter_h", int64_t(image[1])}, {"filter_w", int64_t(image[2])}});
  finish(graph, reshape_op, {graph.outputs[0]}, {{"shape", std::vector<int64_t>{-1}}});
  const Shape weights{random.integer(2, 9), image[3]};
  finish_layer(graph, random, fully_connected_op,
               {Sums::gentle, graph.outputs[0], weights, 0, image[3]}, {});
  const double beta = 0.03 / double(graph.value(graph.outputs[0]).quantization.scale());
  finish(graph, softmax_op, {graph.outputs[0]}, {{"beta", beta}});
  return graph;
}

Graph make_fully_connected_f32(Random& random) {
  const int32_t inputs = random.integer(1, 150);
  return make_layer_f32(random, fully_connected_op, {random.integer(1, 3), inputs},
                        {random.integer(1, 40), inputs}, {});
}

Graph make_conv_2d_f32(Random& random) {
  const Windows at = random_windows(random, random.one_in(3));
  const int32_t channels = random.integer(1, 9);
  return make_layer_f32(random, conv_2d_op, {1, at.h.input, at.w.input, channels},
                        {random.integer(1, 9), at.h.kernel, at.w.kernel, channels},
                        strides_and_dilations(at));
}

Graph make_depthwise_conv_2d_f32(Random& random) {
  const Windows at = random_windows(random, random.one_in(3));
  const int32_t channels = random.integer(1, 9);
  return make_layer_f32(random, depthwise_conv_2d_op, {1, at.h.input, at.w.input, channels},
                        {1, at.h.kernel, at.w.kernel, channels * random.integer(1, 3)},
                        strides_and_dilations(at));
}

}  // namespace mote::conformance
