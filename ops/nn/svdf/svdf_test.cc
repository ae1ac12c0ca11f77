// SPDX-License-Identifier: Apache-2.0
// svdf against its definition over whole histories in double precision; state that saves and
// resumes; refusals.
#include "ops/nn/svdf/svdf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "ops/run_one_node.h"

namespace mote {
namespace {

constexpr int32_t kBatches = 2, kInputs = 5, kUnits = 3, kRank = 2, kMemory = 4;
constexpr int32_t kFilters = kUnits * kRank;

// What svdf is defined to be: all inputs are remembered, nothing is folded into a state.
class Definition {
 public:
  Definition(std::vector<double> features, std::vector<double> times)
      : features_(std::move(features)), times_(std::move(times)) {}

  std::vector<double> push(const std::vector<double>& x) {
    inputs_.push_front(x);
    std::vector<double> y;
    for (int32_t b = 0; b < kBatches; ++b)
      for (int32_t u = 0; u < kUnits; ++u) {
        double sum = 0;
        for (int32_t f = u * kRank; f < (u + 1) * kRank; ++f)
          for (int32_t age = 0; age < std::min(kMemory, int32_t(inputs_.size())); ++age)
            for (int32_t i = 0; i < kInputs; ++i)
              sum += times_[size_t(f * kMemory + kMemory - 1 - age)] *
                     features_[size_t(f * kInputs + i)] *
                     inputs_[size_t(age)][size_t(b * kInputs + i)];
        y.push_back(sum);
      }
    return y;
  }

 private:
  std::vector<double> features_, times_;
  std::deque<std::vector<double>> inputs_;
};

struct FloatLayer {
  Numbers n;
  std::vector<float> features = n.reals(kFilters * kInputs, -1, 1);
  std::vector<float> times = n.reals(kFilters * kMemory, -1, 1);
  OneNode one = OneNode::make<float>({kBatches, kInputs});

  FloatLayer() {
    one.add(svdf_op, {{"rank", int64_t(kRank)}},
            {one.constant("features", {kFilters, kInputs}, features),
             one.constant("times", {kFilters, kMemory}, times), -1});
  }
};

TEST(Svdf, FloatOverAHistory) {
  FloatLayer layer;
  Definition definition({layer.features.begin(), layer.features.end()},
                        {layer.times.begin(), layer.times.end()});
  Evaluator evaluator(layer.one.graph);
  for (int t = 0; t < 12; ++t) {
    const auto x = layer.n.reals(kBatches * kInputs, -2, 2);
    evaluator.push(0, x.data());
    const auto y = layer.one.numbers<float>(evaluator);
    const auto want = definition.push({x.begin(), x.end()});
    ASSERT_EQ(y.size(), want.size());
    for (size_t k = 0; k < y.size(); ++k) ASSERT_NEAR(y[k], want[k], 3e-5) << t;
  }
}

// Scales of 1 and small numbers: sums of integers, the state included.
template <class T>
void check_integer(int32_t state_zero_point) {
  Numbers n;
  const auto features = n.many<int8_t>(kFilters * kInputs, -1, 1);
  const auto times = n.many<T>(kFilters * kMemory, -1, 1);
  OneNode one = OneNode::make<int8_t>({kBatches, kInputs}, per_tensor(1, 3));
  one.add(svdf_op,
          {{"rank", int64_t(kRank)},
           {"state_zero_point", int64_t(state_zero_point)},
           {"output_zero_point", int64_t(-2)}},
          {one.constant("features", {kFilters, kInputs}, features, per_tensor(1, 0)),
           one.constant("times", {kFilters, kMemory}, times, per_tensor(1, 0)), -1});
  Definition definition({features.begin(), features.end()}, {times.begin(), times.end()});
  Evaluator evaluator(one.graph);
  for (int t = 0; t < 12; ++t) {
    const auto x = n.many<int8_t>(kBatches * kInputs, -1, 7);
    std::vector<double> real;
    for (int8_t q : x) real.push_back(q - 3);
    evaluator.push(0, x.data());
    const auto y = one.numbers<int8_t>(evaluator);
    const auto want = definition.push(real);
    for (size_t k = 0; k < y.size(); ++k)
      ASSERT_EQ(y[k], std::clamp(want[k] - 2, -128.0, 127.0)) << t;
  }
}

TEST(Svdf, Int8WithAStateOfInt16) { check_integer<int16_t>(0); }
TEST(Svdf, Int8WithAStateOfInt8) { check_integer<int8_t>(-9); }

TEST(Svdf, StateIsSavedAndResumed) {
  FloatLayer layer;
  Evaluator whole(layer.one.graph), resumed(layer.one.graph);
  for (int t = 0; t < 6; ++t) {
    const auto x = layer.n.reals(kBatches * kInputs, -2, 2);
    const Bytes saved = whole.save();
    whole.push(0, x.data());
    ASSERT_TRUE(resumed.load(saved));
    resumed.push(0, x.data());
    ASSERT_EQ(layer.one.numbers<float>(resumed), layer.one.numbers<float>(whole));
  }
}

TEST(Svdf, Refusals) {
  const auto refusal = [](const Shape& features, const Shape& times, int64_t rank) {
    return code_of_failure([&] {
      OneNode one = OneNode::make<float>({1, 5});
      const std::vector<float> numbers(64, 0.5f);
      const auto some = [&](const Shape& shape) {
        return std::vector<float>(numbers.begin(), numbers.begin() + element_count(shape));
      };
      one.add(svdf_op, {{"rank", rank}},
              {one.constant("features", features, some(features)),
               one.constant("times", times, some(times)), -1});
    });
  };
  EXPECT_EQ(refusal({4, 5}, {4, 3}, 2), "");
  EXPECT_EQ(refusal({4, 6}, {4, 3}, 2), "wrong-shape");
  EXPECT_EQ(refusal({4, 5}, {3, 3}, 2), "wrong-shape");
  EXPECT_EQ(refusal({4, 5}, {4, 3}, 3), "wrong-attribute");
  EXPECT_EQ(refusal({4, 5}, {4, 3}, 0), "wrong-attribute");
}

}  // namespace
}  // namespace mote
