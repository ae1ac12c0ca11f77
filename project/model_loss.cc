// SPDX-License-Identifier: Apache-2.0
// See model_loss.h.
#include "project/model_loss.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <thread>

#include "graph/evaluator.h"
#include "graph/quantizer.h"
#include "ops/registry.h"
#include "project/scores.h"
#include "quantize/output_error.h"

namespace mote {
namespace {

Measure measure_of(const Graph& graph, bool labelled) {
  if (labelled) return Measure::accuracy;
  const bool classes = graph.value(graph.outputs.at(0)).elements() >= 2;
  for (const Node& node : graph.nodes)
    if (classes && node.outputs[0] == graph.outputs.at(0) &&
        (node.op == &softmax_op || node.op == &log_softmax_op))
      return Measure::agreement;
  return Measure::error;
}

ValueId value_named(const Graph& graph, const std::string& name) {
  for (size_t id = 0; id < graph.values.size(); ++id)
    if (graph.values[id].name == name) return ValueId(id);
  internal_error(__FILE__, __LINE__, "a value that quantisation lost");
}

}  // namespace

const char* to_string(Measure measure) {
  constexpr const char* names[] = {"accuracy", "agreement", "error"};
  return names[size_t(measure)];
}

ModelLoss::ModelLoss(const Graph& float_graph, const LabelledSamples& data,
                     std::vector<size_t> measured)
    : graph_(float_graph),
      data_(data),
      measured_(std::move(measured)),
      measure_(measure_of(float_graph, !data.labels.empty())),
      telling_(telling_value(float_graph, float_graph.outputs.at(0))) {
  if (measure_ == Measure::accuracy) check_labels(graph_, data_);
  reference_ = answers_of(graph_);
  if (measure_ == Measure::error) return;
  std::vector<bool> counts(measured_.size(), true);
  for (size_t i = 0; i < counts.size() && measure_ == Measure::accuracy; ++i)
    counts[i] = is_right(i, reference_);
  decisions_.emplace(reference_.telling, counts);
  if (measure_ == Measure::accuracy) accuracy_float_ = accuracy(reference_);
}

ModelLoss::Loss ModelLoss::of(const Graph& integer) const {
  const Answers answers = answers_of(integer);
  if (measure_ == Measure::error) return {error(answers), 0};
  const double expected = decisions_->of(answers.telling);
  if (measure_ == Measure::agreement) return {std::max(differing(answers), expected), 0};
  const double now = accuracy(answers);
  return {std::max(accuracy_float_ - now, expected), now};
}

// Samples that do not depend on each other are shared among the processor's threads.
ModelLoss::Answers ModelLoss::answers_of(const Graph& graph) const {
  const size_t count = measured_.size();
  const size_t threads =
      graph.states().empty() ? std::max(std::thread::hardware_concurrency(), 1u) : 1;
  const size_t share = (count + threads - 1) / threads;
  Answers all{DecisionLoss::Scores(count), DecisionLoss::Scores(count)};
  std::vector<std::future<void>> running;
  for (size_t from = 0; from < count; from += share)
    running.push_back(std::async(std::launch::async, [&, from] {
      evaluate(graph, from, std::min(from + share, count), all);
    }));
  for (std::future<void>& one : running) one.get();
  return all;
}

// The measured samples from <= i < to.
void ModelLoss::evaluate(const Graph& graph, size_t from, size_t to, Answers& all) const {
  Evaluator evaluator(graph, kFastKernels);
  const auto bytes = size_t(sample_bytes(graph_, graph_.streams.at(0)));
  const ValueId output = graph.outputs.at(0), telling = value_named(graph, telling_);
  for (size_t i = from; i < to; ++i) {
    const uint8_t* real = data_.samples.bytes.data() + measured_[i] * bytes;
    if (graph.states().empty()) evaluator.reset();
    const Bytes converted = sample_of(graph_, graph, 0, real);
    evaluator.push(0, converted.empty() ? real : converted.data());
    all.outputs[i] = real_numbers(graph.value(output), evaluator.bytes(output));
    all.telling[i] = real_numbers(graph.value(telling), evaluator.bytes(telling));
  }
}

bool ModelLoss::is_right(size_t i, const Answers& answers) const {
  return winner(answers.outputs[i]) == data_.labels[measured_[i]];
}

double ModelLoss::accuracy(const Answers& answers) const {
  size_t right = 0;
  for (size_t i = 0; i < measured_.size(); ++i) right += is_right(i, answers);
  return 100 * double(right) / double(measured_.size());
}

double ModelLoss::differing(const Answers& answers) const {
  size_t count = 0;
  for (size_t i = 0; i < measured_.size(); ++i)
    count += winner(answers.outputs[i]) != winner(reference_.outputs[i]);
  return 100 * double(count) / double(measured_.size());
}

double ModelLoss::error(const Answers& answers) const {
  double noise = 0, signal = 0;
  for (size_t i = 0; i < measured_.size(); ++i)
    for (size_t k = 0; k < answers.outputs[i].size(); ++k) {
      const double real = reference_.outputs[i][k], error = answers.outputs[i][k] - real;
      noise += error * error, signal += real * real;
    }
  return 100 * std::sqrt(noise / std::max(signal, 1e-30));
}

}  // namespace mote
