// SPDX-License-Identifier: Apache-2.0
// Pools, sums, activations, changes of shape and of scale. In: a seeded generator. Out: graphs of
// one such operator (families.h).
#include "ops/activation.h"
#include "ops/registry.h"
#include "tests/conformance/families.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

Graph make_pool(Random& random, const OpDef& op, ElementType type) {
  Graph graph;
  const Windows at = random_windows(random, false);
  const Shape image{random.integer(1, 2), at.h.input, at.w.input, random.integer(1, 9)};
  const ValueId input =
      type == ElementType::f32 ? add_f32_input(graph, image) : add_input(graph, random, image);
  Attributes attributes = strides(at);
  attributes["filter_h"] = int64_t(at.h.kernel);
  attributes["filter_w"] = int64_t(at.w.kernel);
  attributes["activation"] = random_activation(random);
  finish(graph, op, {input}, attributes);
  return graph;
}

Graph make_unary(Random& random, const OpDef& op) {
  Graph graph;
  finish(graph, op, {add_input(graph, random, random_shape(random))}, {});
  return graph;
}
}  // namespace

Graph make_max_pool_2d(Random& random) {
  return make_pool(random, max_pool_2d_op, ElementType::s8);
}
Graph make_max_pool_2d_f32(Random& random) {
  return make_pool(random, max_pool_2d_op, ElementType::f32);
}
Graph make_average_pool_2d(Random& random) {
  return make_pool(random, average_pool_2d_op, ElementType::s8);
}
Graph make_average_pool_2d_f32(Random& random) {
  return make_pool(random, average_pool_2d_op, ElementType::f32);
}

Graph make_softmax(Random& random) {
  Graph graph;
  Shape shape{random.integer(1, 3), random.integer(1, 60)};
  if (random.one_in(3)) shape.erase(shape.begin());
  const ValueId input = add_input(graph, random, shape);
  constexpr double kBetas[] = {1.0, 1.0, 0.5, 2.0};
  finish(graph, softmax_op, {input}, {{"beta", random.pick(kBetas)}});
  return graph;
}

Graph make_reshape(Random& random) {
  Graph graph;
  const int64_t a = random.integer(1, 5), b = random.integer(1, 5), c = random.integer(1, 5);
  const ValueId input = add_input(graph, random, {1, int32_t(a), int32_t(b), int32_t(c)});
  const std::vector<int64_t> shapes[] = {{a * b * c}, {1, -1}, {a, b * c}, {1, c, a, b}, {-1, b}};
  finish(graph, reshape_op, {input}, {{"shape", random.pick(shapes)}});
  return graph;
}

namespace {

// The shape itself, or that of its last dimensions, or one number.
Shape broadcastable(Random& random, Shape shape) {
  if (random.one_in(2)) return shape;
  if (random.one_in(4)) return {1};
  shape.erase(shape.begin(), shape.begin() + random.integer(0, int32_t(shape.size()) - 1));
  return shape;
}

ValueId add_s8_constant(Graph& graph, Random& random, Shape shape, const Quantization& q) {
  std::vector<int8_t> numbers(size_t(element_count(shape)));
  for (int8_t& n : numbers) n = int8_t(random.integer(-128, 127));
  return graph.add_constant("constant", ElementType::s8, std::move(shape), numbers, q);
}

}  // namespace

Graph make_add(Random& random) {
  Graph graph;
  const Shape shape = random_shape(random);
  const Shape second = broadcastable(random, shape);
  const ValueId a = add_input(graph, random, shape);
  const float scale = graph.value(a).quantization.scale();
  constexpr float kSimple[] = {1.0f, 1.0f, 3.0f};  // with simple output ratios: exact ties
  const float ratio = random.one_in(3) ? random.pick(kSimple) : random.scale(0.02f, 50.0f);
  const Quantization q = per_tensor(scale * ratio, random_zero_point(random));
  const ValueId b = random.one_in(3)
                        ? add_s8_constant(graph, random, second, q)
                        : graph.add_tensor_stream("input1", ElementType::s8, second, q);
  Attributes attributes = output_for(random, scale + q.scale());
  attributes["activation"] = random_activation(random);
  finish(graph, add_op, {a, b}, attributes);
  return graph;
}

