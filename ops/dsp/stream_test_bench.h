// SPDX-License-Identifier: Apache-2.0
// The bench that signal operators are tested on: a one-stream graph, pushed sample by sample
// through the evaluator. In: a graph whose first output is under test and a recording. Out: the
// bytes of every output, and the check that every operator with state must pass: a recording cut
// anywhere, saved and resumed, gives the same bytes.
#pragma once
#include <gtest/gtest.h>

#include <cstring>

#include "graph/evaluator.h"
#include "ops/dsp/random_windows.h"
#include "ops/registry.h"

namespace mote {

// A graph with one stream of `axes` int16 axes of unit scale at 100 Hz; its value is 0.
inline Graph stream_graph(int32_t axes) {
  Graph graph;
  graph.name = "bench";
  std::vector<StreamAxis> list;
  for (int32_t a = 0; a < axes; ++a) list.push_back({"a" + std::to_string(a), "g", 1.0f});
  graph.add_stream("sensor", list, 100, MissingPolicy::drop);
  return graph;
}

// Outputs of samples [begin, end), one after another; `evaluator` carries the state.
inline Bytes push_all(Evaluator& evaluator, const std::vector<int16_t>& samples, int32_t axes,
                      int32_t begin, int32_t end) {
  Bytes all;
  for (int32_t i = begin; i < end; ++i) {
    if (!evaluator.push(0, samples.data() + i * axes)) continue;
    const Bytes outputs = evaluator.outputs();
    all.insert(all.end(), outputs.begin(), outputs.end());
  }
  return all;
}

inline Bytes run_graph(const Graph& graph, const std::vector<int16_t>& samples) {
  const auto axes = int32_t(graph.streams.at(0).axes.size());
  Evaluator evaluator(graph);
  return push_all(evaluator, samples, axes, 0, int32_t(samples.size()) / axes);
}

template <class T>
std::vector<T> as_numbers(const Bytes& bytes) {
  std::vector<T> numbers(bytes.size() / sizeof(T));
  if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

// Cuts at every `step`-th sample; a fresh evaluator, filled with other samples first, resumes from
// the saved bytes.
inline void expect_cut_and_resume(const Graph& graph, const std::vector<int16_t>& samples,
                                  int32_t step) {
  const auto axes = int32_t(graph.streams.at(0).axes.size());
  const int32_t length = int32_t(samples.size()) / axes;
  const Bytes whole = run_graph(graph, samples);
  ASSERT_FALSE(whole.empty());
  for (int32_t cut = 0; cut <= length; cut += step) {
    Evaluator before(graph), after(graph);
    Bytes joined = push_all(before, samples, axes, 0, cut);
    push_all(after, samples, axes, 0, length / 2);
    ASSERT_TRUE(after.load(before.save()));
    const Bytes rest = push_all(after, samples, axes, cut, length);
    joined.insert(joined.end(), rest.begin(), rest.end());
    ASSERT_EQ(joined, whole) << "cut at sample " << cut;
  }
}

}  // namespace mote
