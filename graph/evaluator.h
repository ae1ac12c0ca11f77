// SPDX-License-Identifier: Apache-2.0
// Runs a Graph on the host with the device's own kernels, one push at a time: the reference that
// emitted code must equal byte for byte, the source of training features, and the engine of
// calibration. Every value has a buffer of its own here, so a wrong overlap in the compiler's
// memory plan shows up as a difference.
#pragma once
#include <functional>
#include <span>

#include "graph/op_def.h"

namespace mote {

// The fastest kernels of a host, for what is evaluated in bulk. Every byte is the portable kernels'
// (ops/nn/variants_test.cc); those alone make the reference of a verification.
constexpr InstructionSet kFastKernels = InstructionSet::simd128;

class Evaluator {
 public:
  // The graph is copied in part; it must outlive the evaluator. `core`: with the kernels of such a
  // core, as far as they have plain twins; the answers are the same.
  explicit Evaluator(const Graph& graph, InstructionSet core = InstructionSet::portable);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  // Back to the initial state, as at the start of a recording.
  void reset();

  // One sample of `stream` (axes int16 counts, or the bytes of a plain model's input). True if a
  // graph output was produced: a decision.
  bool push(int32_t stream, const void* sample);

  // n samples of `stream` are missing; the stream's policy says what happens. True as for push().
  bool push_missing(int32_t stream, uint32_t n);

  // Called after each node that produced output, once an output, in execution order; not for views.
  using Observer = std::function<void(int32_t node, std::span<const uint8_t> output)>;
  void observe(Observer observer);

  // The bytes of a value as last produced.
  std::span<const uint8_t> bytes(ValueId id) const;
  // Whether the value was produced by the last push.
  bool produced(ValueId id) const;
  // The graph outputs of the last decision, concatenated (`outputs` of the trace).
  Bytes outputs() const;

  // All state, padding-free little-endian, in the order of the nodes, and its check: the bytes that
  // the emitted save() writes (docs/formats/state.md).
  Bytes save() const;
  // False, and nothing has changed, for bytes that save() of this graph did not write.
  [[nodiscard]] bool load(std::span<const uint8_t> saved);

 private:
  struct Room;
  std::unique_ptr<Room> room_;
};

}  // namespace mote
