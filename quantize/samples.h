// SPDX-License-Identifier: Apache-2.0
// Where calibration and the error table get their samples from: a function that pushes recordings
// (or captured features) into whatever listens. It is called more than once and must give the same
// samples each time.
#pragma once
#include <cstdint>
#include <functional>
#include <span>

#include "graph/graph.h"

namespace mote {

// What the samples go to; as the Evaluator's functions of the same names.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  virtual void reset() = 0;  // at the start of each recording
  virtual void push(int32_t stream, const void* sample) = 0;
  virtual void push_missing(int32_t stream, uint32_t n) = 0;
};

using SampleSource = std::function<void(SampleSink&)>;

// Captured float features, `width` numbers a row, as pushes of stream 0, each from a fresh state:
// for network_part(). The numbers must outlive the source.
inline SampleSource rows_source(std::span<const float> numbers, size_t width) {
  return [numbers, width](SampleSink& sink) {
    for (size_t at = 0; at + width <= numbers.size(); at += width) {
      sink.reset();
      sink.push(0, numbers.data() + at);
    }
  };
}

// A sample of `stream` as the integer form of the graph takes it: float tensors that became
// integers at their new scale, all others as they are. Empty where the two take the same bytes.
Bytes sample_of(const Graph& float_graph, const Graph& integer_graph, int32_t stream,
                const void* sample);

// Samples of the float graph on their way into what listens to its integer form.
class IntegerSamples : public SampleSink {
 public:
  IntegerSamples(const Graph& float_graph, const Graph& integer_graph, SampleSink& sink)
      : float_graph_(float_graph), integer_graph_(integer_graph), sink_(sink) {}
  void reset() override { sink_.reset(); }
  void push(int32_t stream, const void* sample) override {
    const Bytes converted = sample_of(float_graph_, integer_graph_, stream, sample);
    sink_.push(stream, converted.empty() ? sample : converted.data());
  }
  void push_missing(int32_t stream, uint32_t n) override { sink_.push_missing(stream, n); }

 private:
  const Graph& float_graph_;
  const Graph& integer_graph_;
  SampleSink& sink_;
};

}  // namespace mote
