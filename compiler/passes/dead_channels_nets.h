// SPDX-License-Identifier: Apache-2.0
// Integer networks with dead channels that are planted on purpose, for tests of
// remove_dead_channels. In: layers one by one, with what to do to their weights. Out: a graph, and
// whether it answers as the graph without dead channels does.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "compiler/passes/passes.h"
#include "graph/verify.h"
#include "ops/run_one_node.h"

namespace mote::dead_channels {

// The numbers of a layer before it is added; channel `o` of `outputs`.
struct Weights {
  int32_t outputs, taps, inputs;  // of depthwise_conv_2d one input
  bool depthwise;
  std::vector<int8_t> numbers;
  std::vector<int64_t> bias;

  int8_t& at(int32_t o, int32_t tap, int32_t c) {
    return numbers[size_t(depthwise ? tap * outputs + o : (o * taps + tap) * inputs + c)];
  }
  // The output is a constant, near its zero point plus `bias` steps of the sum.
  void silence(int32_t o, int64_t constant = 0) {
    for (int32_t t = 0; t < taps; ++t)
      for (int32_t c = 0; c < inputs; ++c) at(o, t, c) = 0;
    bias[size_t(o)] = constant;
  }
  // The output is that of the clamp's end, whatever comes.
  void drown(int32_t o, int64_t sign) { bias[size_t(o)] = sign * (1 << 24); }
  void ignore(int32_t c) {
    for (int32_t o = 0; o < outputs; ++o)
      for (int32_t t = 0; t < taps; ++t) at(o, t, c) = 0;
  }
};
using Plant = std::function<void(Weights&)>;

struct Window {
  int32_t kernel = 1;
  int32_t stride = 1;
  const char* padding = "same";
};

class Net {
 public:
  explicit Net(Numbers& numbers) : n(numbers) { graph.name = "net"; }

  ValueId input(const Shape& shape, ElementType type = ElementType::s8) {
    const float scale = type == ElementType::s16 ? 0.0002f : 0.05f;
    return graph.add_tensor_stream("x", type, shape, per_tensor(scale, zero_point(type)));
  }
  ValueId conv(ValueId x, int32_t outputs, Window window, const Plant& plant = {}) {
    Weights w{outputs, window.kernel * window.kernel, channels(x), false, {}, {}};
    fill(w, plant);
    return weighted(conv_2d_op, x, w, {outputs, window.kernel, window.kernel, w.inputs},
                    attributes(window));
  }
  ValueId depthwise(ValueId x, int32_t multiplier, Window window, const Plant& plant = {}) {
    Weights w{channels(x) * multiplier, window.kernel * window.kernel, 1, true, {}, {}};
    fill(w, plant);
    return weighted(depthwise_conv_2d_op, x, w, {1, window.kernel, window.kernel, w.outputs},
                    attributes(window));
  }
  ValueId dense(ValueId x, int32_t outputs, const Plant& plant = {}) {
    Weights w{outputs, 1, channels(x), false, {}, {}};
    fill(w, plant);
    return weighted(fully_connected_op, x, w, {outputs, w.inputs}, {});
  }
  ValueId pool(const OpDef& op, ValueId x, Window window) {
    Attributes a = attributes(window);
    a["filter_h"] = a["filter_w"] = int64_t(window.kernel);
    return add(op, {x}, a);
  }
  ValueId flat(ValueId x) {
    return add(reshape_op, {x}, {{"shape", std::vector<int64_t>{value(x).shape[0], -1}}});
  }
  // At a scale of its own.
  ValueId scaled(const OpDef& op, const std::vector<ValueId>& x, Attributes a = {}) {
    const bool wide = value(x[0]).type == ElementType::s16;
    a["output_scale"] = (wide ? 0.0002 : 0.05) * double(n.real(0.7f, 1.4f));
    a["output_zero_point"] = int64_t(zero_point(value(x[0]).type));
    return add(op, x, a);
  }
  ValueId add(const OpDef& op, const std::vector<ValueId>& x, const Attributes& a) {
    return graph.add_node(op, "layer" + std::to_string(graph.nodes.size()), x, a);
  }
  ValueId constant(const Shape& shape, ElementType type) {
    const Quantization q = per_tensor(0.03f, 0);
    const std::string name = "operand" + std::to_string(graph.values.size());
    if (type == ElementType::s16)
      return graph.add_constant(name, type, shape,
                                n.many<int16_t>(element_count(shape), -20000, 20000), q);
    return graph.add_constant(name, type, shape, n.many<int8_t>(element_count(shape), -128, 127),
                              q);
  }
  const Value& value(ValueId id) const { return graph.value(id); }
  int32_t channels(ValueId id) const { return value(id).shape.back(); }

