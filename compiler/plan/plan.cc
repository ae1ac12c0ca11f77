// SPDX-License-Identifier: Apache-2.0
// Memory planning: who shares whose bytes, how long they live, where they lie. See plan.h.
#include "compiler/plan/plan.h"

#include <algorithm>
#include <map>

#include "compiler/plan/accesses.h"
#include "compiler/plan/arena.h"
#include "compiler/plan/layer_order.h"
#include "compiler/plan/partition.h"
#include "core/saved_state.h"
#include "graph/kernel_choice.h"

namespace mote {
namespace {

constexpr int64_t kWord = 4;       // arena blocks begin at multiples of it
constexpr int64_t kAlignment = 8;  // of the struct, of scratch
constexpr int64_t kSmallShare = 400;

// Whether a push is a sample of tensors and nothing else: then the sample may lie in the arena. A
// sensor's is small, and has to last until a gap behind it is filled; with several streams a push
// of another may come while one is written.
bool is_plain(const Graph& graph) {
  return graph.streams.size() == 1 && graph.streams[0].axes.empty() && graph.streams[0].last < 0;
}

int64_t align(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Whether C++ lets a kernel store one type where it loads the other.
bool may_alias(ElementType a, ElementType b) {
  return a == b || element_bytes(a) == 1 || element_bytes(b) == 1;
}

class Planner {
 public:
  Planner(const Graph& graph, InstructionSet core, std::optional<RowLoop> loop,
          const KernelChoices& choices, int64_t near_bytes)
      : core_(core), choices_(choices), near_bytes_(near_bytes) {
    plan_.graph = graph;
    plan_.loop = std::move(loop);
  }

  Plan run() {
    plan_.locations.resize(graph().values.size());
    for (size_t i = 0; i < plan_.locations.size(); ++i) plan_.locations[i].storage = ValueId(i);
    for (size_t i = 0; i < graph().nodes.size(); ++i) add_layer(int32_t(i));
    choose_smaller_kernels();
    place_fixed();
    place_arena();
    place_resident();
    share_locations();
    count_touched();
    plan_.bytes_of_whole_layers = plan_.model_bytes;
    return std::move(plan_);
  }

 private:
  const Graph& graph() const { return plan_.graph; }
  bool takes_sample() const {
    return is_plain(graph()) && !(plan_.loop && plan_.loop->comes_by_rows);
  }
  ValueId& storage(ValueId id) { return plan_.locations[size_t(id)].storage; }

  void add_layer(int32_t index) {
    const Node& node = graph().nodes[size_t(index)];
    const NodeView view(graph(), node);
    Layer layer;
    layer.node = index;
    layer.gate = gate_of(trigger_of(graph(), node));
    layer.macs = plan_.is_by_rows(index) ? macs_by_rows(graph(), *plan_.loop, index)
                 : node.op->macs         ? node.op->macs(view)
                                         : 0;
    layer.has_kernel = node.op->alias != Alias::view;
    if (plan_.is_by_rows(index))
      take(lower_rows(graph(), *plan_.loop, index, {core_, chosen(node)}), layer);
    else if (layer.has_kernel)
      take(find_kernel(core_, view, chosen(node)), layer);
    share(node);
    plan_.layers.push_back(std::move(layer));
  }

  static void take(KernelCandidate kernel, Layer& layer) {
    layer.kernel = std::move(kernel.name);
    layer.call = std::move(kernel.call);
  }

  // "": none.
  std::string chosen(const Node& node) const {
    const auto found = choices_.find(node.name);
    return found == choices_.end() ? "" : found->second;
  }

  // A kernel whose layers do little of the work takes its smaller form: twice the instructions of
  // one product in 400 are hardly 1 in 400.
  void choose_smaller_kernels() {
    int64_t all = 0;
    std::map<std::string, int64_t> macs;
    for (const Layer& layer : plan_.layers) {
      all += layer.macs;
      if (layer.has_kernel) macs[layer.call.kernel.function] += layer.macs;
    }
    for (Layer& layer : plan_.layers)
      if (layer.has_kernel && layer.call.smaller &&
          chosen(graph().nodes[size_t(layer.node)]).empty() &&
          macs[layer.call.kernel.function] * kSmallShare <= all)
        take(smaller_form(std::move(layer.call)), layer);
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

  // A view of an input or of a state is these bytes.
  void share(const Node& node) {
    const ValueId out = node.outputs.at(0);
    if (node.op->alias == Alias::view) storage(out) = storage(node.inputs.at(0));
    if (node.op->alias == Alias::state_view) storage(out) = node.states.at(0);
  }

  void place_fixed() {
    for (size_t v = 0; v < plan_.locations.size(); ++v) {
      const Value& value = graph().values[v];
      Region& region = plan_.locations[v].region;
      if (value.kind == ValueKind::constant) region = Region::flash;
      if (value.kind == ValueKind::stream && !takes_sample()) region = Region::sample;
      if (value.kind == ValueKind::state) region = Region::state;
    }
    // An output that shares a state's or the sample's bytes stays there; any other gets bytes of
    // its own for good.
    for (ValueId out : graph().outputs) {
      Location& owner = plan_.locations[size_t(storage(out))];
      if (owner.region == Region::arena && !is_sample(storage(out))) owner.region = Region::output;
    }
    choose_arena_output();
  }

  bool is_sample(ValueId id) const { return graph().value(id).kind == ValueKind::stream; }

  // The largest output of those that come with every push.
  void choose_arena_output() {
    if (graph().streams.size() != 1) return;
    for (ValueId out : graph().outputs) {
      const ValueId owner = storage(out);
      if (plan_.locations[size_t(owner)].region != Region::output || gate_of(owner) != -1) continue;
      if (plan_.arena_output < 0 ||
          graph().value(owner).bytes() > graph().value(plan_.arena_output).bytes())
        plan_.arena_output = owner;
    }
  }

  void place_arena() {
    ArenaProblem problem;
    std::vector<size_t> request_of(plan_.locations.size(), SIZE_MAX);
    if (takes_sample()) add_sample(request_of, problem);
    for (size_t v = 0; v < plan_.locations.size(); ++v) {
      const bool owns = plan_.locations[v].storage == ValueId(v);
      const bool is_output = ValueId(v) == plan_.arena_output;
      if (!owns || is_sample(ValueId(v))) continue;
      if (plan_.locations[v].region != Region::arena && !is_output) continue;
      request_of[v] = problem.requests.size();
      problem.requests.push_back(lifetime(ValueId(v)));
      if (!is_output) continue;
      problem.requests.back().last = int32_t(graph().nodes.size()) - 1;
      problem.lowest = int32_t(request_of[v]);
    }
    if (plan_.loop) add_source_window(request_of, problem);
    const size_t values = problem.requests.size();
    for (const Layer& layer : plan_.layers)
      if (layer.call.scratch_bytes > 0) {
        add_scratch_overlaps(layer, request_of, problem);
        problem.requests.push_back({graph().nodes[size_t(layer.node)].name + " scratch",
                                    layer.call.scratch_bytes, layer.node, layer.node, kAlignment});
      }
    for (const Layer& layer : plan_.layers) add_overlaps(layer, request_of, problem);
    count_accesses(plan_, request_of, problem);
    ArenaLayout layout = lay_out(problem);
    plan_.arena_bytes = plan_.near_arena_bytes = align(layout.bytes);
    use_two_memories(problem, layout);
    for (size_t v = 0; v < request_of.size(); ++v)
      if (request_of[v] != SIZE_MAX) plan_.locations[v].offset += layout.offsets[request_of[v]];
    if (takes_sample()) plan_.input_offset = layout.offsets[0];
    if (plan_.loop) place_windows(layout.offsets[values - 1]);
    size_t next = values;
    for (Layer& layer : plan_.layers)
      if (layer.call.scratch_bytes > 0) layer.scratch_offset = layout.offsets[next++];
    for (size_t i = 0; i < problem.requests.size(); ++i) {
      const ArenaRequest& r = problem.requests[i];
      plan_.blocks.push_back(
          {r.name, layout.offsets[i], layout.offsets[i] + r.bytes, r.first, r.last, r.accesses});
    }
    for (size_t n = 0; n < layout.loads.size(); ++n) plan_.layers[n].arena_load = layout.loads[n];
    plan_.arena_bound.this_order = align(layout.bound);
    bound_other_orders();
  }

  // One block, whose tensors lie where a struct of them has them.
  void add_sample(std::vector<size_t>& request_of, ArenaProblem& problem) {
    const Stream& stream = graph().streams[0];
    ArenaRequest sample{graph().value(stream.value).name, sample_bytes(graph(), stream), 0, 0,
                        kWord};
    for (const SamplePart& part : sample_parts(graph(), stream)) {
      const ArenaRequest tensor = lifetime(part.value);
      sample.last = std::max(sample.last, tensor.last);
      sample.alignment = std::max(sample.alignment, tensor.alignment);
      plan_.locations[size_t(part.value)].offset = part.offset;
      request_of[size_t(part.value)] = problem.requests.size();
    }
    for (ValueId out : graph().outputs)
      if (is_sample(storage(out))) sample.last = int32_t(graph().nodes.size()) - 1;
    problem.requests.push_back(std::move(sample));
  }

  // Where one memory does not hold the struct: its arena's offsets in two.
  void use_two_memories(const ArenaProblem& problem, ArenaLayout& layout) {
    const int64_t kept = resident_bytes();
    if (near_bytes_ <= 0 || align(plan_.arena_bytes + kept) <= near_bytes_) return;
    const auto two = lay_out_in_two(problem, near_bytes_ - align(kept) - kFarPointerBytes);
    if (!two) return;
    layout.offsets = two->offsets;
    plan_.near_arena_bytes = two->near_bytes;
    plan_.arena_bytes = two->near_bytes + two->far_bytes;
  }

  // Layers that run by rows have the loop's order.
  void bound_other_orders() {
    plan_.arena_bound.any_order = plan_.arena_bound.this_order;
    if (plan_.loop) return;
    const LayerOrder found = find_order(order_problem(plan_));
    plan_.arena_bound.any_order = found.is_only ? plan_.arena_bound.this_order : align(found.bound);
  }

  // The last of the values; and the result may lie over the source.
  void add_source_window(const std::vector<size_t>& request_of, ArenaProblem& problem) {
    const RowLoop& loop = *plan_.loop;
    const ValueId source = storage(loop.source().value);
    const size_t from = request_of[size_t(source)];
    const size_t to = request_of[size_t(loop.result().value)];
    if (from != SIZE_MAX && to != SIZE_MAX && is_whole(source) &&
        problem.requests[from].last == loop.last)
      problem.overlaps.push_back({to, from, least_distance(order_of(loop))});
    problem.requests.push_back(lifetime_of_rows(loop.source()));
  }

  void place_windows(int64_t source_offset) {
    std::vector<RowValue>& values = plan_.loop->values;
    values[0].offset = source_offset;
    for (size_t v = 1; v + 1 < values.size(); ++v) {
      int64_t& offset = plan_.locations[size_t(values[v].value)].offset;
      values[v].offset = offset;
      offset = values[v].fresh_offset();
    }
  }

  // Where the layer's output may overlap inputs that nobody reads later.
  void add_overlaps(const Layer& layer, const std::vector<size_t>& request_of,
                    ArenaProblem& problem) {
    const Node& node = graph().nodes[size_t(layer.node)];
    const size_t output = request_of[size_t(node.outputs[0])];
    if (output == SIZE_MAX || is_result(node.outputs[0])) return;
    for (const AccessOrder& order : layer.call.orders) {
      const ValueId in = storage(node.inputs.at(size_t(order.input)));
      const size_t input = request_of[size_t(in)];
      if (input == SIZE_MAX || !dies(layer, order.input, problem.requests[input])) continue;
      if (!may_alias(graph().value(in).type, graph().value(node.outputs[0]).type)) continue;
      int64_t distance = least_distance(order);
      while (order.lanes > 1 && distance % kWord != 0) distance += order.lanes;
      const bool is_exact = order.lanes > 1;
      if (plan_.is_by_rows(layer.node)) {
        // The layer writes behind the rows that its window keeps, which the input leaves alone,
        // too.
        const int64_t kept = plan_.loop->of_layer(layer.node).window.kept_bytes();
        const ValueId id = node.inputs[size_t(order.input)];
        const int64_t offset = rows_read(graph(), *plan_.loop, layer.node, id).offset;
        if (is_exact && offset > 0) continue;
        distance = kept + std::max<int64_t>(0, distance - offset);
      }
      problem.overlaps.push_back({output, input, distance, is_exact});
    }
  }

  // Where the layer's scratch, the next request, may.
  void add_scratch_overlaps(const Layer& layer, const std::vector<size_t>& request_of,
                            ArenaProblem& problem) {
    const Node& node = graph().nodes[size_t(layer.node)];
    if (plan_.is_by_rows(layer.node)) return;
    for (const AccessOrder& order : layer.call.scratch_orders) {
      const ValueId in = storage(node.inputs.at(size_t(order.input)));
      const size_t input = request_of[size_t(in)];
      if (input == SIZE_MAX || !dies(layer, order.input, problem.requests[input])) continue;
      MOTE_ASSERT(order.lanes == 1 && element_bytes(graph().value(in).type) == 1);
      problem.overlaps.push_back({problem.requests.size(), input, least_distance(order)});
    }
  }

  // Nobody else reads the input's bytes, in this layer or later.
  bool dies(const Layer& layer, int32_t input, const ArenaRequest& bytes) {
    const ValueId in = storage(graph().nodes[size_t(layer.node)].inputs.at(size_t(input)));
    return bytes.last == layer.node && in != plan_.arena_output && is_whole(in) &&
           reads_only_in(layer, input);
  }

  // The value's block is its own.
  bool is_whole(ValueId id) const { return !is_sample(id) || graph().streams[0].more.empty(); }

  // Its rows lie elsewhere at every step.
  bool is_result(ValueId id) const { return plan_.loop && plan_.loop->result().value == id; }

  // The bytes of that input are no other input's, too.
  bool reads_only_in(const Layer& layer, int32_t input) {
    const Node& node = graph().nodes[size_t(layer.node)];
    const ValueId owner = storage(node.inputs[size_t(input)]);
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (int32_t(i) != input && node.inputs[i] >= 0 && storage(node.inputs[i]) == owner)
        return false;
    return true;
  }

  // Windows that keep rows are alive in the whole loop, others from their layer to its readers.
  ArenaRequest lifetime_of_rows(const RowValue& rows) {
    ArenaRequest request = lifetime_of_value(rows.value);
    const bool is_source = rows.value == plan_.loop->source().value;
    request.name += " rows";
    request.bytes = rows.bytes();
    if (is_source || rows.window.kept > 0) request.first = plan_.loop->first;
    if (is_source || rows.window.kept > 0) request.last = plan_.loop->last;
    return request;
  }

  ArenaRequest lifetime(ValueId owner) {
    if (plan_.loop && owner != plan_.loop->source().value)
      if (const RowValue* rows = plan_.loop->in_window(owner)) return lifetime_of_rows(*rows);
    ArenaRequest request = lifetime_of_value(owner);
    if (!plan_.loop) return request;
    if (owner == plan_.loop->result().value) request.first = plan_.loop->first;
    if (owner == storage(plan_.loop->source().value))
      request.last = std::max(request.last, plan_.loop->last);
    return request;
  }

  ArenaRequest lifetime_of_value(ValueId owner) {
    const Value& value = graph().value(owner);
    ArenaRequest request{value.name, value.bytes(), INT32_MAX, 0,
                         std::max<int64_t>(kWord, element_bytes(value.type))};
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

  int64_t resident_bytes() const {
    int64_t bytes = 0;
    for (size_t v = 0; v < plan_.locations.size(); ++v) {
      const Region region = plan_.locations[v].region;
      const bool is_kept = region == Region::state || region == Region::output;
      if (is_kept && plan_.locations[v].storage == ValueId(v) && ValueId(v) != plan_.arena_output)
        bytes += graph().values[v].bytes();
    }
    return bytes;
  }

  // States and outputs follow the arena, wide elements first, so the struct has no holes.
  void place_resident() {
    std::vector<ValueId> outputs;
    for (size_t v = 0; v < plan_.locations.size(); ++v)
      if (plan_.locations[v].region == Region::output && storage(ValueId(v)) == ValueId(v) &&
          ValueId(v) != plan_.arena_output)
        outputs.push_back(ValueId(v));
    plan_.resident = graph().states();
    plan_.resident.insert(plan_.resident.end(), outputs.begin(), outputs.end());
    std::stable_sort(plan_.resident.begin(), plan_.resident.end(), [&](ValueId a, ValueId b) {
      return element_bytes(graph().value(a).type) > element_bytes(graph().value(b).type);
    });
    int64_t offset = plan_.near_arena_bytes + (plan_.far_bytes() > 0 ? kFarPointerBytes : 0);
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

  // Everything that lies in the model struct and its far part, states and outputs last.
  std::vector<ArenaBlock> residents() const {
    std::vector<ArenaBlock> all = plan_.blocks;
    if (plan_.far_bytes() > 0)
      all.push_back({"far", plan_.arena_bytes, plan_.arena_bytes + kFarPointerBytes, 0, 0});
    for (ValueId id : plan_.resident) {
      const int64_t begin = plan_.locations[size_t(id)].offset + plan_.far_bytes();
      all.push_back({graph().value(id).name, begin, begin + graph().value(id).bytes(), 0, 0});
    }
    return all;
  }

  // What a run that reaches every layer changes, counted as a player counts: whole words of four
  // bytes.
  void count_touched() {
    const std::vector<ArenaBlock> all = residents();
    std::vector<bool> words(size_t(plan_.ram_bytes()) / 4);
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
  const KernelChoices& choices_;
  int64_t near_bytes_;
  Plan plan_;
};

}  // namespace

int64_t Plan::bytes_at_location(ValueId id) const {
  const RowValue* rows = loop && id != loop->source().value ? loop->in_window(id) : nullptr;
  return rows ? rows->window.fresh_bytes() : graph.value(id).bytes();
}

Plan make_plan(const Graph& graph, InstructionSet core, std::optional<RowLoop> loop,
               const KernelChoices& choices, int64_t near_bytes) {
  return Planner(graph, core, std::move(loop), choices, near_bytes).run();
}

}  // namespace mote
