// SPDX-License-Identifier: Apache-2.0
// smooth against the mean in exact arithmetic, from the first vector on; reset, save and load.
#include <gtest/gtest.h>

#include <cmath>

#include "core/saved_state.h"
#include "graph/state_id.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

template <class T>
OneNode make_node(int32_t size, int64_t length) {
  OneNode one = OneNode::make<T>({1, size}, element_type_of<T>() == ElementType::s8
                                                ? per_tensor(1.0f / 256, -128)
                                                : Quantization{});
  one.add(smooth_op, {{"length", length}});
  return one;
}

// The mean of column i over the last `length` of vectors 0..t.
template <class T>
double mean(const std::vector<std::vector<T>>& vectors, size_t t, size_t length, size_t i) {
  const size_t seen = std::min(t + 1, length);
  double sum = 0;
  for (size_t k = t + 1 - seen; k <= t; ++k) sum += double(vectors[k][i]);
  return sum / double(seen);
}

TEST(Smooth, Int8MeanOfThoseSeenHalvesUp) {
  Numbers numbers;
  for (const int64_t length : {1, 2, 3, 5, 8}) {
    const OneNode one = make_node<int8_t>(4, length);
    EXPECT_EQ(one.output().quantization, per_tensor(1.0f / 256, -128));
    Evaluator evaluator(one.graph);
    std::vector<std::vector<int8_t>> vectors;
    for (size_t t = 0; t < 30; ++t) {
      vectors.push_back(numbers.many<int8_t>(4, -128, 127));
      EXPECT_TRUE(evaluator.push(0, vectors[t].data()));
      const auto y = one.numbers<int8_t>(evaluator);
      for (size_t i = 0; i < 4; ++i)
        ASSERT_EQ(y[i], int(std::floor(mean(vectors, t, size_t(length), i) + 0.5 + 1e-9)))
            << length << ' ' << t;
    }
  }
}

TEST(Smooth, Int8ExtremesDoNotWrap) {
  for (const int8_t extreme : {int8_t(-128), int8_t(127)}) {
    const OneNode one = make_node<int8_t>(2, 70);
    Evaluator evaluator(one.graph);
    const std::vector<int8_t> x{extreme, extreme};
    for (int t = 0; t < 100; ++t) evaluator.push(0, x.data());
    EXPECT_EQ(one.numbers<int8_t>(evaluator), x);
  }
}

TEST(Smooth, Float) {
  Numbers numbers;
  const OneNode one = make_node<float>(3, 4);
  Evaluator evaluator(one.graph);
  std::vector<std::vector<float>> vectors;
  for (size_t t = 0; t < 20; ++t) {
    vectors.push_back(numbers.reals(3, 0, 1));
    evaluator.push(0, vectors[t].data());
    const auto y = one.numbers<float>(evaluator);
    for (size_t i = 0; i < 3; ++i) ASSERT_NEAR(y[i], mean(vectors, t, 4, i), 3e-7);
  }
}

TEST(Smooth, ResetStartsAnewAndLoadContinues) {
  const OneNode one = make_node<int8_t>(1, 3);
  Evaluator evaluator(one.graph);
  const auto push = [&](Evaluator& e, int8_t x) {
    e.push(0, &x);
    return one.numbers<int8_t>(e)[0];
  };
  push(evaluator, 10);
  push(evaluator, 20);
  Evaluator other(one.graph);
  ASSERT_TRUE(other.load(evaluator.save()));
  EXPECT_EQ(push(evaluator, 60), 30);
  EXPECT_EQ(push(other, 60), 30);
  evaluator.reset();
  EXPECT_EQ(push(evaluator, -5), -5);
}

TEST(Smooth, DamagedStateStaysInsideTheHistory) {
  const OneNode one = make_node<int8_t>(1, 3);
  for (const int32_t seen : {-7, 4, INT32_MAX, INT32_MIN}) {
    Evaluator evaluator(one.graph);
    Bytes state(7 + kStateCheckBytes, 1);
    std::memcpy(state.data() + 3, &seen, sizeof seen);
    seal_state(state.data(), 7, state_id(one.graph));
    ASSERT_TRUE(evaluator.load(state));
    const int8_t x = 42;
    evaluator.push(0, &x);
    EXPECT_EQ(one.numbers<int8_t>(evaluator)[0], 42);
  }
}

TEST(Smooth, Refusals) {
  EXPECT_EQ(code_of_failure([] { make_node<int8_t>(1, 0); }), "wrong-attribute");
  EXPECT_EQ(code_of_failure([] { make_node<int16_t>(1, 3); }), "wrong-type");
}

}  // namespace
}  // namespace mote
