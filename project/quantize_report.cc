// SPDX-License-Identifier: Apache-2.0
// What quantize_model() chose and what it cost, for people and for programs. See quantize_model.h.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "project/quantize_model.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

double decibels(double error) { return error > 0 ? 10 * std::log10(error) : -999; }

const char* unit_of(Measure measure) {
  constexpr const char* units[] = {"points of accuracy", "% of samples decided otherwise",
                                   "% root mean square error"};
  return units[size_t(measure)];
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

std::vector<std::string> rules_used(const QuantizeReport& report) {
  std::vector<std::string> texts;
  for (RangeRule rule : kRangeRules) {
    size_t count = 0;
    for (const QuantizedValue& value : report.values) count += value.rule == rule;
    if (count > 0) texts.push_back(fmt::format("{} {}", count, to_string(rule)));
  }
  return texts;
}

std::vector<std::string> repaired(const SearchResult& search) {
  std::vector<std::string> texts;
  for (const Repair& repair : search.repairs)
    texts.push_back(
        fmt::format("{} ({} to {})", repair.layer, to_string(repair.from), to_string(repair.to)));
  return texts;
}

ordered_json json_of(const QuantizedValue& value) {
  ordered_json json{{"name", value.name},
                    {"layer", value.op},
                    {"type", to_string(value.type)},
                    {"weights_and_activations", to_string(value.precision)},
                    {"range_rule", to_string(value.rule)},
                    {"min", value.min},
                    {"max", value.max},
                    {"scale", value.scale},
                    {"zero_point", value.zero_point}};
  json["sqnr_db"] = std::isfinite(value.sqnr_db()) ? value.sqnr_db() : 999.0;
  json["clipped"] = value.saturated;
  return json;
}

}  // namespace

std::string to_text(const QuantizedModel& model) {
  const SearchResult& s = model.search;
  std::string text =
      fmt::format("{}\n", s.graph.name) +
      fmt::format("  samples       {} calibrate, {} measure\n", model.calibration_samples,
                  model.measured_samples) +
      fmt::format("  loss          {:.2f} {}; {:.2f} with ranges by their extremes alone\n", s.cost,
                  unit_of(model.measure), s.cost_min_max);
  if (model.measure == Measure::accuracy)
    text += fmt::format("  accuracy      {:.2f} % float, {:.2f} % integer\n", model.accuracy_float,
                        model.accuracy);
  text += fmt::format("  output error  {:.1f} dB; {:.1f} dB by extremes alone\n",
                      decibels(s.output_error), decibels(s.output_error_min_max)) +
          fmt::format("  ranges        {}\n", listed(rules_used(s.report))) +
          fmt::format("  equalised     {} pairs of layers; biases {}\n", s.equalized_pairs,
                      s.plan.correct_bias ? "corrected" : "as they were");
  if (!s.repairs.empty())
    text += fmt::format("  repaired      {}; {:.2f} before\n", listed(repaired(s)),
                        s.cost_before_repair);
  text += fmt::format("  float32       {}\n", listed(s.report.float_layers)) +
          fmt::format("  constants     {} bytes, {} before\n\n", model.integer_bytes,
                      model.float_bytes);
  return text + print(s.report);
}

std::string to_json(const QuantizedModel& model) {
  const SearchResult& s = model.search;
  ordered_json json{{"name", s.graph.name},
                    {"calibration_samples", model.calibration_samples},
                    {"measured_samples", model.measured_samples},
                    {"measure", to_string(model.measure)},
                    {"loss", s.cost},
                    {"loss_min_max", s.cost_min_max},
                    {"loss_before_repair", s.cost_before_repair}};
  if (model.measure == Measure::accuracy) {
    json["accuracy_float"] = model.accuracy_float;
    json["accuracy"] = model.accuracy;
  }
  json["output_error_db"] = decibels(s.output_error);
  json["output_error_min_max_db"] = decibels(s.output_error_min_max);
  json["equalized_pairs"] = s.equalized_pairs;
  json["bias_corrected"] = s.plan.correct_bias;
  json["repairs"] = ordered_json::array();
  for (const Repair& repair : s.repairs)
    json["repairs"].push_back(
        {{"layer", repair.layer}, {"from", to_string(repair.from)}, {"to", to_string(repair.to)}});
  json["float_layers"] = s.report.float_layers;
  json["constant_bytes"] = model.integer_bytes;
  json["constant_bytes_float"] = model.float_bytes;
  json["values"] = ordered_json::array();
  for (const QuantizedValue& value : s.report.values) json["values"].push_back(json_of(value));
  return json.dump(1) + '\n';
}

}  // namespace mote
