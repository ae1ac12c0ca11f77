// SPDX-License-Identifier: Apache-2.0
// The search for an order: best first over sets of layers that have run, by the most that was alive
// on the way to them. A layer that needs no more than that, and leaves no more alive than there
// was, may run at once: what comes later finds no more alive for it, wherever the layer stood in an
// order. So only layers that add to what is alive are choices, and a chain has none. Before that
// two orders are tried that limit the search: depth first from the outputs, and a beam of the best
// sets of each size. See layer_order.h.
#include "compiler/plan/layer_order.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>
#include <set>
#include <unordered_map>

namespace mote {
namespace {

constexpr size_t kBeam = 16;
constexpr int64_t kBeamWork = 1'000'000;  // layers that could run next, looked at
constexpr int64_t kSetsWork = 2'000'000;  // the same

using Set = std::vector<uint64_t>;

struct SetHash {
  size_t operator()(const Set& set) const {
    uint64_t hash = 0;
    for (uint64_t word : set) hash = (hash ^ word) * 0x9E3779B97F4A7C15u, hash ^= hash >> 29;
    return size_t(hash);
  }
};

struct State {
  Set done;
  std::vector<int32_t> ready;  // ascending
  std::vector<int32_t> order;  // since the state that it came from
  int64_t from = -1;           // in states_
  int64_t alive = 0;           // bytes
  int64_t worst = 0;           // on the way
  int32_t count = 0;           // of layers that have run

  bool has(int32_t layer) const { return done[size_t(layer) / 64] >> (layer % 64) & 1; }
};

class OrderSearch {
 public:
  explicit OrderSearch(const OrderProblem& problem)
      : problem_(problem),
        count_(int32_t(problem.layers.size())),
        readers_(problem.bytes.size()),
        next_(problem.layers.size()),
        begin_at_(problem.layers.size() + 1),
        given_(std::accumulate(problem.bytes.begin(), problem.bytes.end(), int64_t{0})) {
    for (int32_t n = 0; n < count_; ++n) {
      const OrderLayer& layer = problem.layers[size_t(n)];
      for (int32_t value : layer.reads) readers_[size_t(value)].push_back(n);
      for (int32_t before : layer.after) next_[size_t(before)].push_back(n);
      given_ -= made(n);
      begin_at_[size_t(layer.earliest)].push_back(n);
    }
  }

  LayerOrder run() {
    LayerOrder found;
    found.order.resize(problem_.layers.size());
    std::iota(found.order.begin(), found.order.end(), 0);
    found.load = load_of(found.order, found.is_only);
    found.bound = least_of_layers();
    if (found.is_only) found.bound = found.load;
    if (found.is_only) return found;
    take(found, depth_first());
    if (found.load > found.bound) beam(found);
    if (found.load > found.bound) search_all(found);
    return found;
  }

 private:
  bool is_ready(const State& state, int32_t n) const {
    const OrderLayer& layer = problem_.layers[size_t(n)];
    return state.count >= layer.earliest && !state.has(n) &&
           std::all_of(layer.after.begin(), layer.after.end(),
                       [&](int32_t before) { return state.has(before); });
  }

  State start(int64_t worst) const {
    State state;
    state.done.resize(problem_.layers.size() / 64 + 1);
    state.worst = worst;
    state.alive = given_;
    for (int32_t n = 0; n < count_; ++n)
      if (is_ready(state, n)) state.ready.push_back(n);
    return state;
  }

  // Nobody but `n` is left to read it.
  bool dies(const State& state, int32_t value, int32_t n) const {
    const std::vector<int32_t>& readers = readers_[size_t(value)];
    return !problem_.is_kept[size_t(value)] &&
           std::all_of(readers.begin(), readers.end(),
                       [&](int32_t reader) { return reader == n || state.has(reader); });
  }

  // Of the inputs that may be overlapped and die; at most the bytes behind the least distance.
  int64_t shared(const State& state, int32_t n, const std::vector<OrderOverlap>& overlaps,
                 int64_t bytes) const {
    int64_t inputs = 0, distance = INT64_MAX;
    for (const OrderOverlap& overlap : overlaps)
      if (dies(state, overlap.value, n)) {
        inputs += problem_.bytes[size_t(overlap.value)];
        distance = std::min(distance, overlap.distance);
      }
    return inputs == 0 ? 0 : std::max<int64_t>(0, std::min(inputs, bytes - distance));
  }

