// SPDX-License-Identifier: Apache-2.0
// Measuring and printing what quantisation costs. See report.h.
#include "quantize/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "graph/quantizer.h"
#include "quantize/value_taps.h"

namespace mote {
namespace {

using Numbers = std::map<std::string, std::vector<double>>;  // of one push, by value

// Feeds both graphs and compares after each push.
class Comparison : public SampleSink {
 public:
  Comparison(const Graph& float_graph, const Graph& integer_graph, QuantizeReport& report)
      : float_graph_(float_graph),
        integer_graph_(integer_graph),
        float_taps_(float_graph, [this](ValueId id, auto bytes) { keep_float(id, bytes); }),
        integer_taps_(integer_graph, [this](ValueId id, auto bytes) { keep_integer(id, bytes); }),
        integer_samples_(float_graph, integer_graph, integer_taps_) {
    for (QuantizedValue& value : report.values) rows_[value.name] = &value;
  }

  void reset() override { float_taps_.reset(), integer_taps_.reset(); }
  void push(int32_t stream, const void* sample) override {
    float_taps_.push(stream, sample);
    integer_samples_.push(stream, sample);
    compare();
  }
  void push_missing(int32_t stream, uint32_t n) override {
    float_taps_.push_missing(stream, n), integer_taps_.push_missing(stream, n);
    compare();
  }

 private:
  void keep_float(ValueId id, std::span<const uint8_t> bytes) {
    const Value& value = float_graph_.value(id);
    if (value.type != ElementType::f32 || !rows_.count(value.name)) return;
    append(real_numbers(value, bytes), floats_[value.name]);
  }

  void keep_integer(ValueId id, std::span<const uint8_t> bytes) {
    const Value& value = integer_graph_.value(id);
    const auto row = rows_.find(value.name);
    if (row == rows_.end() || value.type != row->second->type) return;
    append(real_numbers(value, bytes), integers_[value.name]);
  }

  static void append(const std::vector<double>& more, std::vector<double>& numbers) {
    numbers.insert(numbers.end(), more.begin(), more.end());
  }

  void compare() {
    for (const auto& [name, reals] : floats_) {
      const std::vector<double>& got = integers_[name];
      MOTE_ASSERT(reals.size() == got.size());
      for (size_t i = 0; i < reals.size(); ++i) add(*rows_[name], reals[i], got[i]);
    }
    floats_.clear(), integers_.clear();
  }

  static void add(QuantizedValue& row, double real, double got) {
    const double error = got - real;
    const double integer = std::nearbyint(got / double(row.scale)) + row.zero_point;
    row.signal += real * real;
    row.noise += error * error;
    row.largest_error = std::max(row.largest_error, std::fabs(error));
    const double most = row.type == ElementType::s16 ? 32767 : 127;
    const bool low = integer == -most - 1 && error > double(row.scale) / 2;
    const bool high = integer == most && error < -double(row.scale) / 2;
    row.saturated += low || high;
    ++row.count;
  }

  const Graph& float_graph_;
  const Graph& integer_graph_;
  ValueTaps float_taps_;
  ValueTaps integer_taps_;
  IntegerSamples integer_samples_;
  std::map<std::string, QuantizedValue*> rows_;
  Numbers floats_;
  Numbers integers_;
};

std::string print_row(const QuantizedValue& v, int width) {
  char text[400];
  std::snprintf(text, sizeof text, "%-*s  %-18s %12.5g %12.5g %12.5g %6d", width, v.name.c_str(),
                v.op.c_str(), double(v.min), double(v.max), double(v.scale), int(v.zero_point));
  std::string line = text;
  if (v.count > 0) {
    std::snprintf(text, sizeof text, " %8.1f %12.5g %9.3f", v.sqnr_db(), v.largest_error,
                  100.0 * double(v.saturated) / double(v.count));
    line += text;
  }
  return line + '\n';
}

}  // namespace

double QuantizedValue::sqnr_db() const {
  if (noise == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

const QuantizedValue* QuantizeReport::find(const std::string& name) const {
  for (const QuantizedValue& value : values)
    if (value.name == name) return &value;
  return nullptr;
}

void measure_error(const Graph& float_graph, const Graph& integer_graph, const SampleSource& source,
                   QuantizeReport& report) {
  Comparison comparison(float_graph, integer_graph, report);
  source(comparison);
}

std::string print(const QuantizeReport& report) {
  size_t width = 5;
  for (const QuantizedValue& v : report.values)
    width = std::min<size_t>(std::max(width, v.name.size()), 100);
  char head[400];
  std::snprintf(head, sizeof head, "%-*s  %-18s %12s %12s %12s %6s %8s %12s %9s\n", int(width),
                "value", "layer", "min", "max", "scale", "zero", "sqnr_db", "worst error",
                "clipped %");
  std::string text = head;
  for (const QuantizedValue& v : report.values) text += print_row(v, int(width));
  return text;
}

}  // namespace mote
