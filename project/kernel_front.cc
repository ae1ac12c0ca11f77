// SPDX-License-Identifier: Apache-2.0
// Layer by layer, all choices so far that may still become best: of two with the same shared code,
// or of which one has more of it, the other is dropped where it is no better in flash or cycles.
#include "project/kernel_front.h"

#include <algorithm>
#include <tuple>

namespace mote {
namespace {

constexpr size_t kMostStates = 1000;  // more are thinned, evenly over the bytes

struct State {
  int64_t bytes = 0;
  double cycles = 0, instructions = 0;
  std::vector<bool> shared;  // that is paid for and that a later layer may use
  size_t parent = 0, kernel = 0;
};

bool is_faster(const State& a, const State& b) {
  return std::tie(a.cycles, a.instructions) < std::tie(b.cycles, b.instructions);
}

bool has_all_of(const State& a, const State& b) {
  for (size_t s = 0; s < a.shared.size(); ++s)
    if (b.shared[s] && !a.shared[s]) return false;
  return true;
}

// Whether a state of those kept, which take no more bytes, makes this one useless.
bool is_dominated(const State& state, const std::vector<State>& kept) {
  return std::any_of(kept.begin(), kept.end(),
                     [&](const State& k) { return !is_faster(state, k) && has_all_of(k, state); });
}

std::vector<State> pruned(std::vector<State> states) {
  std::stable_sort(states.begin(), states.end(), [](const State& a, const State& b) {
    return a.bytes != b.bytes ? a.bytes < b.bytes : is_faster(a, b);
  });
  std::vector<State> kept;
  for (State& state : states)
    if (!is_dominated(state, kept)) kept.push_back(std::move(state));
  return kept;
}

// The first, the last (the smallest, the fastest) and evenly of the others.
void thin(std::vector<State>& states) {
  const auto fastest = std::min_element(states.begin(), states.end(), is_faster);
  std::rotate(fastest, fastest + 1, states.end());
  std::vector<State> fewer;
  for (size_t i = 0; i < kMostStates; ++i)
    fewer.push_back(states[i * (states.size() - 1) / (kMostStates - 1)]);
  states = std::move(fewer);
}

class Search {
 public:
  explicit Search(const FrontProblem& problem) : problem_(problem) {
    last_use_.assign(problem.shared_bytes.size(), 0);
    for (size_t l = 0; l < problem.layers.size(); ++l)
      for (const KernelCost& kernel : problem.layers[l])
        for (size_t s : kernel.shared) last_use_[s] = l;
  }

  Front run() {
    State none;
    none.shared.assign(problem_.shared_bytes.size(), false);
    steps_ = {{none}};
    for (size_t l = 0; l < problem_.layers.size(); ++l) add_layer(l);
    Front front;
    front.is_exact = is_exact_;
    const std::vector<State>& last = steps_.back();
    for (size_t i = last.size(); i-- > 0;) front.points.push_back(point(last[i]));
    std::stable_sort(
        front.points.begin(), front.points.end(), [](const FrontPoint& a, const FrontPoint& b) {
          return std::tie(a.cycles, a.instructions) < std::tie(b.cycles, b.instructions);
        });
    return front;
  }

 private:
  void add_layer(size_t layer) {
    std::vector<State> next;
    const std::vector<State>& before = steps_.back();
    for (size_t parent = 0; parent < before.size(); ++parent)
      for (size_t k = 0; k < problem_.layers[layer].size(); ++k)
        next.push_back(with(before[parent], {layer, parent, k}));
    next = pruned(std::move(next));
    if (next.size() > kMostStates) {
      thin(next);
      is_exact_ = false;
    }
    steps_.push_back(std::move(next));
  }

  struct Step {
    size_t layer, parent, kernel;
  };
  State with(State state, const Step& step) const {
    const KernelCost& kernel = problem_.layers[step.layer][step.kernel];
    state.bytes += kernel.flash_bytes;
    state.cycles += kernel.cycles;
    state.instructions += kernel.instructions;
    state.parent = step.parent;
    state.kernel = step.kernel;
    for (size_t s : kernel.shared)
      if (!state.shared[s]) {
        state.shared[s] = true;
        state.bytes += problem_.shared_bytes[s];
      }
    for (size_t s = 0; s < last_use_.size(); ++s)
      if (last_use_[s] <= step.layer) state.shared[s] = false;
    return state;
  }

  FrontPoint point(const State& end) const {
    FrontPoint point{end.cycles, end.instructions, end.bytes, {}};
    const State* state = &end;
    for (size_t l = problem_.layers.size(); l-- > 0; state = &steps_[l][state->parent])
      point.choice.insert(point.choice.begin(), state->kernel);
    return point;
  }

  const FrontProblem& problem_;
  std::vector<size_t> last_use_;  // the last layer that may call it
  std::vector<std::vector<State>> steps_;
  bool is_exact_ = true;
};

}  // namespace

Front flash_front(const FrontProblem& problem) { return Search(problem).run(); }

}  // namespace mote