  // By the output and by the scratch.
  int64_t shared(const State& state, int32_t n) const {
    const OrderLayer& layer = problem_.layers[size_t(n)];
    int64_t bytes = shared(state, n, layer.scratch_overlaps, layer.scratch_bytes);
    if (!layer.overlaps.empty())
      bytes += shared(state, n, layer.overlaps, problem_.bytes[size_t(layer.makes[0])]);
    return bytes;
  }

  int64_t made(int32_t n) const {
    int64_t bytes = 0;
    for (int32_t value : problem_.layers[size_t(n)].makes) bytes += problem_.bytes[size_t(value)];
    return bytes;
  }

  int64_t load(const State& state, int32_t n) const {
    return state.alive + made(n) + problem_.layers[size_t(n)].scratch_bytes - shared(state, n);
  }

  // What the layer leaves alive, less what was.
  int64_t added(const State& state, int32_t n) const {
    const OrderLayer& layer = problem_.layers[size_t(n)];
    int64_t bytes = 0;
    for (int32_t value : layer.makes)
      if (!dies(state, value, n)) bytes += problem_.bytes[size_t(value)];
    for (int32_t value : layer.reads)
      if (dies(state, value, n)) bytes -= problem_.bytes[size_t(value)];
    return bytes;
  }

  void step(State& state, int32_t n) const {
    state.worst = std::max(state.worst, load(state, n));
    state.alive += added(state, n);
    state.done[size_t(n) / 64] |= uint64_t{1} << (n % 64);
    state.order.push_back(n);
    ++state.count;
    state.ready.erase(std::find(state.ready.begin(), state.ready.end(), n));
    for (int32_t next : next_[size_t(n)]) make_ready(state, next);
    for (int32_t next : begin_at_[size_t(state.count)]) make_ready(state, next);
  }

  void make_ready(State& state, int32_t n) const {
    const auto at = std::lower_bound(state.ready.begin(), state.ready.end(), n);
    if ((at == state.ready.end() || *at != n) && is_ready(state, n)) state.ready.insert(at, n);
  }

  // Runs what is no choice.
  void settle(State& state) {
    while (!state.ready.empty()) {
      work_ += int64_t(state.ready.size());
      const auto free = std::find_if(state.ready.begin(), state.ready.end(), [&](int32_t n) {
        return load(state, n) <= state.worst && added(state, n) <= 0;
      });
      if (free == state.ready.end() && state.ready.size() > 1) return;
      step(state, free == state.ready.end() ? state.ready[0] : *free);
    }
  }

  // Each layer behind what it needs; first that which needs most beyond what it leaves, as is best
  // for trees. (Sethi and Ullman, The generation of optimal code for arithmetic expressions, 1970.)
  std::vector<int32_t> depth_first() const {
    std::vector<std::vector<int32_t>> before(problem_.layers.size());
    std::vector<int64_t> peak(problem_.layers.size());
    for (int32_t n = 0; n < count_; ++n) {
      before[size_t(n)] = problem_.layers[size_t(n)].after;
      std::stable_sort(before[size_t(n)].begin(), before[size_t(n)].end(),
                       [&](int32_t a, int32_t b) {
                         return peak[size_t(a)] - made(a) > peak[size_t(b)] - made(b);
                       });
      int64_t alive = 0;
      for (int32_t input : before[size_t(n)]) {
        peak[size_t(n)] = std::max(peak[size_t(n)], alive + peak[size_t(input)]);
        alive += made(input);
      }
      peak[size_t(n)] = std::max(peak[size_t(n)], alive + made(n));
    }
    std::vector<int32_t> order, path;
    std::vector<size_t> visited(problem_.layers.size());  // of `before`; one more: in the order
    for (int32_t n = 0; n < count_; ++n) {
      if (next_[size_t(n)].empty()) path.push_back(n);
      while (!path.empty()) {
        const auto at = size_t(path.back());
        const size_t next = visited[at]++;
        if (next < before[at].size()) {
          if (visited[size_t(before[at][next])] == 0) path.push_back(before[at][next]);
          continue;
        }
        order.push_back(path.back());
        path.pop_back();
      }
    }
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return problem_.layers[size_t(a)].earliest < problem_.layers[size_t(b)].earliest;
    });
    return order;
  }

