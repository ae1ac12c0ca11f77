// SPDX-License-Identifier: Apache-2.0
// The evaluator: clocks, missing samples, the observer's order, and states that are cut out and put
// back at any place.
#include "graph/evaluator.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/crc32.h"
#include "graph/state_id.h"
#include "graph/test_graphs.h"

namespace mote {
namespace {

using namespace testing_graphs;

// One axis in windows of `length` every `stride` samples.
Graph window_graph(int64_t length, int64_t stride, MissingPolicy missing = MissingPolicy::drop) {
  Graph graph;
  const ValueId sensor = graph.add_stream("acc", {{"x", "g", 1}}, 10, missing);
  graph.outputs = {
      graph.add_node(framer_op, "window", {sensor}, {{"length", length}, {"stride", stride}})};
  return graph;
}

using Window = std::vector<int16_t>;
Window outputs_of(const Evaluator& evaluator) {
  const Bytes bytes = evaluator.outputs();
  Window window(bytes.size() / 2);
  std::memcpy(window.data(), bytes.data(), bytes.size());
  return window;
}

// A push of random bytes that are sound numbers, on a random stream; the outputs if there was a
// decision.
Bytes push_random(Evaluator& evaluator, const Graph& graph, Random& random) {
  const auto stream = int32_t(random() % graph.streams.size());
  const Value& value = graph.value(graph.streams[size_t(stream)].value);
  if (!graph.streams[size_t(stream)].axes.empty() && random() % 4 == 0)
    return evaluator.push_missing(stream, random() % 4) ? evaluator.outputs() : Bytes();
  Bytes sample(static_cast<size_t>(value.bytes()));
  for (uint8_t& b : sample) b = uint8_t(random());
  if (value.type == ElementType::f32) {
    const std::vector<float> numbers = reals(random, value.elements(), 3);
    std::memcpy(sample.data(), numbers.data(), sample.size());
  }
  return evaluator.push(stream, sample.data()) ? evaluator.outputs() : Bytes();
}

// Against the definition: window n is rows [n * stride, n * stride + length).
TEST(Evaluator, GivesWindowsByTheirClock) {
  for (int64_t length = 1; length <= 5; ++length) {
    for (int64_t stride = 1; stride <= 7; ++stride) {
      const Graph graph = window_graph(length, stride);
      const Clock clock = graph.value(graph.outputs[0]).clock;
      EXPECT_EQ(clock, (Clock{0, {stride, 1}, {length, 1}}));
      Evaluator evaluator(graph);
      int64_t windows = 0;
      for (int16_t i = 0; i < 60; ++i) {
        const bool due = i + 1 == length + windows * stride;
        ASSERT_EQ(evaluator.push(0, &i), due) << length << " " << stride << " " << i;
        ASSERT_EQ(evaluator.produced(graph.outputs[0]), due);
        if (!due) continue;
        Window expected;
        for (int64_t r = 0; r < length; ++r) expected.push_back(int16_t(windows * stride + r));
        ASSERT_EQ(outputs_of(evaluator), expected) << length << " " << stride;
        ++windows;
      }
    }
  }
}

// As on the device: a slow head says nothing of the recording before until it decides anew.
TEST(Evaluator, ResetForgetsTheLastOutputs) {
  Graph graph = window_graph(2, 1);
  graph.outputs.push_back(
      graph.add_node(rectify_op, "slow",
                     {graph.add_node(decimate_op, "every third", {graph.streams[0].value},
                                     {{"ratio", int64_t(3)}})}));
  Evaluator evaluator(graph);
  for (int16_t x : {1, 2, 3}) evaluator.push(0, &x);
  EXPECT_EQ(outputs_of(evaluator), (Window{2, 3, 3}));
  evaluator.reset();
  EXPECT_EQ(outputs_of(evaluator), (Window{0, 0, 0}));
  for (int16_t x : {4, 5}) evaluator.push(0, &x);
  EXPECT_EQ(outputs_of(evaluator), (Window{4, 5, 0}));
}

TEST(Evaluator, ResumesFromAnyPlaceByteForByte) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    const Graph graph = random_graph(seed);
    Evaluator whole(graph), resumed(graph);
    Random random(seed), same_random(seed);
    for (int i = 0; i < 80; ++i) {
      const Bytes expected = push_random(whole, graph, random);
      Evaluator next(graph);  // a new device for each push
      ASSERT_TRUE(next.load(resumed.save()));
      ASSERT_EQ(push_random(next, graph, same_random).size(), expected.size())
          << "seed " << seed << " push " << i;
      ASSERT_EQ(next.save(), whole.save()) << "seed " << seed << " push " << i;
      ASSERT_TRUE(resumed.load(next.save()));
    }
  }
}

