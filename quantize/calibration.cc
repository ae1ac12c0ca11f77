// SPDX-License-Identifier: Apache-2.0
// Collecting histograms. See calibration.h.
#include "quantize/calibration.h"

#include <algorithm>
#include <cstring>

#include "quantize/cell_taps.h"
#include "quantize/value_taps.h"

namespace mote {
namespace {

void add(const Value& value, std::span<const uint8_t> bytes, SeenValue& seen) {
  seen.channel_sums.resize(value.shape.empty() ? 1 : size_t(value.shape.back()));
  for (size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
    float number;
    std::memcpy(&number, bytes.data() + i * sizeof(float), sizeof number);
    seen.histogram.add(number);
    seen.channel_sums[i % seen.channel_sums.size()] += double(number);
  }
}

// Both kinds of taps behind one source.
class Listener : public SampleSink {
 public:
  Listener(const Graph& graph, const ValueTaps::Tap& tap)
      : graph_(graph),
        cells_(graph, tap),
        values_(graph, [this, tap](ValueId id, std::span<const uint8_t> bytes) {
          tap(id, bytes);
          cells_.produced(id, bytes);
        }) {}

  void reset() override {
    values_.reset();
    cells_.reset();
  }
  void push(int32_t stream, const void* sample) override { values_.push(stream, sample); }
  void push_missing(int32_t stream, uint32_t n) override {
    values_.push_missing(stream, n);
    if (graph_.streams.at(size_t(stream)).missing == MissingPolicy::drop) cells_.reset();
  }

 private:
  const Graph& graph_;
  CellTaps cells_;
  ValueTaps values_;
};

}  // namespace

std::vector<double> SeenValue::channel_means() const {
  std::vector<double> means;
  const double count = double(histogram.count()) / double(std::max<size_t>(channel_sums.size(), 1));
  if (count > 0)
    for (double sum : channel_sums) means.push_back(sum / count);
  return means;
}

const SeenValue* Calibration::find(const std::string& name) const {
  const auto found = seen.find(name);
  return found == seen.end() ? nullptr : &found->second;
}

Calibration calibrate(const Graph& graph, const SampleSource& source) {
  std::vector<SeenValue> values(graph.values.size());
  std::vector<bool> taken(graph.values.size());
  Listener listener(graph, [&](ValueId id, std::span<const uint8_t> bytes) {
    if (graph.value(id).type != ElementType::f32) return;
    taken[size_t(id)] = true;
    add(graph.value(id), bytes, values[size_t(id)]);
  });
  source(listener);
  Calibration calibration;
  for (size_t i = 0; i < graph.values.size(); ++i)
    if (taken[i]) calibration.seen.emplace(graph.values[i].name, std::move(values[i]));
  return calibration;
}

}  // namespace mote