  int64_t load_of(const std::vector<int32_t>& order, bool& is_only) const {
    State state = start(0);
    is_only = true;
    for (int32_t n : order) {
      is_only = is_only && state.ready.size() == 1;
      step(state, n);
    }
    return state.worst;
  }

  // What some layer takes with nothing alive but what it reads and makes.
  int64_t least_of_layers() const {
    int64_t least = 0;
    for (int32_t n = 0; n < count_; ++n) {
      State state = start(0);
      std::fill(state.done.begin(), state.done.end(), ~uint64_t{0});
      state.alive = 0;
      for (int32_t value : problem_.layers[size_t(n)].reads)
        state.alive += problem_.bytes[size_t(value)];
      least = std::max(least, load(state, n));
    }
    return least;
  }

  // Kept for its order; the index of the state.
  int64_t keep(State state) {
    states_.push_back(std::move(state));
    return int64_t(states_.size()) - 1;
  }

  State child(int64_t of, int32_t n) {
    State state = states_[size_t(of)];
    state.order.clear();
    state.from = of;
    step(state, n);
    settle(state);
    return state;
  }

  void take(LayerOrder& found, std::vector<int32_t> order) const {
    bool ignored = false;
    const int64_t load = load_of(order, ignored);
    if (load > found.load) return;
    found.load = load;
    found.order = std::move(order);
  }

  void take(LayerOrder& found, int64_t last) const {
    std::vector<int32_t> order;
    for (int64_t i = last; i >= 0; i = states_[size_t(i)].from) {
      const std::vector<int32_t>& part = states_[size_t(i)].order;
      order.insert(order.end(), part.rbegin(), part.rend());
    }
    std::reverse(order.begin(), order.end());
    take(found, std::move(order));
  }

  // The best few sets of each size, from the empty one to that of all layers; those that are no
  // better than what was found are left out.
  void beam(LayerOrder& found) {
    std::map<int32_t, std::vector<State>> by_count;
    State first = start(found.bound);
    settle(first);
    by_count[first.count].push_back(std::move(first));
    while (!by_count.empty() && work_ < kBeamWork) {
      std::vector<State> states = std::move(by_count.begin()->second);
      by_count.erase(by_count.begin());
      std::stable_sort(states.begin(), states.end(), [](const State& a, const State& b) {
        return std::pair(a.worst, a.alive) < std::pair(b.worst, b.alive);
      });
      if (states[0].count == count_) return take(found, keep(std::move(states[0])));
      std::set<Set> seen;
      for (State& state : states) {
        if (seen.size() == kBeam || !seen.insert(state.done).second) continue;
        const int64_t from = keep(std::move(state));
        for (int32_t n : std::vector<int32_t>(states_[size_t(from)].ready)) {
          State next = child(from, n);
          if (next.worst < found.load) by_count[next.count].push_back(std::move(next));
        }
      }
    }
  }

  // All sets, the best first, until one holds all layers, none left is better than what was found,
  // or there are too many.
  void search_all(LayerOrder& found) {
    using Entry = std::tuple<int64_t, int32_t, int64_t>;  // worst, layers to come, state
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    std::unordered_map<Set, int64_t, SetHash> best;
    states_.clear();
    work_ = 0;
    const auto add = [&](State state) {
      if (state.worst >= found.load) return;
      const auto [known, is_new] = best.try_emplace(state.done, state.worst);
      if (!is_new && known->second <= state.worst) return;
      known->second = state.worst;
      const int64_t worst = state.worst;
      const int32_t left = count_ - state.count;
      queue.emplace(worst, left, keep(std::move(state)));
    };
    State first = start(found.bound);
    settle(first);
    add(std::move(first));
    while (!queue.empty()) {
      const auto [worst, left, index] = queue.top();
      queue.pop();
      found.bound = worst;
      if (left == 0) return take(found, index);
      if (work_ > kSetsWork) return;
      if (best.at(states_[size_t(index)].done) < worst) continue;
      for (int32_t n : std::vector<int32_t>(states_[size_t(index)].ready)) add(child(index, n));
    }
    found.bound = found.load;
  }