// A resumed evaluator knows the state, not the last decision; with one output the decision itself
// is equal too.
TEST(Evaluator, ResumedDecisionsAreEqual) {
  const Graph graph = window_graph(4, 3, MissingPolicy::hold);
  for (int cut = 0; cut < 20; ++cut) {
    Evaluator whole(graph), before(graph), after(graph);
    Random random(9), same_random(9);
    for (int i = 0; i < 40; ++i) {
      const Bytes expected = push_random(whole, graph, random);
      if (i == cut) {
        ASSERT_TRUE(after.load(before.save()));
      }
      ASSERT_EQ(push_random(i < cut ? before : after, graph, same_random), expected)
          << cut << " " << i;
    }
  }
}

TEST(Evaluator, ResetIsAFreshStart) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    const Graph graph = random_graph(seed);
    Evaluator fresh(graph), used(graph);
    Random random(seed);
    const Bytes initial = used.save();
    for (int i = 0; i < 50; ++i) push_random(used, graph, random);
    used.reset();
    EXPECT_EQ(used.save(), initial) << "seed " << seed;
    Random a(seed), b(seed);
    for (int i = 0; i < 50; ++i) {
      push_random(fresh, graph, a), push_random(used, graph, b);
      ASSERT_EQ(fresh.save(), used.save()) << "seed " << seed << " push " << i;
    }
  }
}

TEST(Evaluator, SavedStateIsTheStatesInOrderWithoutPadding) {
  const Graph graph = window_graph(3, 1, MissingPolicy::interpolate);
  Evaluator evaluator(graph);
  for (int16_t x : {1, -2}) evaluator.push(0, &x);
  evaluator.push_missing(0, 5);
  Bytes expected{0xFE, 0xFF,                    // acc/last: -2
                 5,    0,    0,    0,           // acc/pending
                 1,    0,    0xFE, 0xFF, 0, 0,  // window/window
                 2,    0,    0,    0};          // window/fill
  const uint32_t check = crc32(state_id(graph), expected.data(), expected.size());
  for (int shift : {0, 8, 16, 24}) expected.push_back(uint8_t(check >> shift));
  EXPECT_EQ(evaluator.save(), expected);
}

TEST(Evaluator, EveryDamagedByteOfASavedStateIsRefused) {
  const Graph graph = window_graph(3, 1, MissingPolicy::interpolate);
  Evaluator evaluator(graph);
  for (int16_t x : {1, -2}) evaluator.push(0, &x);
  const Bytes good = evaluator.save();
  for (size_t i = 0; i < good.size(); ++i)
    for (int flip = 1; flip < 256; ++flip) {
      Bytes damaged = good;
      damaged[i] = uint8_t(damaged[i] ^ flip);
      ASSERT_FALSE(evaluator.load(damaged)) << "byte " << i << " xor " << flip;
    }
  for (size_t n = 0; n < good.size(); ++n)
    EXPECT_FALSE(evaluator.load(std::span(good).first(n))) << n << " bytes";
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(evaluator.load(longer));
  EXPECT_EQ(evaluator.save(), good);
  EXPECT_TRUE(evaluator.load(good));
}

// One layout, two models: another policy for missing samples is enough, so is another name.
TEST(Evaluator, TheStateOfAnotherModelIsRefused) {
  const Graph graph = window_graph(3, 1, MissingPolicy::drop);
  Graph renamed = graph;
  renamed.name += "2";
  const Graph other_stride = window_graph(3, 2, MissingPolicy::drop);
  Evaluator evaluator(graph);
  const Bytes before = evaluator.save();
  for (const Graph& other : {renamed, other_stride}) {
    const Bytes state = Evaluator(other).save();
    ASSERT_EQ(state.size(), before.size());
    EXPECT_FALSE(evaluator.load(state));
  }
  EXPECT_EQ(evaluator.save(), before);
}

// --- missing samples

Window windows_after(MissingPolicy policy, bool* decided = nullptr) {
  const Graph graph = window_graph(6, 6, policy);
  Evaluator evaluator(graph);
  for (int16_t x : {10, 20}) evaluator.push(0, &x);
  bool any = evaluator.push_missing(0, 3);
  const int16_t next = 61;
  any = evaluator.push(0, &next) || any;
  if (decided) *decided = any;
  return any ? outputs_of(evaluator) : Window();
}

