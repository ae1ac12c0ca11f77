// SPDX-License-Identifier: Apache-2.0
// The search for offsets. Blocks are placed one after the other, each as low as those that are
// there allow; the sequence decides. The best of some sequences is improved by moving blocks that
// reach the top to the front, then branch and bound goes through sequences of rising offsets, of
// which one is always best. The bound is what a layer cannot do without, raised to the least that
// does not contradict itself where two blocks can lie in one way only. See arena.h.
#include "compiler/plan/arena.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

namespace mote {
namespace {

constexpr int64_t kWord = 4;  // offsets are multiples of it
constexpr int kPasses = 64;
constexpr int64_t kMoveWork = 3'000'000;    // neighbours looked at
constexpr int64_t kBranchWork = 3'000'000;  // the same

int64_t align(int64_t offset, int64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

// A block that is alive together with another: where either is the lower, what lies between their
// first bytes at least.
struct Neighbour {
  enum class Exact : uint8_t { none, output, input };

  size_t block;
  int64_t below;  // this block is the lower one
  int64_t above;  // the other is
  Exact exact =
      Exact::none;  // which this block is, of two that overlap at their distance or not at all
};

class Search {
 public:
  explicit Search(const ArenaProblem& problem)
      : requests_(problem.requests), neighbours_(requests_.size()), start_(requests_.size(), -1) {
    if (problem.lowest >= 0) start_[size_t(problem.lowest)] = 0;
    for (ArenaRequest& request : requests_) request.bytes = align(request.bytes, kWord);
    for (size_t a = 0; a < requests_.size(); ++a)
      for (size_t b = 0; b < a; ++b)
        if (requests_[a].first <= requests_[b].last && requests_[b].first <= requests_[a].last) {
          neighbours_[a].push_back({b, requests_[a].bytes, requests_[b].bytes});
          neighbours_[b].push_back({a, requests_[b].bytes, requests_[a].bytes});
        }
    for (const ArenaOverlap& overlap : problem.overlaps) {
      const int64_t distance = align(overlap.distance, kWord);
      Neighbour& input = neighbour(overlap.output, overlap.input);
      input.below = std::min(input.below, distance);
      Neighbour& output = neighbour(overlap.input, overlap.output);
      output.above = input.below;
      if (!overlap.is_exact) continue;
      has_exact_ = true;
      input.exact = Neighbour::Exact::output, output.exact = Neighbour::Exact::input;
    }
    loads_ = loads_of(problem);
  }

  ArenaLayout run() {
    best_.bound = loads_.empty() ? 0 : *std::max_element(loads_.begin(), loads_.end());
    best_.bytes = INT64_MAX;
    if (requests_.empty()) best_.bytes = 0;
    try_sequences();
    if (!is_best()) raise_bound();
    if (!is_best()) move_blocks();
    if (!is_best() && branch() && !has_exact_) best_.bound = best_.bytes;
    best_.loads = loads_;
    return std::move(best_);
  }

 private:
  using Sequence = std::vector<size_t>;

  Neighbour& neighbour(size_t of, size_t block) {
    return *std::find_if(neighbours_[of].begin(), neighbours_[of].end(),
                         [&](const Neighbour& n) { return n.block == block; });
  }

  bool is_best() const { return best_.bytes == best_.bound; }

  // The least multiple of a word that is not contradictory, between the bound and the best so far.
  void raise_bound() {
    int64_t low = best_.bound / kWord, high = best_.bytes / kWord;
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (is_contradictory(middle * kWord))
        low = middle + 1;
      else
        high = middle;
    }
    best_.bound = low * kWord;
  }

  // Whether the blocks cannot lie within `limit` bytes: where of two neighbours only one can be the
  // lower, more lies below the other and above that one, which may leave other pairs one way, or
  // none.
  bool is_contradictory(int64_t limit) const {
    std::vector<int64_t> below(requests_.size()), above;  // above: with the block's own bytes
    for (const ArenaRequest& r : requests_) above.push_back(r.bytes);
    bool changed = true;
    for (int pass = 0; changed && pass < kPasses; ++pass) {
      changed = false;
      for (size_t a = 0; a < requests_.size(); ++a)
        for (const Neighbour& n : neighbours_[a]) {
          const size_t b = n.block;
          const bool a_lower = below[a] + n.below + above[b] <= limit;
          const bool b_lower = below[b] + n.above + above[a] <= limit;
          if (!a_lower && !b_lower) return true;
          if (b_lower) continue;
          changed = changed || below[b] < below[a] + n.below || above[a] < n.below + above[b];
          below[b] = std::max(below[b], below[a] + n.below);
          above[a] = std::max(above[a], n.below + above[b]);
        }
    }
    return false;
  }

  // The lowest offset from `floor` on at which `block` keeps clear of its neighbours that have one.
  int64_t lowest(size_t block, const std::vector<int64_t>& offsets, int64_t floor) {
    taken_.clear();
    work_ += int64_t(neighbours_[block].size());
    for (const Neighbour& n : neighbours_[block]) {
      const int64_t there = offsets[n.block];
      if (there < 0) continue;
      taken_.emplace_back(there - n.below, there + n.above);
      if (n.exact == Neighbour::Exact::output)
        taken_.emplace_back(there - requests_[block].bytes, there - n.below);
      if (n.exact == Neighbour::Exact::input)
        taken_.emplace_back(there + n.above, there + requests_[n.block].bytes);
    }
    std::sort(taken_.begin(), taken_.end());
    int64_t offset = align(floor, requests_[block].alignment);
    for (const auto& [begin, end] : taken_)
      if (offset > begin && offset < end) offset = align(end, requests_[block].alignment);
    return offset;
  }

  int64_t place(const Sequence& sequence, std::vector<int64_t>& offsets) {
    offsets = start_;
    int64_t top = 0;
    for (size_t block : sequence) {
      if (offsets[block] < 0) offsets[block] = lowest(block, offsets, 0);
      top = std::max(top, offsets[block] + requests_[block].bytes);
    }
    return top;
  }

  // Whether `sequence` is at least as good as the best so far, which it replaces then.
  bool keep(const Sequence& sequence) {
    std::vector<int64_t> offsets;
    const int64_t bytes = place(sequence, offsets);
    if (bytes > best_.bytes) return false;
    best_.bytes = bytes;
    best_.offsets = std::move(offsets);
    sequence_ = sequence;
    return true;
  }

  void try_sequences() {
    Sequence sequence(requests_.size());
    std::iota(sequence.begin(), sequence.end(), size_t{0});
    keep(sequence);
    const auto by = [&](const std::function<int64_t(const ArenaRequest&)>& size) {
      std::stable_sort(sequence.begin(), sequence.end(),
                       [&](size_t a, size_t b) { return size(requests_[a]) > size(requests_[b]); });
      keep(sequence);
    };
    by([](const ArenaRequest& r) { return -r.last; });
    by([](const ArenaRequest& r) { return r.last; });
    by([](const ArenaRequest& r) { return r.bytes * (r.last - r.first + 1); });
    by([](const ArenaRequest& r) { return r.bytes; });
    by([&](const ArenaRequest& r) {
      return *std::max_element(loads_.begin() + r.first, loads_.begin() + r.last + 1);
    });
  }

  // A small generator of our own: the standard library's distributions differ between libraries.
  size_t random(size_t below) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return size_t(random_ >> 33) % below;
  }

