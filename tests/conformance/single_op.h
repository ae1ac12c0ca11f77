// SPDX-License-Identifier: Apache-2.0
// Random graphs of one operator each, over the operator's parameter space. In: a seeded generator.
// Out: an integer Graph whose streams are its inputs and whose only output is the operator's. One
// row an operator in single_op.cc.
#pragma once
#include <random>
#include <span>
#include <string_view>

#include "graph/graph.h"

namespace mote::conformance {

// The same numbers from the same seed with every standard library.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // low <= result <= high.
  int32_t integer(int32_t low, int32_t high) {
    return low + int32_t(engine_() % uint64_t(int64_t(high) - low + 1));
  }
  // Uniform in the logarithm: scales of networks lie over orders of magnitude. low > 0.
  float scale(float low, float high);
  bool one_in(int32_t n) { return integer(1, n) == 1; }
  template <class T, size_t N>
  T pick(const T (&choices)[N]) {
    return choices[integer(0, int32_t(N) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

struct Family {
  std::string_view name;  // of the test: the operator, and what is special about these graphs
  Graph (*make)(Random& random);  // Graph::name describes the case
};

std::span<const Family> families();

}  // namespace mote::conformance
