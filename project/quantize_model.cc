// SPDX-License-Identifier: Apache-2.0
// See quantize_model.h.
#include "project/quantize_model.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>
#include <thread>

#include "compiler/emit/tflite/tflite_export.h"
#include "graph/quantizer.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "ops/registry.h"
#include "project/scores.h"
#include "project/store.h"

namespace mote {
namespace {

// With fewer, a fourth of them tells no half point apart: then all are measured.
constexpr size_t kFewSamples = 1000;
// Samples that each trial of the search is measured on.
constexpr size_t kProbe = 48;

Measure measure_of(const Graph& graph, bool labelled) {
  if (labelled) return Measure::accuracy;
  for (const Node& node : graph.nodes)
    if (node.outputs[0] == graph.outputs.at(0) &&
        (node.op == &softmax_op || node.op == &log_softmax_op))
      return Measure::agreement;
  return Measure::error;
}

int64_t constant_bytes(const Graph& graph) {
  int64_t bytes = 0;
  for (const Value& value : graph.values)
    if (value.kind == ValueKind::constant) bytes += value.bytes();
  return bytes;
}

bool has_state(const Graph& graph) { return !graph.states().empty(); }

class Quantizing {
 public:
  Quantizing(const Graph& graph, LabelledSamples data) : graph_(graph), data_(std::move(data)) {
    out_.measure = measure_of(graph, !data_.labels.empty());
    const auto count = size_t(data_.samples.count);
    for (size_t i = 0; i < count; ++i)
      (i % 4 == 3 && count >= 8 ? measured_ : calibrated_).push_back(i);
    if (count < kFewSamples) {
      measured_.resize(count);
      std::iota(measured_.begin(), measured_.end(), size_t{0});
    }
    reference_ = outputs_of(graph);
    if (out_.measure == Measure::accuracy) out_.accuracy_float = accuracy(reference_);
    out_.calibration_samples = int64_t(calibrated_.size());
    out_.measured_samples = int64_t(measured_.size());
  }

  QuantizedModel run(const QuantizeOptions& options, const StepProgress& progress,
                     Diagnostics& diagnostics) {
    SearchRequest request{
        graph_, source(calibrated_), source(probe()), options.precision, options.max_loss, {}, {}};
    request.cost = [this](const Graph& integer) { return cost(outputs_of(integer)); };
    request.progress = [&progress](const std::string& step, double fraction) {
      if (progress) progress(step, fraction, "");
    };
    out_.search = search_plan(request, diagnostics);
    measure_error(graph_, out_.search.graph, source(probe()), out_.search.report);
    if (out_.measure == Measure::accuracy) out_.accuracy = accuracy(outputs_of(out_.search.graph));
    out_.float_bytes = constant_bytes(graph_);
    out_.integer_bytes = constant_bytes(out_.search.graph);
    return std::move(out_);
  }

 private:
  using Outputs = std::vector<std::vector<double>>;  // the first output, of each measured sample

  const uint8_t* sample(size_t i) const {
    const auto bytes = size_t(sample_bytes(graph_, graph_.streams.at(0)));
    return data_.samples.bytes.data() + i * bytes;
  }

  // Evenly out of the calibration samples.
  std::vector<size_t> probe() const {
    const size_t n = std::min(kProbe, calibrated_.size());
    std::vector<size_t> some;
    for (size_t i = 0; i < n; ++i) some.push_back(calibrated_[i * calibrated_.size() / n]);
    return some;
  }

  // A model with state sees its samples as one sequence, any other each for itself.
  SampleSource source(std::vector<size_t> samples) const {
    return [this, samples = std::move(samples)](SampleSink& sink) {
      sink.reset();
      for (size_t i : samples) {
        if (!has_state(graph_)) sink.reset();
        sink.push(0, sample(i));
      }
    };
  }