  // Steps of equal cost are taken, too: they lead out of plains.
  void move_blocks() {
    work_ = 0;
    while (work_ < kMoveWork && !is_best()) {
      Sequence sequence = sequence_;
      Sequence tops;
      for (size_t i = 0; i < sequence.size(); ++i)
        if (best_.offsets[sequence[i]] + requests_[sequence[i]].bytes == best_.bytes)
          tops.push_back(i);
      const size_t from = random(2) ? tops[random(tops.size())] : random(sequence.size());
      const size_t to = random(from + 1);
      std::rotate(sequence.begin() + long(to), sequence.begin() + long(from),
                  sequence.begin() + long(from) + 1);
      keep(sequence);
    }
  }

  // Whether all sequences were looked at, or can be no better than the best. (With exact overlaps a
  // block that lies higher may let another lie lower, so that others than these sequences count.)
  bool branch() {
    work_ = 0;
    std::vector<int64_t> offsets = start_, rest = loads_;
    size_t left = requests_.size();
    for (size_t block = 0; block < offsets.size(); ++block)
      if (offsets[block] == 0) count(rest, block, -1), --left;
    return descend(offsets, rest, 0, left);
  }

  // All blocks without an offset come at `floor` or above, so that `rest`, what of them is alive at
  // each layer, lies above it.
  bool descend(std::vector<int64_t>& offsets, std::vector<int64_t>& rest, int64_t floor,
               size_t left) {
    if (left == 0) {
      take(offsets);
      return true;
    }
    if (work_ > kBranchWork) return false;
    std::vector<std::pair<int64_t, size_t>> next;
    for (size_t block = 0; block < requests_.size(); ++block)
      if (offsets[block] < 0) next.emplace_back(lowest(block, offsets, floor), block);
    std::sort(next.begin(), next.end());
    bool all = true;
    for (const auto& [offset, block] : next) {
      if (!may_improve(offset, rest)) break;
      if (offset + requests_[block].bytes >= best_.bytes) continue;
      offsets[block] = offset;
      count(rest, block, -1);
      all = descend(offsets, rest, offset, left - 1) && all;
      count(rest, block, 1);
      offsets[block] = -1;
      if (is_best()) return true;
    }
    return all;
  }

