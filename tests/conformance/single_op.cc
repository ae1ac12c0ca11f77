// SPDX-License-Identifier: Apache-2.0
// The families of random single-operator graphs. See single_op.h.
#include "tests/conformance/single_op.h"

#include <algorithm>
#include <cmath>

#include "ops/registry.h"

namespace mote::conformance {
namespace {

constexpr const char* kActivations[] = {"none", "relu", "relu6", "relu_n1_to_1"};

std::string to_text(const Shape& shape) {
  std::string text = "[";
  for (int32_t d : shape) text += (text.size() > 1 ? "," : "") + std::to_string(d);
  return text + "]";
}

std::string to_text(const Attributes& attributes) {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += " " + name + "=";
    if (const auto* i = std::get_if<int64_t>(&value)) text += std::to_string(*i);
    if (const auto* d = std::get_if<double>(&value)) text += std::to_string(*d);
    if (const auto* s = std::get_if<std::string>(&value)) text += *s;
    if (const auto* v = std::get_if<std::vector<int64_t>>(&value))
      for (int64_t i : *v) text += std::to_string(i) + ",";
  }
  return text;
}

std::string to_text(const Value& value) {
  return to_text(value.shape) + "*" + std::to_string(value.quantization.scale()) + "@" +
         std::to_string(value.quantization.zero_point()) +
         (value.quantization.scales.size() > 1 ? "(per channel)" : "");
}

// Zero points at the ends are as legal as those between, and easier to get wrong.
int32_t random_zero_point(Random& random) {
  constexpr int32_t kSpecial[] = {-128, 127, 0};
  return random.one_in(3) ? random.pick(kSpecial) : random.integer(-128, 127);
}

ValueId add_input(Graph& graph, Random& random, Shape shape) {
  return graph.add_tensor_stream("input" + std::to_string(graph.streams.size()), ElementType::s8,
                                 std::move(shape),
                                 per_tensor(random.scale(1e-3f, 0.5f), random_zero_point(random)));
}

// Two kinds of layers with weights. sums: random weights and biases, outputs spread over the range.
// ties: in every other channel the weights are zero and the bias lies beside a rounding tie of the
// output, at ratios of scales up to 2^23, so that one unit in the multiplier's last place or
// another rounding rule shows.
enum class Sums : uint8_t { random, ties };

struct Layer {
  Sums sums;
  ValueId input;
  Shape weights_shape;
  int32_t axis;   // of the output channels in the weights
  int32_t terms;  // products in one sum

  int32_t channels() const { return weights_shape[size_t(axis)]; }
};

Sums random_sums(Random& random) { return random.one_in(3) ? Sums::ties : Sums::random; }

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
  for (float& s : scales) s = random.scale(1e-3f, 0.1f);
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
Attributes layer_attributes(const Graph& graph, Random& random, const Layer& layer,
                            ValueId weights) {
  const float product = product_scale(graph, layer, weights, 0);
  const float spread = 5400.0f * std::sqrt(float(layer.terms)) / 50.0f;
  const float ratio = layer.sums == Sums::ties ? random.scale(1.0f, float(1 << 23))
                                               : spread * random.scale(0.2f, 5.0f);
  return {{"output_scale", double(product * ratio)},
          {"output_zero_point", int64_t(random_zero_point(random))},
          {"activation", std::string(random.pick(kActivations))}};
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
  if (layer.sums == Sums::random && random.one_in(4)) return -1;
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

void finish(Graph& graph, const OpDef& op, std::vector<ValueId> inputs, Attributes attributes) {
  graph.name = op.name;
  for (ValueId id : inputs)
    if (id >= 0) graph.name += " " + to_text(graph.value(id));
  graph.name += to_text(attributes);
  graph.outputs = {graph.add_node(op, op.name, std::move(inputs), std::move(attributes))};
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

constexpr Family kFamilies[] = {
    {"fully_connected", make_fully_connected},
};

}  // namespace

float Random::scale(float low, float high) {
  const double position = double(engine_() >> 11) / double(uint64_t(1) << 53);
  return float(double(low) * std::pow(double(high) / double(low), position));
}

std::span<const Family> families() { return kFamilies; }

}  // namespace mote::conformance