  Graph graph;
  Numbers& n;
  bool shares = false;                   // every layer with weights of one shape has the same
  bool scales = true;                    // weights have a scale a channel
  bool clamps = true;                    // layers end in a relu here and there
  bool has_bias = true;                  // of all layers
  std::optional<int32_t> s8_zero_point;  // none: random

 private:
  struct Constants {
    ValueId weights = -1, bias = -1;
  };
  static Attributes attributes(const Window& window) {
    return {{"stride_h", int64_t(window.stride)},
            {"stride_w", int64_t(window.stride)},
            {"padding", std::string(window.padding)}};
  }
  int32_t zero_point(ElementType type) const {
    if (type == ElementType::s16) return 0;
    return s8_zero_point ? *s8_zero_point : n.integer(0, 1) ? -128 : n.integer(-128, 127);
  }
  void fill(Weights& w, const Plant& plant) const {
    w.numbers = n.many<int8_t>(int64_t(w.outputs) * w.taps * w.inputs, -127, 127);
    for (int32_t o = 0; o < w.outputs; ++o) w.bias.push_back(n.integer(-9000, 9000));
    if (plant) plant(w);
  }

  ValueId weighted(const OpDef& op, ValueId x, const Weights& w, const Shape& shape, Attributes a) {
    const ElementType type = value(x).type;
    // So that the outputs spread over a good part of their type.
    const float output_scale = (type == ElementType::s16 ? 0.0002f : 0.05f) * n.real(0.5f, 2);
    const float wanted = 1 / (73 * std::sqrt(float(w.taps * w.inputs)));
    Quantization q;
    q.axis = w.depthwise ? 3 : 0;
    for (int32_t o = 0; o < (scales ? w.outputs : 1); ++o) {
      q.scales.push_back(output_scale * wanted * n.real(0.5f, 2) / value(x).quantization.scale());
      q.zero_points.push_back(0);
    }
    a["activation"] = std::string(clamps && n.integer(0, 2) == 0 ? "relu" : "none");
    a["output_scale"] = double(output_scale);
    a["output_zero_point"] = int64_t(zero_point(type));
    const auto [weights, bias] = constants(w, shape, q, type);
    return add(op, {x, weights, bias}, a);
  }

  Constants constants(const Weights& w, const Shape& shape, const Quantization& q,
                      ElementType type) {
    Constants& all = shared_[{shape, type, w.depthwise}];
    if (shares && all.weights >= 0) return all;
    const std::string name = "w" + std::to_string(graph.values.size());
    const ValueId weights = graph.add_constant(name, ElementType::s8, shape, w.numbers, q);
    ValueId bias = -1;
    if (has_bias && type == ElementType::s16)
      bias = graph.add_constant(name + "/bias", ElementType::s64, {w.outputs}, w.bias);
    else if (has_bias)
      bias = graph.add_constant(name + "/bias", ElementType::s32, {w.outputs},
                                std::vector<int32_t>(w.bias.begin(), w.bias.end()));
    return all = {weights, bias};
  }

  std::map<std::tuple<Shape, ElementType, bool>, Constants> shared_;
};

// What compile() does.
inline Graph without_dead_channels(const Graph& graph) {
  const Graph after = remove_unused(remove_dead_channels(remove_unused(graph)));
  Diagnostics findings;
  verify(after, findings);
  for (const Diagnostic& d : findings.errors()) ADD_FAILURE() << d.place << ": " << d.message;
  return after;
}

inline int64_t macs(const Graph& graph) {
  int64_t all = 0;
  for (const Node& node : graph.nodes)
    if (node.op->macs) all += node.op->macs(NodeView(graph, node));
  return all;
}

// Random samples, and those of one number everywhere.
inline void expect_same_answers(const Graph& before, const Graph& after, Numbers& n,
                                int32_t samples) {
  Evaluator one(before), other(after);
  Bytes sample(size_t(sample_bytes(before, before.streams.at(0))));
  for (int32_t i = 0; i < samples + 2; ++i) {
    for (uint8_t& byte : sample) byte = uint8_t(i == 0 ? 128 : i == 1 ? 127 : n.integer(0, 255));
    one.push(0, sample.data());
    other.push(0, sample.data());
    ASSERT_EQ(one.outputs(), other.outputs()) << "sample " << i;
  }
}

}  // namespace mote::dead_channels