TEST(Evaluator, HoldRepeatsTheLastSample) {
  EXPECT_EQ(windows_after(MissingPolicy::hold), (Window{10, 20, 20, 20, 20, 61}));
}

TEST(Evaluator, InterpolateDrawsALineToTheNextSample) {
  EXPECT_EQ(windows_after(MissingPolicy::interpolate),
            (Window{10, 20, 30, 41, 51, 61}));  // 30.25 40.5 50.75
}

TEST(Evaluator, DropBeginsAnew) { EXPECT_EQ(windows_after(MissingPolicy::drop), (Window{})); }

TEST(Evaluator, MissingSamplesBeforeTheFirst) {
  for (MissingPolicy policy :
       {MissingPolicy::hold, MissingPolicy::interpolate, MissingPolicy::drop}) {
    const Graph graph = window_graph(3, 3, policy);
    Evaluator evaluator(graph);
    evaluator.push_missing(0, 2);
    std::vector<Window> windows;
    for (int16_t x : {7, 8, 9})
      if (evaluator.push(0, &x)) windows.push_back(outputs_of(evaluator));
    // What is held before the first sample is zero; a line needs a beginning, so interpolation
    // waits.
    const Window expected = policy == MissingPolicy::hold ? Window{0, 0, 7} : Window{7, 8, 9};
    EXPECT_EQ(windows, std::vector<Window>{expected}) << int(policy);
  }
}

TEST(Evaluator, TwoGapsInARowAreOne) {
  const Graph graph = window_graph(4, 4, MissingPolicy::interpolate);
  Evaluator evaluator(graph);
  const int16_t first = 0, last = 30;
  evaluator.push(0, &first);
  evaluator.push_missing(0, 1), evaluator.push_missing(0, 1);
  EXPECT_TRUE(evaluator.push(0, &last));
  EXPECT_EQ(outputs_of(evaluator), (Window{0, 10, 20, 30}));
}

// Bug to guard against: a hop that ended inside the gap must not be lost.
TEST(Evaluator, DecidesInsideAGapToo) {
  const Graph graph = window_graph(2, 2, MissingPolicy::hold);
  Evaluator evaluator(graph);
  int decisions = 0;
  evaluator.observe([&](int32_t, std::span<const uint8_t>) { ++decisions; });
  const int16_t x = 1;
  evaluator.push(0, &x);
  EXPECT_TRUE(evaluator.push_missing(0, 7));
  EXPECT_EQ(decisions, 4);
}

// --- observer

TEST(Evaluator, ObserverSeesWhatWasProducedInExecutionOrder) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    const Graph graph = random_graph(seed);
    Evaluator evaluator(graph);
    std::vector<int32_t> seen;
    evaluator.observe([&](int32_t node, std::span<const uint8_t> output) {
      const ValueId id = graph.nodes[size_t(node)].outputs[0];
      EXPECT_EQ(output.data(), evaluator.bytes(id).data());
      EXPECT_EQ(int64_t(output.size()), graph.value(id).bytes());
      seen.push_back(node);
    });
    for (int round = 0; round < 20; ++round) {
      for (size_t s = 0; s < graph.streams.size(); ++s) {
        seen.clear();
        const Bytes zeros(static_cast<size_t>(graph.value(graph.streams[s].value).bytes()));
        evaluator.push(int32_t(s), zeros.data());
        EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << "seed " << seed;
        for (size_t n = 0; n < graph.nodes.size(); ++n) {
          const bool told = std::find(seen.begin(), seen.end(), int32_t(n)) != seen.end();
          const bool is_view = graph.nodes[n].op->alias == Alias::view;
          const bool expected = !is_view && evaluator.produced(graph.nodes[n].outputs[0]);
          EXPECT_EQ(told, expected) << "seed " << seed << " layer " << n;
        }
      }
    }
  }
}

TEST(Evaluator, StreamsDoNotDisturbEachOther) {
  const Graph graph = small_graph();
  Evaluator evaluator(graph);
  const int16_t sample[3] = {1, 2, 3};
  const float vector[3] = {1, 2, 3};
  evaluator.push(1, vector);
  const auto bytes = evaluator.bytes(graph.outputs[0]);
  const Bytes before(bytes.begin(), bytes.end());
  for (int i = 0; i < 10; ++i) evaluator.push(0, sample);
  EXPECT_EQ(Bytes(bytes.begin(), bytes.end()), before);
  EXPECT_FALSE(evaluator.produced(graph.outputs[0]));
}

}  // namespace
}  // namespace mote
