// SPDX-License-Identifier: Apache-2.0
// See partition.h. Blocks are taken one after the other as long as what is alive at each layer has
// room; offsets are searched for those that were taken, and where they need more after all, for as
// many fewer. A block that is alive for long keeps others out at many layers, so that blocks are
// ordered with and without their time, and the better choice is kept.
#include "compiler/plan/partition.h"

#include <algorithm>
#include <numeric>

namespace mote {
namespace {

constexpr int64_t kAlignment = 8;  // of both arenas
constexpr int kMostSearches = 8;

int64_t align(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

using Members = std::vector<bool>;

// The problem of these blocks alone; an overlap counts where both are there.
ArenaProblem part_of(const ArenaProblem& problem, const Members& members) {
  ArenaProblem part;
  std::vector<size_t> at(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    if (!members[i]) continue;
    at[i] = part.requests.size();
    if (int32_t(i) == problem.lowest) part.lowest = int32_t(at[i]);
    part.requests.push_back(problem.requests[i]);
  }
  for (ArenaOverlap overlap : problem.overlaps) {
    if (!members[overlap.output] || !members[overlap.input]) continue;
    overlap.output = at[overlap.output], overlap.input = at[overlap.input];
    part.overlaps.push_back(overlap);
  }
  return part;
}

bool fits(const ArenaProblem& problem, int64_t bytes) {
  const std::vector<int64_t> loads = loads_of(problem);
  return loads.empty() || *std::max_element(loads.begin(), loads.end()) <= bytes;
}

// Accesses a byte, and with `by_time` a layer.
std::vector<size_t> order_of(const ArenaProblem& problem, bool by_time) {
  std::vector<size_t> order(problem.requests.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto density = [&](size_t block) {
    const ArenaRequest& r = problem.requests[block];
    return double(r.accesses) / double(r.bytes) / (by_time ? r.last - r.first + 1 : 1);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return density(a) > density(b); });
  return order;
}

Members taken(const ArenaProblem& problem, const std::vector<size_t>& order, int64_t bytes) {
  Members members(problem.requests.size());
  if (problem.lowest >= 0) members[size_t(problem.lowest)] = true;
  for (size_t block : order) {
    if (members[block]) continue;
    members[block] = true;
    if (!fits(part_of(problem, members), bytes)) members[block] = false;
  }
  return members;
}

int64_t accesses_of(const ArenaProblem& problem, const Members& members) {
  int64_t sum = 0;
  for (size_t i = 0; i < members.size(); ++i)
    if (members[i]) sum += problem.requests[i].accesses;
  return sum;
}

Members choose(const ArenaProblem& problem, int64_t bytes) {
  Members members = taken(problem, order_of(problem, false), bytes);
  Members by_time = taken(problem, order_of(problem, true), bytes);
  return accesses_of(problem, by_time) > accesses_of(problem, members) ? by_time : members;
}

TwoArenas together(const ArenaProblem& problem, const Members& members, const ArenaLayout& near) {
  Members others = members;
  others.flip();
  const ArenaLayout far = lay_out(part_of(problem, others));
  TwoArenas two;
  two.near_bytes = align(near.bytes);
  two.far_bytes = align(far.bytes);
  size_t n = 0, f = 0;
  for (const bool is_near : members)
    two.offsets.push_back(is_near ? near.offsets[n++] : two.near_bytes + far.offsets[f++]);
  return two;
}

}  // namespace

std::optional<TwoArenas> lay_out_in_two(const ArenaProblem& problem, int64_t near_bytes) {
  const int64_t lowest = problem.lowest < 0 ? 0 : problem.requests[size_t(problem.lowest)].bytes;
  int64_t bytes = near_bytes / kAlignment * kAlignment;
  for (int search = 0; search < kMostSearches && bytes >= lowest; ++search) {
    const Members members = choose(problem, bytes);
    const ArenaLayout near = lay_out(part_of(problem, members));
    if (align(near.bytes) <= near_bytes) return together(problem, members, near);
    bytes -= align(near.bytes - near_bytes);
  }
  return {};
}

}  // namespace mote
