// SPDX-License-Identifier: Apache-2.0
// Listens to an Evaluator: calls back with every value as it is produced, streams and views
// included, ticks that push() makes up for missing samples included.
#pragma once
#include <functional>
#include <span>

#include "graph/evaluator.h"
#include "quantize/samples.h"

namespace mote {

class ValueTaps : public SampleSink {
 public:
  using Tap = std::function<void(ValueId id, std::span<const uint8_t> bytes)>;

  ValueTaps(const Graph& graph, Tap tap);
  ValueTaps(const ValueTaps&) = delete;  // the evaluator holds a pointer to this

  void reset() override { evaluator_.reset(); }
  void push(int32_t stream, const void* sample) override;
  void push_missing(int32_t stream, uint32_t n) override { evaluator_.push_missing(stream, n); }

 private:
  void produced(int32_t node, std::span<const uint8_t> output);
  void tell(ValueId id, std::span<const uint8_t> bytes);

  const Graph& graph_;
  Tap tap_;
  std::vector<std::vector<ValueId>>
      views_;  // of each value; the evaluator's observer is silent about them
  Evaluator evaluator_;
};

}  // namespace mote
