// SPDX-License-Identifier: Apache-2.0
// See search.h.
#include "quantize/search.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "ops/registry.h"
#include "quantize/equalization.h"
#include "quantize/output_error.h"

namespace mote {
namespace {

// A change is kept when it leaves less than this of the error: below, samples decide by chance.
constexpr double kWorthwhile = 0.98;
// Two rules whose ranges are nearer than this are one.
constexpr double kSameRange = 0.01;

struct Sensitivity {
  std::string layer;
  double error = 0;
};

std::string rounded(double points) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", points);
  return text;
}

class Search {
 public:
  Search(const SearchRequest& request, Diagnostics& diagnostics)
      : request_(request), diagnostics_(diagnostics), graph_(request.graph) {}

  SearchResult run() {
    calibrate_again();
    if (request_.precision == Precision::w8a16) {
      plan_.precision = Precision::w8a16;
      leave_out_narrow();
    }
    if (request_.precision == Precision::w4a8)
      for (const Node& node : graph_.nodes) halve_weights(node);
    result_.cost_min_max = request_.cost(integer(plan_));  // fails where nothing can be done
    best_ = error_of(plan_);
    const OutputError of_outputs(request_.graph, request_.probe);
    result_.output_error_min_max = of_outputs.of(integer(plan_));
    choose_rule();
    try_equalization();
    try_bias_correction();
    choose_rules_by_value();
    result_.cost = result_.cost_before_repair = cost_of(plan_);
    if (result_.cost > request_.budget && request_.precision == Precision::w4a8)
      repair(Precision::w4a8, Precision::w8a8);
    if (result_.cost > request_.budget && plan_.precision != Precision::w8a16)
      repair(Precision::w8a8, Precision::w8a16);
    if (result_.cost > request_.budget) give_up();
    result_.plan = plan_;
    result_.graph = quantize(graph_, calibration_, plan_, result_.report, diagnostics_);
    result_.output_error = of_outputs.of(result_.graph);
    return std::move(result_);
  }

 private:
  void tell(const std::string& step, double fraction) const {
    if (request_.progress) request_.progress(step, fraction);
  }

  void calibrate_again() {
    tell("calibrating", 0);
    calibration_ = calibrate(graph_, request_.calibration);
    error_.emplace(graph_, request_.probe, Compared::with_features);
  }

  // Warnings of trials are nobody's business; those of the last are told.
  Graph integer(const QuantizePlan& plan) const {
    QuantizeReport report;
    Diagnostics unheard;
    return quantize(graph_, calibration_, plan, report, unheard);
  }
  // A plan that some layer cannot carry out is as bad as can be.
  double error_of(const QuantizePlan& plan) const {
    try {
      return error_->of(integer(plan));
    } catch (const UserError&) {
      return INFINITY;
    }
  }
  double cost_of(const QuantizePlan& plan) const {
    try {
      return request_.cost(integer(plan));
    } catch (const UserError&) {
      return INFINITY;
    }
  }

  // Keeps `tried` where it is worth it.
  bool keep_if_better(const QuantizePlan& tried) {
    const double error = error_of(tried);
    if (!(error < kWorthwhile * best_)) return false;
    best_ = error;
    plan_ = tried;
    return true;
  }

  void choose_rule() {
    for (RangeRule rule : kRangeRules) {
      QuantizePlan tried = plan_;
      tried.rule = rule;
      keep_if_better(tried);
    }
  }

  void try_equalization() {
    Equalization equalized = equalize_layers(graph_);
    if (equalized.pairs == 0) return;
    std::swap(graph_, equalized.graph);
    Calibration before = std::move(calibration_);
    OutputError error_before = std::move(*error_);
    calibrate_again();
    const double error = error_of(plan_);
    if (error < kWorthwhile * best_) {
      best_ = error;
      result_.equalized_pairs = equalized.pairs;
      return;
    }
    std::swap(graph_, equalized.graph);
    calibration_ = std::move(before);
    error_.emplace(std::move(error_before));
  }

  void try_bias_correction() {
    QuantizePlan tried = plan_;
    tried.correct_bias = true;
    keep_if_better(tried);
  }

  bool is_another_range(const std::string& name, RangeRule a, RangeRule b) const {
    const SeenValue* seen = calibration_.find(name);
    if (!seen) return false;
    const ValueRange x = seen->histogram.range(a), y = seen->histogram.range(b);
    const double width = double(x.max) - double(x.min);
    return std::fabs(double(x.max - y.max)) + std::fabs(double(x.min - y.min)) > kSameRange * width;
  }

  void choose_rules_by_value() {
    QuantizeReport report;
    Diagnostics unheard;
    quantize(graph_, calibration_, plan_, report, unheard);
    for (size_t i = 0; i < report.values.size(); ++i) {
      const QuantizedValue& value = report.values[i];
      tell("choosing ranges", double(i) / double(report.values.size()));
      if (value.type != ElementType::s8) continue;
      for (RangeRule rule : kRangeRules) {
        if (!is_another_range(value.name, plan_.of_value(value.name), rule)) continue;
        QuantizePlan tried = plan_;
        tried.rules[value.name] = rule;
        keep_if_better(tried);
      }
    }
  }

