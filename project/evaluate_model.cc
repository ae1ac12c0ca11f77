// SPDX-License-Identifier: Apache-2.0
// See evaluate_model.h.
#include "project/evaluate_model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graph/quantizer.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

}  // namespace

ModelEvaluation evaluate_model(const Graph& graph, const LabelledSamples& data,
                               const StepProgress& progress) {
  if (data.labels.empty())
    fail("no-labels", "model \"" + graph.name + "\"", "the samples have no labels",
         "save the right class of each sample as labels.npy beside them");
  check_labels(graph, data);
  ModelEvaluation evaluation;
  evaluation.name = graph.name;
  evaluation.answers = answer(graph, data.samples, [&](double fraction) {
    if (progress) progress("evaluating", fraction, "");
  });
  const Value& scores = graph.value(graph.outputs[0]);
  std::vector<int32_t> decided;
  for (const Bytes& outputs : evaluation.answers.outputs)
    decided.push_back(
        winner(real_numbers(scores, std::span(outputs).first(size_t(scores.bytes())))));
  evaluation.scores = score(data.labels, decided, int32_t(scores.elements()));
  return evaluation;
}

std::string to_text(const ModelEvaluation& evaluation) {
  const Scores& s = evaluation.scores;
  std::vector<std::string> classes;
  for (size_t c = 0; c < s.confusion.size(); ++c) classes.push_back(std::to_string(c));
  return fmt::format("{}: {} samples, {:.2f} % accuracy, {:.4f} macro-F1\n\n{}", evaluation.name,
                     s.count, 100 * s.accuracy, s.macro_f1, print(s, classes));
}

std::string to_json(const ModelEvaluation& evaluation) {
  const Scores& s = evaluation.scores;
  return ordered_json{{"name", evaluation.name},
                      {"count", s.count},
                      {"accuracy", s.accuracy},
                      {"macro_f1", s.macro_f1},
                      {"confusion", s.confusion}}
             .dump(1) +
         '\n';
}

}  // namespace mote
