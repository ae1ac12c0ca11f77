// SPDX-License-Identifier: Apache-2.0
// For tests of access orders (graph/access_order.h): one kernel on bytes that a test lays out. In:
// a graph of one node, the kernel's call, numbers. Out: the bytes of output 0, with the output
// apart from an input or so many bytes before it.
#pragma once
#include <optional>

#include "ops/run_one_node.h"

namespace mote {

class OverlappedRun {
 public:
  OverlappedRun(const Graph& graph, KernelCall call, Numbers& numbers)
      : graph_(graph), node_(graph.nodes.at(0)), call_(std::move(call)) {
    for (ValueId id : node_.inputs) inputs_.push_back(id < 0 ? Bytes{} : contents(id, numbers));
  }

  const KernelCall& call() const { return call_; }
  // The same inputs for another call of the node.
  OverlappedRun with(KernelCall call) const {
    OverlappedRun run = *this;
    run.call_ = std::move(call);
    return run;
  }

  Bytes apart() const { return run(std::nullopt, 0); }
  // `distance`: where the input begins, as seen from the output; a multiple of its elements.
  Bytes overlapped(int32_t input, int64_t distance) const { return run(input, distance); }
  // The same as seen from the scratch.
  Bytes in_scratch(int32_t input, int64_t distance) const {
    OverlappedRun run = *this;
    run.is_in_scratch_ = true;
    return run.run(input, distance);
  }

 private:
  // Real numbers are moderate ones; bytes of integers are any.
  Bytes contents(ValueId id, Numbers& numbers) const {
    const Value& value = graph_.value(id);
    if (value.data) return *value.data;
    Bytes bytes = numbers.many<uint8_t>(value.bytes(), 0, 255);
    if (value.type == ElementType::f32) {
      const std::vector<float> reals = numbers.reals(value.elements(), -4, 4);
      std::memcpy(bytes.data(), reals.data(), bytes.size());
    }
    return bytes;
  }

  using Storage = std::vector<uint64_t>;
  static Storage filled(int64_t bytes) {
    return Storage(size_t(bytes) / 8 + 2, 0x5a5a5a5a5a5a5a5a);
  }

  Bytes run(std::optional<int32_t> overlapped, int64_t distance) const {
    const int64_t out_bytes = graph_.value(node_.outputs[0]).bytes();
    const int64_t over = is_in_scratch_ ? call_.scratch_bytes : out_bytes;
    int64_t in_bytes = overlapped ? int64_t(inputs_[size_t(*overlapped)].size()) : 0;
    Storage shared = filled(std::max(over, in_bytes + distance)), alone = filled(out_bytes);
    auto* const overlapping = reinterpret_cast<uint8_t*>(shared.data());
    auto* const output = is_in_scratch_ ? reinterpret_cast<uint8_t*>(alone.data()) : overlapping;
    std::vector<Storage> own;  // of inputs apart, further outputs, states, constants, scratch
    own.reserve(call_.arguments.size());
    const auto place = [&](const void* from, int64_t bytes) {
      own.push_back(filled(bytes));
      if (from) std::memcpy(own.back().data(), from, size_t(bytes));
      return static_cast<void*>(own.back().data());
    };
    std::vector<void*> arguments;
    for (const KernelArgument& argument : call_.arguments) {
      const auto i = size_t(argument.index);
      switch (argument.kind) {
        using Kind = KernelArgument::Kind;
        case Kind::input:
          if (overlapped == argument.index) {
            std::memcpy(overlapping + distance, inputs_[i].data(), inputs_[i].size());
            arguments.push_back(overlapping + distance);
          } else {
            arguments.push_back(place(inputs_[i].data(), int64_t(inputs_[i].size())));
          }
          break;
        case Kind::output:
          arguments.push_back(i == 0 ? output
                                     : place(nullptr, graph_.value(node_.outputs.at(i)).bytes()));
          break;
        case Kind::state: {
          const Value& state = graph_.value(node_.states.at(i));
          const Bytes zeros(size_t(state.bytes()));
          arguments.push_back(place(state.data ? state.data->data() : zeros.data(), state.bytes()));
          break;
        }
        case Kind::constant:
          arguments.push_back(
              place(call_.constants[i].data.data(), int64_t(call_.constants[i].data.size())));
          break;
        case Kind::scratch:
          arguments.push_back(is_in_scratch_ ? overlapping : place(nullptr, call_.scratch_bytes));
          break;
        case Kind::null:
          arguments.push_back(nullptr);
          break;
      }
    }
    call_.kernel.invoke(call_.params.get(), arguments.data());
    return Bytes(output, output + out_bytes);
  }

  const Graph& graph_;
  const Node& node_;
  KernelCall call_;
  std::vector<Bytes> inputs_;
  bool is_in_scratch_ = false;
};

// What the runs of a kind of layer showed.
struct OrderEvidence {
  int overlapped = 0;  // runs with the output that far before the input
  int too_near = 0;    // runs with less, of those that could be told, ..
  int damaged = 0;     // .. and those with other bytes
  int in_scratch_too_near = 0, in_scratch_damaged = 0;  // the same of scratch
};

// Every order of the call at its least distance, and an element nearer; lanes also an element
// farther.
inline void gather_evidence(const OverlappedRun& run, const Graph& graph, OrderEvidence& evidence) {
  const Bytes want = run.apart();
  for (const AccessOrder& order : run.call().orders) {
    const Node& node = graph.nodes[0];
    const int64_t element = element_bytes(graph.value(node.inputs[size_t(order.input)]).type);
    int64_t distance = (least_distance(order) + element - 1) / element * element;
    ASSERT_EQ(run.overlapped(order.input, distance), want)
        << node.op->name << ": " << run.call().kernel.function << ", input " << order.input
        << " overlapped at " << distance;
    ++evidence.overlapped;
    if (distance == 0 && order.lanes == 1) continue;
    if (distance == 0) distance = 2 * element;  // lanes fall onto others
    ++evidence.too_near;
    evidence.damaged += run.overlapped(order.input, distance - element) != want;
  }
  for (const AccessOrder& order : run.call().scratch_orders) {
    const int64_t distance = least_distance(order);
    ASSERT_EQ(run.in_scratch(order.input, distance), want)
        << run.call().kernel.function << ", input in scratch at " << distance;
    if (distance == 0) continue;
    ++evidence.in_scratch_too_near;
    evidence.in_scratch_damaged += run.in_scratch(order.input, distance - 1) != want;
  }
}

}  // namespace mote
