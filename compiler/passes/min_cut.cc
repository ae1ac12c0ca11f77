// SPDX-License-Identifier: Apache-2.0
// See min_cut.h.
#include "compiler/passes/min_cut.h"

#include <algorithm>

namespace mote {

size_t MinCut::add_vertex() {
  leaving_.emplace_back();
  return leaving_.size() - 1;
}

void MinCut::add_edge(size_t from, size_t to, int64_t capacity) {
  leaving_[from].push_back(edges_.size());
  edges_.push_back({to, capacity});
  leaving_[to].push_back(edges_.size());
  edges_.push_back({from, 0});
}

bool MinCut::solve(int64_t& work) {
  while (measure(work)) {
    next_.assign(leaving_.size(), 0);
    while (push(work) > 0) {
    }
    if (work < 0) return false;
  }
  mark_sink_side();
  return work >= 0;
}

// Distances from the source over edges that are not full; false where the sink cannot be reached.
bool MinCut::measure(int64_t& work) {
  distance_.assign(leaving_.size(), -1);
  distance_[kSource] = 0;
  std::vector<size_t> queue{kSource};
  for (size_t i = 0; i < queue.size(); ++i)
    for (size_t e : leaving_[queue[i]]) {
      --work;
      const Edge& edge = edges_[e];
      if (edge.capacity == 0 || distance_[edge.to] >= 0) continue;
      distance_[edge.to] = distance_[queue[i]] + 1;
      queue.push_back(edge.to);
    }
  return work >= 0 && distance_[kSink] >= 0;
}

// One more path to the sink along growing distances; what flowed.
int64_t MinCut::push(int64_t& work) {
  std::vector<size_t> path;
  size_t at = kSource;
  while (at != kSink) {
    if (--work < 0) return 0;
    if (next_[at] == leaving_[at].size()) {  // a dead end
      if (path.empty()) return 0;
      at = edges_[path.back() ^ 1].to;
      path.pop_back();
      ++next_[at];
      continue;
    }
    const size_t e = leaving_[at][next_[at]];
    if (edges_[e].capacity > 0 && distance_[edges_[e].to] == distance_[at] + 1) {
      path.push_back(e);
      at = edges_[e].to;
    } else {
      ++next_[at];
    }
  }
  int64_t flow = kInfinite;
  for (size_t e : path) flow = std::min(flow, edges_[e].capacity);
  for (size_t e : path) {
    edges_[e].capacity -= flow;
    edges_[e ^ 1].capacity += flow;
  }
  return flow;
}

void MinCut::mark_sink_side() {
  reaches_sink_.assign(leaving_.size(), false);
  reaches_sink_[kSink] = true;
  std::vector<size_t> queue{kSink};
  for (size_t i = 0; i < queue.size(); ++i)
    for (size_t e : leaving_[queue[i]]) {
      const size_t before = edges_[e].to;
      if (edges_[e ^ 1].capacity == 0 || reaches_sink_[before]) continue;
      reaches_sink_[before] = true;
      queue.push_back(before);
    }
}

}  // namespace mote