  // Samples that do not depend on each other are shared among the processor's threads.
  Outputs outputs_of(const Graph& graph) const {
    const size_t threads = has_state(graph) ? 1 : std::max(std::thread::hardware_concurrency(), 1u);
    const size_t share = (measured_.size() + threads - 1) / threads;
    Outputs all(measured_.size());
    std::vector<std::future<void>> running;
    for (size_t from = 0; from < all.size(); from += share)
      running.push_back(std::async(std::launch::async, [&, from] {
        evaluate(graph, from, std::min(from + share, all.size()), all);
      }));
    for (std::future<void>& one : running) one.get();
    return all;
  }

  // The measured samples from <= i < to.
  void evaluate(const Graph& graph, size_t from, size_t to, Outputs& all) const {
    Evaluator evaluator(graph);
    const ValueId output = graph.outputs.at(0);
    for (size_t i = from; i < to; ++i) {
      const uint8_t* real = sample(measured_[i]);
      if (!has_state(graph)) evaluator.reset();
      const Bytes converted = sample_of(graph_, graph, 0, real);
      evaluator.push(0, converted.empty() ? real : converted.data());
      all[i] = real_numbers(graph.value(output), evaluator.bytes(output));
    }
  }

  bool is_right(size_t i, const std::vector<double>& output) const {
    return winner(output) == data_.labels[measured_[i]];
  }

  double accuracy(const Outputs& outputs) const {
    size_t right = 0;
    for (size_t i = 0; i < outputs.size(); ++i) right += is_right(i, outputs[i]);
    return 100 * double(right) / double(outputs.size());
  }

  double cost(const Outputs& outputs) const {
    double differing = 0, turned_wrong = 0, noise = 0, signal = 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
      differing += winner(outputs[i]) != winner(reference_[i]);
      if (out_.measure == Measure::accuracy)
        turned_wrong += is_right(i, reference_[i]) && !is_right(i, outputs[i]);
      for (size_t k = 0; k < outputs[i].size(); ++k) {
        const double real = reference_[i][k], error = outputs[i][k] - real;
        noise += error * error, signal += real * real;
      }
    }
    const auto n = double(outputs.size());
    if (out_.measure == Measure::accuracy) return 100 * turned_wrong / n;
    if (out_.measure == Measure::agreement) return 100 * differing / n;
    return 100 * std::sqrt(noise / std::max(signal, 1e-30));
  }

  const Graph& graph_;
  LabelledSamples data_;
  std::vector<size_t> calibrated_, measured_;  // samples
  Outputs reference_;
  QuantizedModel out_;
};

// Nothing to gain, or nothing that mote may touch.
void check_is_float(const Graph& graph, const std::string& place) {
  for (const Node& node : graph.nodes)
    if (node.op->macs && node.op->quantize &&
        graph.value(node.inputs.at(0)).type == ElementType::f32)
      return;
  fail("not-float", place, "no layer of the model computes in float32",
       "compile it as it is; a model is quantised from its float form");
}

void write_model(const QuantizedModel& model, const std::filesystem::path& out,
                 Diagnostics& diagnostics) {
  if (out.extension() != ".tflite") return write_file(out, print(model.search.graph));
  const Bytes bytes = export_tflite(model.search.graph, {}, diagnostics);
  write_file(out, std::string(bytes.begin(), bytes.end()));
}

}  // namespace

const char* to_string(Measure measure) {
  constexpr const char* names[] = {"accuracy", "agreement", "error"};
  return names[size_t(measure)];
}

QuantizedModel quantize_model(const QuantizeOptions& options, const StepProgress& progress,
                              Diagnostics& diagnostics) {
  check_writable(options.out);
  const Graph graph = load_model(options.model, options.import, diagnostics);
  verify(graph, diagnostics);
  diagnostics.stop_if_any();
  check_is_float(graph, options.model.string());
  LabelledSamples data = read_labelled_samples(graph, options.data, progress, diagnostics);
  if (data.samples.count < 8)
    diagnostics.warn("few-samples", options.data.string(),
                     "there are only " + std::to_string(data.samples.count) + " samples",
                     "give a hundred or more");
  QuantizedModel model = Quantizing(graph, std::move(data)).run(options, progress, diagnostics);
  write_model(model, options.out, diagnostics);
  return model;
}

}  // namespace mote
