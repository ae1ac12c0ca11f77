// SPDX-License-Identifier: Apache-2.0
// Memory planning: who shares whose bytes, how long they live, where they lie. See plan.h.
#include "compiler/plan/plan.h"

#include <algorithm>
#include <numeric>

#include "core/saved_state.h"

namespace mote {
namespace {

constexpr int64_t kAlignment = 8;

int64_t align(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// A request for arena bytes over a span of layers.
struct Request {
  std::string name;
  int64_t bytes = 0;
  int32_t first = 0;
  int32_t last = 0;
  int64_t offset = -1;
};

class Planner {
 public:
  Planner(const Graph& graph, InstructionSet core) : core_(core) { plan_.graph = graph; }

  Plan run() {
    plan_.locations.resize(graph().values.size());
    find_last_uses();
    for (size_t i = 0; i < graph().nodes.size(); ++i) add_layer(int32_t(i));
    place_fixed();
    place_arena();
    place_resident();
    share_locations();
    count_touched();
    return std::move(plan_);
  }

 private:
  const Graph& graph() const { return plan_.graph; }
  ValueId& storage(ValueId id) { return plan_.locations[size_t(id)].storage; }

  void find_last_uses() {
    for (size_t i = 0; i < plan_.locations.size(); ++i) plan_.locations[i].storage = ValueId(i);
    last_use_.assign(graph().values.size(), -1);
    for (size_t n = 0; n < graph().nodes.size(); ++n)
      for (ValueId in : graph().nodes[n].inputs)
        if (in >= 0) last_use_[size_t(in)] = int32_t(n);
  }

  void add_layer(int32_t index) {
    const Node& node = graph().nodes[size_t(index)];
    const NodeView view(graph(), node);
    Layer layer;
    layer.node = index;
    layer.gate = gate_of(trigger_of(graph(), node));
    layer.macs = node.op->macs ? node.op->macs(view) : 0;
    layer.has_kernel = node.op->alias != Alias::view;
    if (layer.has_kernel) layer.call = lower_for(core_, view);
    share(index, node);
    plan_.layers.push_back(std::move(layer));
  }

  // The gate that decides whether `value` is produced: the node itself if it gates, else its first
  // input's. Gates of one clock open together, so the first of them stands for all.
  int32_t gate_of(ValueId value) const {
    for (size_t n = 0; n < plan_.layers.size(); ++n) {
      const Layer& layer = plan_.layers[n];
      const Node& node = graph().nodes[size_t(layer.node)];
      if (std::find(node.outputs.begin(), node.outputs.end(), value) == node.outputs.end())
        continue;
      return layer.has_kernel && layer.call.kernel.gates
                 ? first_of_clock(graph().value(value).clock)
                 : layer.gate;
    }
    return -1;
  }

  int32_t first_of_clock(const Clock& clock) const {
    for (const Layer& layer : plan_.layers) {
      const Node& node = graph().nodes[size_t(layer.node)];
      if (layer.has_kernel && layer.call.kernel.gates &&
          graph().value(node.outputs[0]).clock == clock)
        return layer.node;
    }
    internal_error(__FILE__, __LINE__, "a gate without its own clock");
  }

  bool is_output(ValueId id) const {
    const auto& outputs = graph().outputs;
    return std::find(outputs.begin(), outputs.end(), id) != outputs.end();
  }

  // Lets output 0 live in its input's or state's bytes where the operator allows it.
  void share(int32_t index, const Node& node) {
    const ValueId out = node.outputs.at(0);
    const ValueId in = node.inputs.at(0);
    if (node.op->alias == Alias::view) storage(out) = storage(in);
    if (node.op->alias == Alias::state_view) storage(out) = node.states.at(0);
    if (node.op->alias != Alias::in_place || is_output(out)) return;
    const ValueId owner = storage(in);
    const Value& owned = graph().value(owner);
    if (owned.kind == ValueKind::intermediate && !read_after(owner, index) &&
        !owned_by_output(owner) && owned.bytes() == graph().value(out).bytes())
      storage(out) = owner;
  }

  bool read_after(ValueId owner, int32_t index) const {
    for (size_t v = 0; v < last_use_.size(); ++v)
      if (plan_.locations[v].storage == owner && last_use_[v] > index) return true;
    return false;
  }
  bool owned_by_output(ValueId owner) const {
    return std::any_of(graph().outputs.begin(), graph().outputs.end(),
                       [&](ValueId out) { return plan_.locations[size_t(out)].storage == owner; });
  }

  void place_fixed() {
    for (size_t v = 0; v < plan_.locations.size(); ++v) {
      const Value& value = graph().values[v];
      Region& region = plan_.locations[v].region;
      if (value.kind == ValueKind::constant) region = Region::flash;
      if (value.kind == ValueKind::stream) region = Region::sample;
      if (value.kind == ValueKind::state) region = Region::state;
    }
    // An output that shares a state's or the sample's bytes stays there; any other gets bytes of
    // its own for good.
    for (ValueId out : graph().outputs) {
      Location& owner = plan_.locations[size_t(storage(out))];
      if (owner.region == Region::arena) owner.region = Region::output;
    }
  }

  void place_arena() {
    std::vector<Request> requests;
    std::vector<ValueId> values;
    for (size_t v = 0; v < plan_.locations.size(); ++v) {
      const bool owns = plan_.locations[v].storage == ValueId(v);
      if (!owns || plan_.locations[v].region != Region::arena) continue;
      requests.push_back(lifetime(ValueId(v)));
      values.push_back(ValueId(v));
    }
    for (Layer& layer : plan_.layers)
      if (layer.call.scratch_bytes > 0)
        requests.push_back({graph().nodes[size_t(layer.node)].name + " scratch",
                            layer.call.scratch_bytes, layer.node, layer.node});
    assign_offsets(requests);
    for (size_t i = 0; i < values.size(); ++i)
      plan_.locations[size_t(values[i])].offset = requests[i].offset;
    size_t next = values.size();
    for (Layer& layer : plan_.layers)
      if (layer.call.scratch_bytes > 0) layer.scratch_offset = requests[next++].offset;
    for (const Request& r : requests)
      plan_.blocks.push_back({r.name, r.offset, r.offset + r.bytes, r.first, r.last});
  }

  Request lifetime(ValueId owner) {
    Request request{graph().value(owner).name, graph().value(owner).bytes(), INT32_MAX, 0};
    for (size_t n = 0; n < graph().nodes.size(); ++n) {
      const Node& node = graph().nodes[n];
      for (const auto* list : {&node.inputs, &node.outputs})
        for (ValueId id : *list)
          if (id >= 0 && storage(id) == owner) {
            request.first = std::min(request.first, int32_t(n));
            request.last = std::max(request.last, int32_t(n));
          }
    }
    return request;
  }

  // Largest first, each at the lowest offset where no block alive at the same time lies.
  void assign_offsets(std::vector<Request>& requests) {
    std::vector<size_t> order(requests.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return requests[a].bytes > requests[b].bytes; });
    std::vector<size_t> placed;
    for (size_t i : order) {
      requests[i].offset = lowest_gap(requests, placed, requests[i]);
      plan_.arena_bytes =
          std::max(plan_.arena_bytes, align(requests[i].offset + requests[i].bytes));
      placed.push_back(i);
      std::sort(placed.begin(), placed.end(),
                [&](size_t a, size_t b) { return requests[a].offset < requests[b].offset; });
    }
  }

  static int64_t lowest_gap(const std::vector<Request>& requests, const std::vector<size_t>& placed,
                            const Request& wanted) {
    int64_t offset = 0;
    for (size_t p : placed) {
      const Request& other = requests[p];
      if (other.last < wanted.first || wanted.last < other.first) continue;
      if (offset + wanted.bytes <= other.offset) break;
      offset = std::max(offset, align(other.offset + other.bytes));
    }
    return offset;
  }

  // States and outputs follow the arena, wide elements first, so the struct has no holes.
  void place_resident() {
    std::vector<ValueId> outputs;
    for (size_t v = 0; v < plan_.locations.size(); ++v)
      if (plan_.locations[v].region == Region::output && storage(ValueId(v)) == ValueId(v))
        outputs.push_back(ValueId(v));
    plan_.resident = graph().states();
    plan_.resident.insert(plan_.resident.end(), outputs.begin(), outputs.end());
    std::stable_sort(plan_.resident.begin(), plan_.resident.end(), [&](ValueId a, ValueId b) {
      return element_bytes(graph().value(a).type) > element_bytes(graph().value(b).type);
    });
    int64_t offset = plan_.arena_bytes;
    for (ValueId id : plan_.resident) {
      plan_.locations[size_t(id)].offset = offset;
      offset += graph().value(id).bytes();
      if (graph().value(id).kind == ValueKind::state)
        plan_.state_bytes += graph().value(id).bytes();
    }
    plan_.saved_bytes = plan_.state_bytes + kStateCheckBytes;
    for (ValueId id : graph().outputs) plan_.output_bytes += graph().value(id).bytes();
    plan_.model_bytes = std::max<int64_t>(align(offset), kAlignment);
  }

  void share_locations() {
    for (Location& location : plan_.locations) {
      const Location& owner = plan_.locations[size_t(location.storage)];
      location.region = owner.region;
      location.offset = owner.offset;
    }
  }

  // Everything that lies in the model struct, states and outputs last.
  std::vector<ArenaBlock> residents() const {
    std::vector<ArenaBlock> all = plan_.blocks;
    for (ValueId id : plan_.resident) {
      const int64_t begin = plan_.locations[size_t(id)].offset;
      all.push_back({graph().value(id).name, begin, begin + graph().value(id).bytes(), 0, 0});
    }
    return all;
  }

  // What a run that reaches every layer changes, counted as a player counts: whole words of four
  // bytes.
  void count_touched() {
    const std::vector<ArenaBlock> all = residents();
    std::vector<bool> words(size_t(plan_.model_bytes) / 4);
    for (const ArenaBlock& block : all)
      for (int64_t w = block.begin / 4; w < (block.end + 3) / 4; ++w) words[size_t(w)] = true;
    plan_.touched_bytes = 4 * std::count(words.begin(), words.end(), true);
    for (size_t begin = 0; begin < words.size(); ++begin) {
      if (words[begin]) continue;
      size_t end = begin;
      while (end < words.size() && !words[end]) ++end;
      const auto before = std::find_if(all.begin(), all.end(), [&](const ArenaBlock& block) {
        return (block.end + 3) / 4 == int64_t(begin);
      });
      plan_.alignment.push_back(
          {before == all.end() ? "" : before->name, 4 * int64_t(begin), 4 * int64_t(end)});
      begin = end;
    }
  }

  InstructionSet core_;
  Plan plan_;
  std::vector<int32_t> last_use_;
};

}  // namespace

Plan make_plan(const Graph& graph, InstructionSet core) { return Planner(graph, core).run(); }

void verify(const Plan& plan) {
  for (size_t a = 0; a < plan.blocks.size(); ++a) {
    const ArenaBlock& x = plan.blocks[a];
    MOTE_ASSERT(x.begin >= 0 && x.begin % kAlignment == 0 && x.end <= plan.arena_bytes);
    for (size_t b = 0; b < a; ++b) {
      const ArenaBlock& y = plan.blocks[b];
      const bool together = x.first <= y.last && y.first <= x.last;
      MOTE_ASSERT(!together || x.end <= y.begin || y.end <= x.begin);
    }
  }
  for (const Layer& layer : plan.layers)
    if (layer.has_kernel)
      MOTE_ASSERT(int32_t(layer.call.arguments.size()) == layer.call.kernel.arity);
}

}  // namespace mote
