// SPDX-License-Identifier: Apache-2.0
// Training, assembling and quantising a model. See model.h.
#include "project/model.h"

#include <algorithm>

#include "graph/evaluator.h"
#include "graph/quantizer.h"
#include "graph/subgraph.h"
#include "ops/registry.h"
#include "project/scores.h"
#include "project/standardization.h"
#include "train/hold_out.h"
#include "train/outlier.h"

namespace mote {
namespace {

// What one head learns from: the standardised features of its blocks side by side.
struct HeadData {
  std::vector<Standardization> standardization;  // of each of its blocks
  TrainingSet all;
  TrainingData data;  // `all`, divided into training and validation
};

int64_t width_of(const TrainingSet& set) { return element_count(set.feature_shape); }

HeadData head_data(const ModelRequest& request, size_t head, Diagnostics& diagnostics) {
  HeadData out;
  const Extraction& extraction = *request.training;
  const std::vector<size_t>& blocks = request.signals->heads[head];
  const size_t windows = extraction.windows.size();
  std::vector<std::vector<float>> parts;
  int64_t constant = 0;
  int64_t width = 0;
  for (size_t b : blocks) {
    out.standardization.push_back(standardization_of(extraction.blocks[b], constant));
    parts.push_back(standardized(extraction.blocks[b], out.standardization.back()));
    width += element_count(extraction.blocks[b].shape);
  }
  if (constant > 0)
    diagnostics.warn(
        "constant-features", request.config->file.string(),
        std::to_string(constant) + " features never change in training and are not used");
  out.all.feature_shape =
      blocks.size() == 1 ? extraction.blocks[blocks[0]].shape : Shape{int32_t(width)};
  out.all.features.reserve(windows * size_t(width));
  for (size_t w = 0; w < windows; ++w) {
    for (const std::vector<float>& part : parts) {
      const size_t n = part.size() / windows;
      out.all.features.insert(out.all.features.end(), part.begin() + long(w * n),
                              part.begin() + long((w + 1) * n));
    }
    out.all.labels.push_back(extraction.windows[w].label);
  }
  out.all.groups = request.groups;
  const ModelConfig& model = request.config->models[head];
  HeldOut held = model.validation > 0 ? hold_out(out.all, model.validation, model.spec.fit.seed)
                                      : HeldOut{out.all, select(out.all, {})};
  out.data = {request.classes, std::move(held.training), std::move(held.validation)};
  return out;
}

std::string features_name(const ModelSpec& spec) { return spec.name + "/features"; }

// The blocks' features, standardised and side by side; the value is called features_name().
ValueId append_features(Graph& graph, const ModelRequest& request, size_t head,
                        const HeadData& data) {
  const std::vector<size_t>& blocks = request.signals->heads[head];
  const std::string name = features_name(request.config->models[head].spec);
  if (blocks.size() == 1)
    return append_standardize(graph, request.signals->graph.outputs[blocks[0]],
                              data.standardization[0], name);
  std::vector<ValueId> parts;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const std::string part = name + "/" + request.config->signal[blocks[i]].name;
    ValueId id = append_standardize(graph, request.signals->graph.outputs[blocks[i]],
                                    data.standardization[i], part);
    if (graph.value(id).shape.size() > 1)
      id = graph.add_node(reshape_op, part + "/flat", {id},
                          {{"shape", std::vector<int64_t>{graph.value(id).elements()}}});
    parts.push_back(id);
  }
  return graph.add_node(concatenate_op, name, parts);
}

void append_rules(Graph& graph, const ModelRequest& request, size_t head, ValueId features,
                  ValueId scores, const HeadData& data) {
  const DecisionConfig& decision = request.config->decision;
  const ModelSpec& spec = request.config->models[head].spec;
  ValueId smooth = scores;
  if (decision.smoothing > 1)
    smooth = graph.add_node(smooth_op, spec.name + "/smooth", {scores},
                            {{"length", decision.smoothing}});
  graph.outputs.push_back(scores);
  graph.outputs.push_back(graph.add_node(decide_op, spec.name + "/decision", {smooth},
                                         {{"minimum_score", decision.minimum_score}}));
  if (!decision.outlier) return;
  const auto width = int32_t(width_of(data.all));
  OutlierOptions options;
  options.seed = spec.fit.seed;
  const OutlierModel model = fit_outliers(data.data.training.features, width, options);
  const ValueId centroids = graph.add_constant(spec.name + "/centroids", ElementType::f32,
                                               {model.clusters(), width}, model.centroids);
  const ValueId radii =
      graph.add_constant(spec.name + "/radii", ElementType::f32, {model.clusters()}, model.radii);
  graph.outputs.push_back(
      graph.add_node(outlier_op, spec.name + "/outlier", {features, centroids, radii}));
}

ValueId value_named(const Graph& graph, const std::string& name) {
  for (size_t v = 0; v < graph.values.size(); ++v)
    if (graph.values[v].name == name) return ValueId(v);
  internal_error(__FILE__, __LINE__, "a value that quantisation lost");
}

// Share of `set` that the part of `graph` behind the head's features decides rightly.
double accuracy_of(const Graph& graph, const ModelSpec& spec, const std::string& scores_name,
                   const TrainingSet& set) {
  if (set.size() == 0) return 0;
  const Subgraph part = network_part(graph, value_named(graph, features_name(spec)),
                                     {value_named(graph, scores_name)});
  const Value& input = part.graph.value(part.graph.streams.at(0).value);
  const Value& scores = part.graph.value(part.graph.outputs.at(0));
  Evaluator evaluator(part.graph, kFastKernels);
  const auto width = size_t(width_of(set));
  std::vector<int8_t> row(width);
  int64_t right = 0;
  for (size_t i = 0; i < size_t(set.size()); ++i) {
    const float* x = set.features.data() + i * width;
    for (size_t k = 0; k < width; ++k)
      row[k] = int8_t(to_integer(double(x[k]),
                                 input.quantization.empty() ? per_tensor(1, 0) : input.quantization,
                                 ElementType::s8));
    evaluator.push(0, input.type == ElementType::f32 ? static_cast<const void*>(x) : row.data());
    right += winner(real_numbers(scores, evaluator.bytes(part.graph.outputs[0]))) == set.labels[i];
  }
  return double(right) / double(set.size());
}

class Builder {
 public:
  Builder(const ModelRequest& request, const TrainingProgress& progress, Diagnostics& diagnostics)
      : request_(request), progress_(progress), diagnostics_(diagnostics) {}

