// SPDX-License-Identifier: Apache-2.0
// See output_error.h.
#include "quantize/output_error.h"

#include <algorithm>

#include "graph/quantizer.h"
#include "ops/registry.h"
#include "quantize/value_taps.h"

namespace mote {
namespace {

const Node* producer_of(const Graph& graph, ValueId id) {
  for (const Node& node : graph.nodes)
    for (ValueId output : node.outputs)
      if (output == id) return &node;
  return nullptr;
}

// What the last layer with weights on the way to `id` reads; -1: there is none.
ValueId features_of(const Graph& graph, ValueId id) {
  while (const Node* node = producer_of(graph, id)) {
    if (node->inputs.empty() || node->inputs[0] < 0) return -1;
    id = node->inputs[0];
    if (node->op->macs) return id;
  }
  return -1;
}

ValueId value_named(const Graph& graph, const std::string& name) {
  for (size_t id = 0; id < graph.values.size(); ++id)
    if (graph.values[id].name == name) return ValueId(id);
  return -1;
}

// Everything that the values of these names take, as real numbers.
class Collector {
 public:
  Collector(const Graph& graph, const std::vector<std::string>& names)
      : numbers_(names.size()), places_(graph.values.size(), -1), graph_(graph) {
    for (size_t v = 0; v < graph.values.size(); ++v)
      for (size_t i = 0; i < names.size(); ++i)
        if (graph.values[v].name == names[i]) places_[v] = int32_t(i);
  }
  void add(ValueId id, std::span<const uint8_t> bytes) {
    if (places_[size_t(id)] < 0) return;
    const std::vector<double> reals = real_numbers(graph_.value(id), bytes);
    std::vector<double>& to = numbers_[size_t(places_[size_t(id)])];
    to.insert(to.end(), reals.begin(), reals.end());
  }
  std::vector<std::vector<double>> take() { return std::move(numbers_); }

 private:
  std::vector<std::vector<double>> numbers_;
  std::vector<int32_t> places_;
  const Graph& graph_;
};

}  // namespace

std::string telling_value(const Graph& graph, ValueId id) {
  const Node* node = producer_of(graph, id);
  const bool flattens =
      node && (node->op == &softmax_op || node->op == &log_softmax_op || node->op == &logistic_op);
  return graph.value(flattens ? node->inputs[0] : id).name;
}

OutputError::OutputError(const Graph& float_graph, SampleSource probe, Compared compared)
    : float_graph_(float_graph), probe_(std::move(probe)) {
  for (ValueId id : float_graph.outputs) {
    names_.push_back(telling_value(float_graph, id));
    if (compared == Compared::outputs) continue;
    const ValueId features = features_of(float_graph, value_named(float_graph, names_.back()));
    if (features >= 0 && float_graph.value(features).kind == ValueKind::intermediate)
      names_.push_back(float_graph.value(features).name);
  }
  Collector collector(float_graph, names_);
  ValueTaps taps(float_graph, [&](ValueId id, auto bytes) { collector.add(id, bytes); });
  probe_(taps);
  reference_ = collector.take();
}

double OutputError::of(const Graph& integer_graph) const {
  Collector collector(integer_graph, names_);
  ValueTaps taps(integer_graph, [&](ValueId id, auto bytes) { collector.add(id, bytes); });
  IntegerSamples converting(float_graph_, integer_graph, taps);
  probe_(converting);
  const std::vector<std::vector<double>> got = collector.take();
  double sum = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    MOTE_ASSERT(got[i].size() == reference_[i].size());
    double noise = 0, signal = 0;
    for (size_t k = 0; k < got[i].size(); ++k) {
      const double real = reference_[i][k], error = got[i][k] - real;
      noise += error * error, signal += real * real;
    }
    sum += noise / std::max(signal, 1e-30);
  }
  return sum / double(got.size());
}

}  // namespace mote
