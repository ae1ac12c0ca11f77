// SPDX-License-Identifier: Apache-2.0
// For tests of models by hops: what the whole model answers on each window. In: both models, how
// many hops. Out: whether all answers are there and have the same bytes.
#pragma once
#include <gtest/gtest.h>

#include <cstring>

#include "graph/evaluator.h"
#include "graph/test_graphs.h"

namespace mote::window_oracle {

using testing_graphs::Random;

inline const Value& input_of(const Graph& graph) { return graph.value(graph.streams.at(0).value); }

inline Bytes random_frames(const Value& input, int64_t bytes, uint32_t seed) {
  Random random(seed);
  Bytes frames(static_cast<size_t>(bytes));
  if (input.type == ElementType::s8)
    for (uint8_t& byte : frames) byte = uint8_t(random());
  else
    for (size_t i = 0; i + 4 <= frames.size(); i += 4) {
      const float number = testing_graphs::real(random, -2, 2);
      std::memcpy(frames.data() + i, &number, 4);
    }
  return frames;
}

// Pushes the frames hop by hop; half way the state moves to another evaluator. True while every
// answer comes when it is due and equals the whole window's.
inline testing::AssertionResult answers_are_the_windows(const Graph& window, const Graph& by_hop,
                                                        int64_t hops, uint32_t seed) {
  const int64_t window_bytes = input_of(window).bytes(), hop_bytes = input_of(by_hop).bytes();
  const Bytes frames = random_frames(input_of(window), hops * hop_bytes, seed);
  Evaluator whole(window), first(by_hop), second(by_hop);
  for (int64_t n = 1; n <= hops; ++n) {
    Evaluator& now = n <= hops / 2 ? first : second;
    if (n == hops / 2 + 1 && !second.load(first.save()))
      return testing::AssertionFailure() << "the state was not taken";
    const bool decided = now.push(0, frames.data() + (n - 1) * hop_bytes);
    if (decided != (n * hop_bytes >= window_bytes))
      return testing::AssertionFailure() << "hop " << n << (decided ? " decided" : " did not");
    if (!decided) continue;
    whole.push(0, frames.data() + n * hop_bytes - window_bytes);
    if (now.outputs() != whole.outputs())
      return testing::AssertionFailure() << "hop " << n << " answers otherwise";
  }
  return testing::AssertionSuccess();
}

}  // namespace mote::window_oracle
