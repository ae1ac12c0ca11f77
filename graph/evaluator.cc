// SPDX-License-Identifier: Apache-2.0
// The evaluator loop. See evaluator.h.
#include "graph/evaluator.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/saved_state.h"
#include "core/stream.h"
#include "graph/state_id.h"

namespace mote {
namespace {

// A node made ready: its kernel and the addresses it works on.
struct Step {
  int32_t node = 0;
  int32_t stream = 0;
  ValueId trigger = -1;  // the node runs when this input was produced
  Alias alias = Alias::none;
  KernelCall call;
  std::vector<void*> arguments;
};

// 8-byte aligned storage.
using Storage = std::vector<uint64_t>;
Storage make_storage(int64_t bytes) { return Storage(size_t(std::max<int64_t>(bytes, 1) + 7) / 8); }

}  // namespace

struct Evaluator::Room {
  const Graph& graph;
  InstructionSet core;
  std::vector<Storage> storage;   // a value's bytes, where it owns any
  std::vector<uint8_t*> address;  // of each value
  std::vector<uint8_t> produced;  // in this push
  std::vector<Step> steps;
  std::vector<Storage> scratch;
  Observer observer;
  std::optional<uint32_t> state_id;  // once it was asked for: printing a graph takes a while

  Room(const Graph& g, InstructionSet c)
      : graph(g),
        core(c),
        storage(g.values.size()),
        address(g.values.size()),
        produced(g.values.size()) {
    for (size_t i = 0; i < g.values.size(); ++i) place_value(ValueId(i));
    for (size_t i = 0; i < g.nodes.size(); ++i) add_step(int32_t(i));
  }

  void place_value(ValueId id) {
    const Value& value = graph.value(id);
    storage[size_t(id)] = make_storage(value.bytes());
    address[size_t(id)] = reinterpret_cast<uint8_t*>(storage[size_t(id)].data());
    if (value.kind == ValueKind::constant)
      std::memcpy(address[size_t(id)], value.data->data(), value.data->size());
  }

  void add_step(int32_t index) {
    const Node& node = graph.nodes[size_t(index)];
    Step step;
    step.node = index;
    step.alias = node.op->alias;
    step.trigger = trigger_of(graph, node);
    step.stream = graph.value(node.outputs.at(0)).clock.stream;
    if (step.alias == Alias::view) {
      address[size_t(node.outputs[0])] = address[size_t(node.inputs[0])];
    } else {
      if (step.alias == Alias::state_view)
        address[size_t(node.outputs[0])] = address[size_t(node.states.at(0))];
      step.call = lower_for(core, NodeView(graph, node));
      bind(node, step);
    }
    steps.push_back(std::move(step));
  }

  void bind(const Node& node, Step& step) {
    MOTE_ASSERT(int32_t(step.call.arguments.size()) == step.call.kernel.arity);
    scratch.push_back(make_storage(step.call.scratch_bytes));
    for (const KernelArgument& argument : step.call.arguments) {
      const size_t i = size_t(argument.index);
      switch (argument.kind) {
        using Kind = KernelArgument::Kind;
        case Kind::input:
          step.arguments.push_back(address[size_t(node.inputs.at(i))]);
          break;
        case Kind::output:
          step.arguments.push_back(address[size_t(node.outputs.at(i))]);
          break;
        case Kind::state:
          step.arguments.push_back(address[size_t(node.states.at(i))]);
          break;
        case Kind::constant:
          step.arguments.push_back(step.call.constants.at(i).data.data());
          break;
        case Kind::scratch:
          step.arguments.push_back(scratch.back().data());
          break;
        case Kind::null:
          step.arguments.push_back(nullptr);
          break;
      }
    }
  }

  // An output that has not come yet reads as zeros; one that is a state's bytes, as that state.
  void reset() {
    for (ValueId out : graph.outputs)
      if (graph.value(out).kind == ValueKind::intermediate)
        std::memset(address[size_t(out)], 0, size_t(graph.value(out).bytes()));
    for (size_t i = 0; i < graph.values.size(); ++i) {
      const Value& value = graph.values[i];
      if (value.kind != ValueKind::state) continue;
      if (value.data)
        std::memcpy(address[i], value.data->data(), value.data->size());
      else
        std::memset(address[i], 0, size_t(value.bytes()));
    }
  }

  uint32_t id() {
    if (!state_id) state_id = mote::state_id(graph);
    return *state_id;
  }

  int32_t* pending(int32_t stream) {
    return reinterpret_cast<int32_t*>(address[size_t(graph.streams[size_t(stream)].pending)]);
  }