Graph make_add_f32(Random& random) {
  Graph graph;
  const Shape shape = random_shape(random);
  const ValueId a = add_f32_input(graph, shape);
  const ValueId b = add_f32_input(graph, broadcastable(random, shape));
  finish(graph, add_op, {a, b}, {{"activation", random_activation(random)}});
  return graph;
}

Graph make_concatenate(Random& random) {
  Graph graph;
  Shape shape = random_shape(random);
  const auto rank = int32_t(shape.size());
  const int32_t axis = random.integer(-rank, rank - 1);
  std::vector<ValueId> inputs{add_input(graph, random, shape)};
  const Quantization q = graph.value(inputs[0]).quantization;
  for (int32_t more = random.integer(1, 4); more > 0; --more) {
    shape[size_t(axis < 0 ? axis + rank : axis)] = random.integer(1, 9);
    inputs.push_back(random.one_in(3) ? add_s8_constant(graph, random, shape, q)
                                      : graph.add_tensor_stream("input" + std::to_string(more),
                                                                ElementType::s8, shape, q));
  }
  finish(graph, concatenate_op, inputs, {{"axis", int64_t(axis)}});
  return graph;
}

// TFLM has no relu_n1_to_1 as an operator of its own, and its relu6 keeps the input's scale.
Graph make_activation(Random& random) {
  Graph graph;
  const ValueId input = add_input(graph, random, random_shape(random));
  const Quantization quantization = graph.value(input).quantization;
  Attributes attributes = output_for(random, quantization.scale());
  const bool relu6 = random.one_in(2);
  if (relu6) attributes = with_output_quantization({}, quantization);
  attributes["activation"] = std::string(relu6 ? "relu6" : "relu");
  finish(graph, activation_op, {input}, attributes);
  return graph;
}

Graph make_logistic(Random& random) { return make_unary(random, logistic_op); }
Graph make_tanh(Random& random) { return make_unary(random, tanh_op); }
Graph make_dequantize(Random& random) { return make_unary(random, dequantize_op); }

Graph make_requantize(Random& random) {
  Graph graph;
  const ValueId input = add_input(graph, random, random_shape(random));
  finish(graph, quantize_op, {input}, output_for(random, graph.value(input).quantization.scale()));
  return graph;
}

Graph make_quantize(Random& random) {
  Graph graph;
  const ValueId input = add_f32_input(graph, random_shape(random));
  finish(graph, quantize_op, {input}, output_for(random, 1.0f / 32));
  return graph;
}

namespace {

Graph make_mean_of(Random& random, ElementType type) {
  Graph graph;
  const int32_t largest = random.one_in(4) ? 40 : 9;
  const Shape image{random.integer(1, 2), random.integer(1, largest), random.integer(1, largest),
                    random.integer(1, 9)};
  const bool f32 = type == ElementType::f32;
  const ValueId input = f32 ? add_f32_input(graph, image) : add_input(graph, random, image);
  const std::vector<int64_t> axes[] = {{1, 2}, {1, 2}, {2, 1}, {1}, {2}, {3}, {-1}, {2, 3}};
  Attributes attributes;
  if (!f32) attributes = output_for(random, graph.value(input).quantization.scale());
  attributes["axes"] = random.pick(axes);
  attributes["keep_dims"] = int64_t(random.integer(0, 1));
  finish(graph, mean_op, {input}, attributes);
  return graph;
}

}  // namespace

Graph make_mean(Random& random) { return make_mean_of(random, ElementType::s8); }
Graph make_mean_f32(Random& random) { return make_mean_of(random, ElementType::f32); }

}  // namespace mote::conformance
