// SPDX-License-Identifier: Apache-2.0
// Parts of random graphs. See random_parts.h.
#include "tests/conformance/random_parts.h"

#include "graph/op_def.h"

namespace mote::conformance {
namespace {

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

Window random_window(Random& random, bool dilated, bool padded) {
  Window window{random.integer(1, 5), random.integer(1, 3), 1, 0};
  if (random.one_in(4)) window.kernel = 1;
  if (dilated) window.dilation = random.integer(1, 3);
  const int32_t extent = (window.kernel - 1) * window.dilation + 1;
  window.input = padded ? random.integer(1, 11) : random.integer(extent, extent + 8);
  return window;
}

}  // namespace

std::string random_activation(Random& random) {
  constexpr const char* kActivations[] = {"none", "relu", "relu6", "relu_n1_to_1"};
  return random.pick(kActivations);
}

// Zero points at the ends are as legal as those between, and easier to get wrong.
int32_t random_zero_point(Random& random) {
  constexpr int32_t kSpecial[] = {-128, 127, 0};
  return random.one_in(3) ? random.pick(kSpecial) : random.integer(-128, 127);
}

Shape random_shape(Random& random) {
  Shape shape{1, random.integer(1, 9), random.integer(1, 9), random.integer(1, 9)};
  shape.erase(shape.begin(), shape.begin() + random.integer(0, 3));
  return shape;
}

namespace {
std::string next_input_name(const Graph& graph) {
  return "input" + std::to_string(graph.streams.size());
}
}  // namespace

ValueId add_input(Graph& graph, Random& random, Shape shape) {
  return graph.add_tensor_stream(next_input_name(graph), ElementType::s8, std::move(shape),
                                 per_tensor(random.scale(1e-4f, 2.0f), random_zero_point(random)));
}

ValueId add_f32_input(Graph& graph, Shape shape) {
  return graph.add_tensor_stream(next_input_name(graph), ElementType::f32, std::move(shape), {});
}

Attributes output_for(Random& random, float scale) {
  constexpr float kSimple[] = {0.5f, 1.0f, 2.0f, 4.0f};
  const float ratio = random.one_in(3) ? random.pick(kSimple) : random.scale(0.3f, 3.0f);
  return {{"output_scale", double(scale * ratio)},
          {"output_zero_point", int64_t(random_zero_point(random))}};
}

void finish(Graph& graph, const OpDef& op, std::vector<ValueId> inputs, Attributes attributes) {
  if (!graph.name.empty()) graph.name += " | ";
  graph.name += op.name;
  for (ValueId id : inputs)
    if (id >= 0) graph.name += " " + to_text(graph.value(id));
  graph.name += to_text(attributes);
  const std::string node = op.name + "_" + std::to_string(graph.nodes.size());
  graph.outputs = {graph.add_node(op, node, std::move(inputs), std::move(attributes))};
}

Windows random_windows(Random& random, bool dilated) {
  const bool padded = random.one_in(2);
  return {padded, random_window(random, dilated, padded), random_window(random, dilated, padded)};
}

Attributes strides(const Windows& windows) {
  return {{"padding", std::string(windows.padded ? "same" : "valid")},
          {"stride_h", int64_t(windows.h.stride)},
          {"stride_w", int64_t(windows.w.stride)}};
}

Attributes strides_and_dilations(const Windows& windows) {
  Attributes attributes = strides(windows);
  attributes["dilation_h"] = int64_t(windows.h.dilation);
  attributes["dilation_w"] = int64_t(windows.w.dilation);
  return attributes;
}

}  // namespace mote::conformance
