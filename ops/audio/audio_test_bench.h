// SPDX-License-Identifier: Apache-2.0
// For tests of the signal library's operators: a graph of one of them on a tensor stream, pushed
// frame by frame. In: numbers of several pushes. Out: the bytes of every output, and the check that
// every operator with state must pass.
#pragma once
#include <gtest/gtest.h>

#include "ops/run_one_node.h"

namespace mote {

// The outputs of `pushes` frames of x from frame `first`, one after another.
template <class T>
Bytes push_frames(Evaluator& evaluator, const std::vector<T>& x, size_t width, size_t first,
                  size_t last) {
  Bytes all;
  for (size_t i = first; i < last; ++i) {
    evaluator.push(0, x.data() + i * width);
    const Bytes outputs = evaluator.outputs();
    all.insert(all.end(), outputs.begin(), outputs.end());
  }
  return all;
}

// Output `index` of the node of each push.
template <class Out, class In>
std::vector<Out> outputs_of(OneNode& one, const std::vector<In>& x, size_t index = 0) {
  one.graph.outputs = {one.graph.nodes.at(0).outputs.at(index)};
  Evaluator evaluator(one.graph);
  const auto width = size_t(one.graph.value(one.input).elements());
  const Bytes bytes = push_frames(evaluator, x, width, 0, x.size() / width);
  std::vector<Out> out(bytes.size() / sizeof(Out));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

// Cut anywhere, saved, and resumed by an evaluator that had seen other frames.
template <class T>
void expect_resumes(const OneNode& one, const std::vector<T>& x) {
  const auto width = size_t(one.graph.value(one.input).elements());
  const size_t frames = x.size() / width;
  Evaluator whole(one.graph);
  const Bytes expected = push_frames(whole, x, width, 0, frames);
  for (size_t cut = 0; cut <= frames; ++cut) {
    Evaluator before(one.graph), after(one.graph);
    Bytes joined = push_frames(before, x, width, 0, cut);
    push_frames(after, x, width, 0, frames / 2);
    ASSERT_TRUE(after.load(before.save()));
    const Bytes rest = push_frames(after, x, width, cut, frames);
    joined.insert(joined.end(), rest.begin(), rest.end());
    ASSERT_EQ(joined, expected) << "cut at frame " << cut;
  }
}

}  // namespace mote
