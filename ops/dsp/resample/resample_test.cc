// SPDX-License-Identifier: Apache-2.0
// resample, scale and rectify against their formulas; the clock that resample declares against what
// happens.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 44100;

Graph one_op(const OpDef& op, bool is_float, Attributes attributes, int32_t axes = 1) {
  Graph graph = stream_graph(axes);
  ValueId value = 0;
  if (is_float)
    value = graph.add_node(to_float_op, "physical", {value},
                           {{"scales", std::vector<double>(size_t(axes), 1.0)}});
  graph.outputs = {graph.add_node(op, "op", {value}, std::move(attributes))};
  return graph;
}

TEST(Resample, InterpolatesAtRationalTimes) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 200; ++i) {
    const int32_t den = 1 + windows.below(50), num = den + windows.below(100);
    const auto samples = windows.next(120, 1);
    const Attributes attributes{{"num", num}, {"den", den}};
    const auto fixed =
        as_numbers<int16_t>(run_graph(one_op(resample_op, false, attributes), samples));
    const auto floating =
        as_numbers<float>(run_graph(one_op(resample_op, true, attributes), samples));
    ASSERT_EQ(fixed.size(), size_t(119 * den / num + 1));
    for (size_t n = 0; n < fixed.size(); ++n) {
      const double t = double(n) * num / den;
      const size_t after = std::min<size_t>(size_t(std::ceil(t - 1e-9)), 119),
                   before = after == 0 ? 0 : after - 1;
      const double wanted =
          samples[before] + (samples[after] - samples[before]) * (t - double(before));
      ASSERT_NEAR(fixed[n], wanted, 0.5 + 1e-6)
          << "seed " << kSeed << " " << num << "/" << den << " n " << n;
      ASSERT_NEAR(floating[n], wanted, 0.02);
    }
  }
}

TEST(Resample, OutputsComeWhenTheClockSays) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 100; ++i) {
    const int32_t den = 1 + windows.below(20), num = den + windows.below(40);
    const Graph graph = one_op(resample_op, false, {{"num", num}, {"den", den}});
    const Clock clock = graph.value(graph.outputs[0]).clock;
    Evaluator evaluator(graph);
    int64_t n = 0;
    for (int64_t pushed = 1; pushed <= 200; ++pushed) {
      const int16_t sample = 0;
      const Rational due =
          clock.phase + (n == 0 ? Rational{0, 1} : make_rational(n, 1) * clock.period);
      const bool came = evaluator.push(0, &sample);
      ASSERT_EQ(came, due.num / due.den == pushed) << num << "/" << den << " n " << n;
      n += came;
    }
  }
}

// Aligned: n outputs are there with input sample n num / den, the last of them at its time.
TEST(Resample, AlignedWindowsEndWithTheStream) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 100; ++i) {
    const int32_t den = 1 + windows.below(20), num = den + windows.below(60);
    const auto samples = windows.next(5 * num, 1);
    Graph graph = one_op(resample_op, false, {{"num", num}, {"den", den}, {"aligned", 1}});
    const auto out = as_numbers<int16_t>(run_graph(graph, samples));
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " " + std::to_string(num) + "/" +
                 std::to_string(den));
    ASSERT_EQ(out.size(), size_t(5 * den));
    for (int32_t n = 0; n < 5 * den; ++n) {
      const double t = double(n + 1) * num / den - 1;
      const auto after = size_t(std::ceil(t - 1e-9)), before = after == 0 ? 0 : after - 1;
      const double share = t - double(before);
      ASSERT_NEAR(out[size_t(n)], samples[before] + (samples[after] - samples[before]) * share,
                  0.5 + 1e-6);
    }
    graph.outputs = {graph.add_node(framer_op, "window", {graph.outputs[0]},
                                    {{"length", den}, {"stride", den}})};
    const Clock& clock = graph.value(graph.outputs[0]).clock;
    EXPECT_EQ(clock.phase, (Rational{num, 1}));
    EXPECT_EQ(clock.period, (Rational{num, 1}));
    Evaluator evaluator(graph);
    for (int32_t pushed = 1; pushed <= 5 * num; ++pushed)
      ASSERT_EQ(evaluator.push(0, samples.data() + pushed - 1), pushed % num == 0);
  }
}

TEST(Resample, CutAndResume) {
  RandomWindows windows(kSeed);
  const auto samples = windows.next(80, 2);
  for (bool is_float : {false, true})
    for (int64_t aligned : {0, 1})
      expect_cut_and_resume(
          one_op(resample_op, is_float, {{"num", 7}, {"den", 3}, {"aligned", aligned}}, 2), samples,
          1);
}

TEST(Resample, RefusesHigherRatesAndSlowInputs) {
  EXPECT_THROW(one_op(resample_op, false, {{"num", 1}, {"den", 2}}), UserError);
  Graph graph = stream_graph(1);
  const ValueId slow = graph.add_node(decimate_op, "slow", {0}, {{"ratio", 2}});
  EXPECT_THROW(graph.add_node(resample_op, "op", {slow}, {{"num", 2}, {"den", 1}}), UserError);
}

TEST(Scale, RoundsAndSaturates) {
  RandomWindows windows(kSeed);
  for (double factor : {1.0, -1.0, 0.001, 0.3, 1.5, 3.14159, 1000.0, 32767.0}) {
    const auto samples = windows.next(300, 1);
    const auto fixed =
        as_numbers<int16_t>(run_graph(one_op(scale_op, false, {{"factor", factor}}), samples));
    const auto floating =
        as_numbers<float>(run_graph(one_op(scale_op, true, {{"factor", factor}}), samples));
    for (size_t i = 0; i < samples.size(); ++i) {
      const double wanted = std::min(std::max(samples[i] * factor, -32768.0), 32767.0);
      ASSERT_NEAR(fixed[i], wanted, 0.5 + std::fabs(wanted) * 0x1p-14) << factor;
      ASSERT_EQ(floating[i], float(samples[i]) * float(factor));
    }
  }
  EXPECT_THROW(one_op(scale_op, false, {{"factor", 0.0}}), UserError);
  EXPECT_THROW(one_op(scale_op, false, {{"factor", 40000.0}}), UserError);
}

TEST(Rectify, TakesMagnitudes) {
  EXPECT_EQ(
      as_numbers<int16_t>(run_graph(one_op(rectify_op, false, {}, 4), {-32768, -1, 0, 32767})),
      (std::vector<int16_t>{32767, 1, 0, 32767}));
  EXPECT_EQ(as_numbers<float>(run_graph(one_op(rectify_op, true, {}, 2), {-32768, 5})),
            (std::vector<float>{32768.0f, 5.0f}));
}

}  // namespace
}  // namespace mote