  bool may_improve(int64_t floor, const std::vector<int64_t>& rest) const {
    return std::all_of(rest.begin(), rest.end(),
                       [&](int64_t bytes) { return bytes <= 0 || floor + bytes < best_.bytes; });
  }

  void count(std::vector<int64_t>& rest, size_t block, int64_t sign) const {
    const ArenaRequest& r = requests_[block];
    for (int32_t layer = r.first; layer <= r.last; ++layer) rest[size_t(layer)] += sign * r.bytes;
  }

  void take(const std::vector<int64_t>& offsets) {
    int64_t top = 0;
    for (size_t i = 0; i < offsets.size(); ++i)
      top = std::max(top, offsets[i] + requests_[i].bytes);
    if (top >= best_.bytes) return;
    best_.bytes = top;
    best_.offsets = offsets;
  }

  std::vector<ArenaRequest> requests_;  // whole words
  std::vector<std::vector<Neighbour>> neighbours_;
  bool has_exact_ = false;
  std::vector<int64_t> start_;  // offsets before the search: -1, or 0 for the lowest request
  std::vector<int64_t> loads_;  // of each layer: bytes that it needs at least
  ArenaLayout best_;
  Sequence sequence_;  // that gave it
  std::vector<std::pair<int64_t, int64_t>> taken_;
  uint64_t random_ = 1;
  int64_t work_ = 0;
};

}  // namespace

ArenaLayout lay_out(const ArenaProblem& problem) { return Search(problem).run(); }

// An output and its inputs overlap by no more than the output's bytes behind the least distance,
// all outputs of a layer by no more than the inputs.
std::vector<int64_t> loads_of(const ArenaProblem& problem) {
  const auto bytes_of = [&](size_t request) {
    return align(problem.requests[request].bytes, kWord);
  };
  std::vector<int64_t> loads;
  for (size_t i = 0; i < problem.requests.size(); ++i) {
    const ArenaRequest& r = problem.requests[i];
    loads.resize(std::max(loads.size(), size_t(r.last) + 1));
    for (int32_t layer = r.first; layer <= r.last; ++layer) loads[size_t(layer)] += bytes_of(i);
  }
  std::vector<int64_t> inputs(problem.requests.size()), distance(inputs.size(), INT64_MAX);
  std::vector<std::set<size_t>> shared_inputs(loads.size());
  for (const ArenaOverlap& overlap : problem.overlaps) {
    inputs[overlap.output] += bytes_of(overlap.input);
    distance[overlap.output] = std::min(distance[overlap.output], overlap.distance);
    shared_inputs[size_t(problem.requests[overlap.output].first)].insert(overlap.input);
  }
  std::vector<int64_t> shared(loads.size());
  for (size_t output = 0; output < inputs.size(); ++output)
    if (inputs[output] > 0)
      shared[size_t(problem.requests[output].first)] +=
          std::max<int64_t>(0, std::min(inputs[output], bytes_of(output) - distance[output]));
  for (size_t layer = 0; layer < loads.size(); ++layer) {
    int64_t read = 0;
    for (size_t input : shared_inputs[layer]) read += bytes_of(input);
    loads[layer] -= std::min(shared[layer], read);
  }
  return loads;
}

}  // namespace mote
