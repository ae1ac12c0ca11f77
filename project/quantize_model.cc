// SPDX-License-Identifier: Apache-2.0
// See quantize_model.h.
#include "project/quantize_model.h"

#include <algorithm>
#include <numeric>

#include "compiler/emit/tflite/tflite_export.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "project/model_loss.h"
#include "project/store.h"

namespace mote {
namespace {

// With fewer, a fourth of them tells no half point apart: then all are measured.
constexpr size_t kFewSamples = 1000;
// Samples that each trial of the search is measured on.
constexpr size_t kProbe = 48;

int64_t constant_bytes(const Graph& graph) {
  int64_t bytes = 0;
  for (const Value& value : graph.values)
    if (value.kind == ValueKind::constant) bytes += value.bytes();
  return bytes;
}

// The samples that ranges are chosen from, and those that the loss is measured on.
struct Shares {
  std::vector<size_t> calibrated, measured;
};

Shares shares_of(size_t count) {
  Shares shares;
  for (size_t i = 0; i < count; ++i)
    (i % 4 == 3 && count >= 8 ? shares.measured : shares.calibrated).push_back(i);
  if (count >= kFewSamples) return shares;
  shares.measured.resize(count);
  std::iota(shares.measured.begin(), shares.measured.end(), size_t{0});
  return shares;
}

// Evenly out of the calibration samples.
std::vector<size_t> probe_of(const std::vector<size_t>& calibrated) {
  const size_t n = std::min(kProbe, calibrated.size());
  std::vector<size_t> some;
  for (size_t i = 0; i < n; ++i) some.push_back(calibrated[i * calibrated.size() / n]);
  return some;
}

// A model with state sees its samples as one sequence, any other each for itself.
SampleSource source_of(const Graph& graph, const ModelSamples& all, std::vector<size_t> samples) {
  return [&graph, &all, samples = std::move(samples)](SampleSink& sink) {
    const auto bytes = size_t(sample_bytes(graph, graph.streams.at(0)));
    sink.reset();
    for (size_t i : samples) {
      if (graph.states().empty()) sink.reset();
      sink.push(0, all.bytes.data() + i * bytes);
    }
  };
}

QuantizedModel search(const Graph& graph, const LabelledSamples& data,
                      const QuantizeOptions& options, const StepProgress& progress,
                      Diagnostics& diagnostics) {
  const Shares shares = shares_of(size_t(data.samples.count));
  const SampleSource probe = source_of(graph, data.samples, probe_of(shares.calibrated));
  const ModelLoss loss(graph, data, shares.measured);
  SearchRequest request{graph,
                        source_of(graph, data.samples, shares.calibrated),
                        probe,
                        options.precision,
                        options.max_loss,
                        [&loss](const Graph& integer) { return loss.of(integer).points; },
                        [&progress](const std::string& step, double fraction) {
                          if (progress) progress(step, fraction, "");
                        }};
  QuantizedModel model;
  model.search = search_plan(request, diagnostics);
  measure_error(graph, model.search.graph, probe, model.search.report);
  model.measure = loss.measure();
  model.accuracy_float = loss.accuracy_float();
  model.accuracy = loss.of(model.search.graph).accuracy;
  model.calibration_samples = int64_t(shares.calibrated.size());
  model.measured_samples = int64_t(shares.measured.size());
  model.float_bytes = constant_bytes(graph);
  model.integer_bytes = constant_bytes(model.search.graph);
  return model;
}

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

QuantizedModel quantize_model(const QuantizeOptions& options, const StepProgress& progress,
                              Diagnostics& diagnostics) {
  check_writable(options.out);
  const Graph graph = load_model(options.model, options.import, diagnostics);
  verify(graph, diagnostics);
  diagnostics.stop_if_any();
  check_is_float(graph, options.model.string());
  const LabelledSamples data = read_labelled_samples(graph, options.data, progress, diagnostics);
  if (data.samples.count < 8)
    diagnostics.warn("few-samples", options.data.string(),
                     "there are only " + std::to_string(data.samples.count) + " samples",
                     "give a hundred or more");
  const QuantizedModel model = search(graph, data, options, progress, diagnostics);
  write_model(model, options.out, diagnostics);
  return model;
}

}  // namespace mote