  // Whether quantize() takes the layer at `to`.
  bool is_possible(const std::string& layer, Precision to) const {
    QuantizePlan plan = plan_;
    plan.layers[layer] = to;
    try {
      integer(plan);
    } catch (const UserError&) {
      return false;
    }
    return true;
  }

  // 4 bits were asked for: recurrent layers hold theirs in 8, and that is said.
  void halve_weights(const Node& node) {
    if (!has_weights(node)) return;
    if (node.op == &lstm_op || node.op == &gru_op || node.op == &rnn_op)
      diagnostics_.warn("no-4-bit", place_of(graph_, node),
                        node.op->name + " has no form with 4-bit weights; the layer has 8");
    else
      plan_.layers[node.name] = Precision::w4a8;
  }

  bool has_weights(const Node& node) const {
    return node.op->quantize && node.op->macs && node.inputs.size() > 1 && node.inputs[1] >= 0 &&
           graph_.value(node.inputs[1]).kind == ValueKind::constant;
  }

  bool can_move(const Node& node, Precision from) const {
    if (!node.op->quantize || node.op->quantize == &quantize_same_scale) return false;
    return plan_.of_layer(node.name) == from;
  }

  // 16x8 was asked for: layers that lack it stay in 8 bits, and that is said.
  void leave_out_narrow() {
    QuantizePlan int8 = plan_;
    int8.precision = Precision::w8a8;
    std::swap(plan_, int8);
    for (const Node& node : graph_.nodes) {
      if (!node.op->quantize || node.op->quantize == &quantize_same_scale) continue;
      if (is_possible(node.name, Precision::w8a16)) continue;
      int8.layers[node.name] = Precision::w8a8;
      diagnostics_.warn("no-16x8", place_of(graph_, node),
                        node.op->name + " has no form with 16-bit activations; the layer has 8");
    }
    std::swap(plan_, int8);
  }

  // The layers that can move, by the error that each makes when it alone stays behind.
  std::vector<Sensitivity> sensitivities(Precision from, Precision to) {
    std::vector<Sensitivity> all;
    for (const Node& node : graph_.nodes)
      if (can_move(node, from) && is_possible(node.name, to)) all.push_back({node.name, 0});
    QuantizePlan fine = plan_;
    for (const Sensitivity& one : all) fine.layers[one.layer] = to;
    for (size_t i = 0; i < all.size(); ++i) {
      tell("measuring layers", double(i) / double(all.size()));
      QuantizePlan without = fine;
      without.layers[all[i].layer] = from;
      all[i].error = error_of(without);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.error > b.error; });
    return all;
  }

  QuantizePlan with_first(const std::vector<Sensitivity>& order, size_t count, Precision to) const {
    QuantizePlan plan = plan_;
    for (size_t i = 0; i < count; ++i) plan.layers[order[i].layer] = to;
    return plan;
  }

  // Moves the fewest of the most sensitive layers that keep the budget; all, where none do.
  void repair(Precision from, Precision to) {
    const std::vector<Sensitivity> order = sensitivities(from, to);
    size_t few = 0, enough = order.size();
    double cost = cost_of(with_first(order, enough, to));
    while (enough - few > 1 && cost <= request_.budget) {
      const size_t middle = (few + enough) / 2;
      const double tried = cost_of(with_first(order, middle, to));
      tried <= request_.budget ? enough = middle : few = middle;
    }
    plan_ = with_first(order, enough, to);
    for (size_t i = enough; i-- > 0 && cost <= request_.budget;) {
      tell("moving layers back", 1 - double(i) / double(enough));
      QuantizePlan tried = plan_;
      tried.layers[order[i].layer] = from;
      if (cost_of(tried) <= request_.budget) plan_ = tried;
    }
    result_.cost = cost_of(plan_);
    for (const Sensitivity& one : order)
      if (plan_.of_layer(one.layer) == to) result_.repairs.push_back({one.layer, from, to});
  }

  [[noreturn]] void give_up() const {
    fail("over-budget", "graph \"" + graph_.name + "\"",
         "no choice of precisions keeps the loss within " + rounded(request_.budget) +
             " points; the best loses " + rounded(result_.cost),
         "allow more with --max-loss, or calibrate with more samples");
  }

  const SearchRequest& request_;
  Diagnostics& diagnostics_;
  Graph graph_;
  std::optional<OutputError> error_;
  Calibration calibration_;
  QuantizePlan plan_;
  double best_ = 0;
  SearchResult result_;
};

}  // namespace

SearchResult search_plan(const SearchRequest& request, Diagnostics& diagnostics) {
  return Search(request, diagnostics).run();
}

}  // namespace mote