  Model run() {
    for (size_t h = 0; h < request_.config->models.size(); ++h) train_head(h);
    assemble();
    for (size_t h = 0; h < heads_.size(); ++h) repair(h);
    return std::move(model_);
  }

 private:
  const ModelSpec& spec(size_t head) const { return request_.config->models[head].spec; }

  Progress progress_of(size_t head) const {
    return [this, head](const EpochRecord& epoch) {
      if (progress_) progress_(spec(head).name, epoch);
      return true;
    };
  }

  void train_head(size_t h) {
    heads_.push_back(head_data(request_, h, diagnostics_));
    TrainResult result = train(spec(h), heads_[h].data, progress_of(h), diagnostics_);
    networks_.push_back(std::move(result.network));
    model_.heads.push_back(
        {spec(h).name, std::move(result.history), result.best_epoch, 0, 0, false, "", ""});
  }

  // The float graph of the networks as they are, and its integer form.
  void assemble() {
    Graph graph = request_.signals->graph;
    graph.classes = request_.classes;
    graph.outputs.clear();
    Calibration calibration;
    scores_.clear();
    for (size_t h = 0; h < heads_.size(); ++h) {
      const ValueId features = append_features(graph, request_, h, heads_[h]);
      const ValueId scores = append_network(graph, features, networks_[h]);
      scores_.push_back(graph.value(scores).name);
      append_rules(graph, request_, h, features, scores, heads_[h]);
      const Subgraph part = network_part(graph, features, {scores});
      const TrainingSet& training = heads_[h].data.training;
      calibration.seen.merge(
          calibrate(part.graph, rows_source(training.features, size_t(width_of(training)))).seen);
    }
    model_.quantization = {};
    model_.graph = quantize(graph, calibration, {}, model_.quantization, diagnostics_);
    model_.float_graph = std::move(graph);
    for (size_t h = 0; h < heads_.size(); ++h) measure(h);
  }

  void measure(size_t h) {
    const TrainingData& data = heads_[h].data;
    const TrainingSet& validation = data.validation.size() > 0 ? data.validation : data.training;
    model_.heads[h].features = features_name(spec(h));
    model_.heads[h].scores = scores_[h];
    model_.heads[h].validation_float =
        accuracy_of(model_.float_graph, spec(h), scores_[h], validation);
    model_.heads[h].validation_int8 = accuracy_of(model_.graph, spec(h), scores_[h], validation);
  }

  // Trains on with rounding in the loop where int8 costs more than the budget allows, and keeps
  // what is better.
  void repair(size_t h) {
    const HeadResult before = model_.heads[h];
    const double cost = 100 * (before.validation_float - before.validation_int8);
    if (cost <= request_.config->budget.accuracy_points) return;
    const TrainedNetwork kept = networks_[h];
    FineTune options;
    options.scales = activation_scales(model_.graph, networks_[h]);
    options.fit.seed = spec(h).fit.seed;
    networks_[h] = fine_tune(networks_[h], heads_[h].data, options, progress_of(h)).network;
    assemble();
    model_.heads[h].fine_tuned = model_.heads[h].validation_int8 > before.validation_int8;
    if (model_.heads[h].fine_tuned) return;
    networks_[h] = kept;
    assemble();
  }

  const ModelRequest& request_;
  const TrainingProgress& progress_;
  Diagnostics& diagnostics_;
  std::vector<HeadData> heads_;
  std::vector<TrainedNetwork> networks_;
  std::vector<std::string> scores_;  // names of the heads' score values
  Model model_;
};

}  // namespace

Graph network_of(const Model& model, size_t head) {
  const HeadResult& names = model.heads.at(head);
  return network_part(model.graph, value_named(model.graph, names.features),
                      {value_named(model.graph, names.scores)})
      .graph;
}

Model build_model(const ModelRequest& request, const TrainingProgress& progress,
                  Diagnostics& diagnostics) {
  return Builder(request, progress, diagnostics).run();
}

}  // namespace mote