  // The samples between the last one and this, if any are missing.
  bool fill_gap(int32_t stream, const int16_t* sample) {
    const Stream& declared = graph.streams[size_t(stream)];
    const auto axes = int32_t(declared.axes.size());
    const int32_t n = *pending(stream);
    const auto* last = reinterpret_cast<const int16_t*>(address[size_t(declared.last)]);
    std::vector<int16_t> between(declared.axes.size());
    bool decided = false;
    for (int32_t i = 1; i <= n; ++i) {
      interpolate_s16(last, sample, axes, i, n, between.data());
      decided = tick(stream, between.data()) || decided;
    }
    *pending(stream) = 0;
    return decided;
  }

  // One tick: the sample itself, without regard to missing ones.
  bool tick(int32_t stream, const void* sample) {
    std::fill(produced.begin(), produced.end(), uint8_t{0});
    for (const SamplePart& part : sample_parts(graph, graph.streams[size_t(stream)])) {
      std::memcpy(address[size_t(part.value)], static_cast<const uint8_t*>(sample) + part.offset,
                  size_t(graph.value(part.value).bytes()));
      produced[size_t(part.value)] = 1;
    }
    for (const Step& step : steps) {
      if (step.stream != stream || !produced[size_t(step.trigger)]) continue;
      const Node& node = graph.nodes[size_t(step.node)];
      if (step.alias != Alias::view &&
          !step.call.kernel.invoke(step.call.params.get(), step.arguments.data()))
        continue;
      for (ValueId out : node.outputs) {
        produced[size_t(out)] = 1;
        if (observer && step.alias != Alias::view)
          observer(step.node, {address[size_t(out)], size_t(graph.value(out).bytes())});
      }
    }
    return std::any_of(graph.outputs.begin(), graph.outputs.end(),
                       [this](ValueId out) { return produced[size_t(out)] != 0; });
  }
};

Evaluator::Evaluator(const Graph& graph, InstructionSet core)
    : room_(std::make_unique<Room>(graph, core)) {
  reset();
}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

void Evaluator::reset() { room_->reset(); }

bool Evaluator::push(int32_t stream, const void* sample) {
  const Stream& declared = room_->graph.streams.at(size_t(stream));
  bool decided = false;
  if (declared.pending >= 0) decided = room_->fill_gap(stream, static_cast<const int16_t*>(sample));
  if (declared.last >= 0)
    std::memcpy(room_->address[size_t(declared.last)], sample, 2 * declared.axes.size());
  return room_->tick(stream, sample) || decided;
}

bool Evaluator::push_missing(int32_t stream, uint32_t n) {
  const Stream& declared = room_->graph.streams.at(size_t(stream));
  bool decided = false;
  switch (declared.missing) {
    case MissingPolicy::drop:
      reset();
      break;
    case MissingPolicy::interpolate:
      if (int32_t& pending = *room_->pending(stream); pending >= 0) pending += int32_t(n);
      break;
    case MissingPolicy::hold:
      for (uint32_t i = 0; i < n; ++i)
        decided = room_->tick(stream, room_->address[size_t(declared.last)]) || decided;
  }
  return decided;
}

void Evaluator::observe(Observer observer) { room_->observer = std::move(observer); }

std::span<const uint8_t> Evaluator::bytes(ValueId id) const {
  return {room_->address.at(size_t(id)), size_t(room_->graph.value(id).bytes())};
}
bool Evaluator::produced(ValueId id) const { return room_->produced.at(size_t(id)) != 0; }

Bytes Evaluator::outputs() const {
  Bytes all;
  for (ValueId id : room_->graph.outputs) {
    const auto part = bytes(id);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

Bytes Evaluator::save() const {
  Bytes all;
  for (ValueId id : room_->graph.states()) {
    const auto part = bytes(id);
    all.insert(all.end(), part.begin(), part.end());
  }
  const size_t state_bytes = all.size();
  all.resize(state_bytes + kStateCheckBytes);
  seal_state(all.data(), state_bytes, room_->id());
  return all;
}

bool Evaluator::load(std::span<const uint8_t> saved) {
  const std::vector<ValueId> states = room_->graph.states();
  size_t state_bytes = 0;
  for (ValueId id : states) state_bytes += size_t(room_->graph.value(id).bytes());
  if (saved.size() != state_bytes + kStateCheckBytes ||
      !is_sealed_state(saved.data(), state_bytes, room_->id()))
    return false;
  const uint8_t* from = saved.data();
  for (ValueId id : states) {
    const auto bytes = size_t(room_->graph.value(id).bytes());
    std::memcpy(room_->address[size_t(id)], from, bytes);
    from += bytes;
  }
  return true;
}

}  // namespace mote
