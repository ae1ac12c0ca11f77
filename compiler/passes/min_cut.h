// SPDX-License-Identifier: Apache-2.0
// The cheapest division of a directed graph between a source and a sink (Dinic's algorithm). In:
// edges with capacities; an edge costs its capacity if it begins on the source's side and ends on
// the sink's. Out: which side each vertex is on; of equally cheap divisions the one with the fewest
// vertices on the sink's side. Bounded work.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mote {

class MinCut {
 public:
  static constexpr size_t kSource = 0;
  static constexpr size_t kSink = 1;
  static constexpr int64_t kInfinite = int64_t(1) << 60;

  size_t add_vertex();
  void add_edge(size_t from, size_t to, int64_t capacity);
  // False where it took more than `work` steps, which are taken from it.
  [[nodiscard]] bool solve(int64_t& work);
  // After solve().
  bool on_sink_side(size_t vertex) const { return reaches_sink_[vertex]; }

 private:
  struct Edge {
    size_t to;
    int64_t capacity;
  };
  bool measure(int64_t& work);
  int64_t push(int64_t& work);
  void mark_sink_side();

  std::vector<Edge> edges_;  // edge e ^ 1 is edge e backwards
  std::vector<std::vector<size_t>> leaving_{{}, {}};
  std::vector<size_t> next_;
  std::vector<int32_t> distance_;
  std::vector<bool> reaches_sink_;
};

}  // namespace mote