  const OrderProblem& problem_;
  int32_t count_;
  std::vector<std::vector<int32_t>> readers_;   // of each value
  std::vector<std::vector<int32_t>> next_;      // layers that come after each
  std::vector<std::vector<int32_t>> begin_at_;  // layers by how many must have run
  int64_t given_;                               // bytes of values that no layer makes
  std::vector<State> states_;
  int64_t work_ = 0;
};

// The layers that make what each reads, and those with a state one after the other: what is saved
// has their order, and what one writes another may read.
class ProblemOfPlan {
 public:
  explicit ProblemOfPlan(const Plan& plan)
      : plan_(plan), value_of_(plan.locations.size(), -1), maker_(plan.locations.size(), -1) {}

  OrderProblem run() {
    for (int32_t n = 0; n < int32_t(plan_.layers.size()); ++n) add(n);
    return std::move(problem_);
  }

 private:
  const Graph& graph() const { return plan_.graph; }
  ValueId storage(ValueId id) const { return plan_.locations[size_t(id)].storage; }

  // The value of the problem whose bytes these are; -1: they are not in the arena.
  int32_t value(ValueId id) {
    if (id < 0) return -1;
    const ValueId owner = storage(id);
    if (owner != plan_.arena_output && plan_.locations[size_t(owner)].region != Region::arena)
      return -1;
    int32_t& value = value_of_[size_t(owner)];
    if (value < 0) {
      value = int32_t(problem_.bytes.size());
      problem_.bytes.push_back((graph().value(owner).bytes() + 3) / 4 * 4);
      problem_.is_kept.push_back(
          std::any_of(graph().outputs.begin(), graph().outputs.end(),
                      [&](ValueId output) { return storage(output) == owner; }));
    }
    return value;
  }

  void add(int32_t n) {
    const Node& node = graph().nodes[size_t(n)];
    const Clock& clock = graph().value(node.outputs[0]).clock;
    if (n > 0 && !(clock == graph().value(graph().nodes[size_t(n) - 1].outputs[0]).clock))
      first_of_clock_ = n;
    OrderLayer layer;
    layer.earliest = first_of_clock_;
    for (ValueId id : node.inputs) {
      if (id >= 0 && maker_[size_t(id)] >= 0) add_once(layer.after, maker_[size_t(id)]);
      if (value(id) >= 0) add_once(layer.reads, value(id));
    }
    if (!node.states.empty()) {
      if (last_with_state_ >= 0) add_once(layer.after, last_with_state_);
      last_with_state_ = n;
    }
    for (ValueId id : node.outputs) {
      maker_[size_t(id)] = n;
      if (storage(id) == id && value(id) >= 0) layer.makes.push_back(value(id));
    }
    add_kernel(plan_.layers[size_t(n)], layer);
    problem_.layers.push_back(std::move(layer));
  }

  void add_kernel(const Layer& from, OrderLayer& layer) {
    const Node& node = graph().nodes[size_t(from.node)];
    layer.scratch_bytes = (from.call.scratch_bytes + 3) / 4 * 4;
    for (const AccessOrder& order : from.call.scratch_orders) {
      const int32_t input = value(node.inputs.at(size_t(order.input)));
      if (input >= 0) layer.scratch_overlaps.push_back({input, least_distance(order)});
    }
    if (storage(node.outputs[0]) != node.outputs[0] || value(node.outputs[0]) < 0) return;
    for (const AccessOrder& order : from.call.orders) {
      const int32_t input = value(node.inputs.at(size_t(order.input)));
      if (input >= 0) layer.overlaps.push_back({input, least_distance(order)});
    }
  }

  static void add_once(std::vector<int32_t>& list, int32_t item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
  }

  const Plan& plan_;
  OrderProblem problem_;
  std::vector<int32_t> value_of_;  // of each value of the graph that owns bytes
  std::vector<int32_t> maker_;     // of each value of the graph
  int32_t last_with_state_ = -1, first_of_clock_ = 0;
};

}  // namespace

LayerOrder find_order(const OrderProblem& problem) { return OrderSearch(problem).run(); }

OrderProblem order_problem(const Plan& plan) { return ProblemOfPlan(plan).run(); }

}  // namespace mote
