// SPDX-License-Identifier: Apache-2.0
// For tests of recurrent layers in integers: random integer weights with what they stand for, and
// each answer of a layer against the same step in double precision, from the state it had.
#pragma once
#include <cmath>
#include <functional>

#include "ops/audio/audio_test_bench.h"

namespace mote {

// A constant of integers and its real numbers.
struct IntegerConstant {
  ValueId id = -1;
  std::vector<double> real;
};

// Weights with the scales of as many gates.
inline IntegerConstant random_weights(OneNode& one, Numbers& random, Shape shape,
                                      const std::vector<float>& scales) {
  const auto numbers = random.many<int8_t>(element_count(shape), -127, 127);
  IntegerConstant made;
  Quantization rows;
  const size_t count = size_t(shape[0]), columns = numbers.size() / count;
  for (size_t u = 0; u < count; ++u) rows.scales.push_back(scales[u * scales.size() / count]);
  rows.zero_points.assign(count, 0);
  for (size_t i = 0; i < numbers.size(); ++i)
    made.real.push_back(double(rows.scales[i / columns]) * numbers[i]);
  made.id = one.constant("w" + std::to_string(one.graph.values.size()), std::move(shape), numbers,
                         scales.size() == 1 ? per_tensor(scales[0], 0) : rows);
  return made;
}

// Biases of about -1 .. 1 at `input_scale` times the scale of their gate.
inline IntegerConstant random_biases(OneNode& one, Numbers& random, int32_t count,
                                     double input_scale, const std::vector<float>& scales) {
  IntegerConstant made;
  std::vector<int32_t> numbers;
  for (int32_t u = 0; u < count; ++u) {
    const double scale = input_scale * double(scales[size_t(u) * scales.size() / size_t(count)]);
    numbers.push_back(int32_t(std::lround(double(random.real(-1, 1)) / scale)));
    made.real.push_back(scale * numbers.back());
  }
  made.id = one.constant("b" + std::to_string(one.graph.values.size()), {count}, numbers);
  return made;
}

inline double row_product(const std::vector<double>& w, size_t row, const std::vector<double>& x) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += w[row * x.size() + i] * x[i];
  return sum;
}

inline double logistic_of(double x) { return 1 / (1 + std::exp(-x)); }

using Reals = std::vector<double>;

struct Agreement {
  int64_t count = 0;
  int64_t equal = 0;
  int64_t largest = 0;  // difference in steps of y
  double share() const { return double(equal) / double(count); }
};

// `pushes` random samples of one step of one batch, each against h = step(x, h before).
template <class T>
Agreement compare_steps(const OneNode& one, Numbers& random, int pushes, double hidden_scale,
                        const std::function<Reals(const Reals&, const Reals&)>& step) {
  Agreement found;
  Evaluator evaluator(one.graph);
  const Value& input = one.graph.value(one.input);
  const Quantization &from = input.quantization, &to = one.output().quantization;
  const ValueId state = one.graph.nodes[0].states[0];
  const int32_t most = sizeof(T) == 1 ? 127 : 32767;
  for (int push = 0; push < pushes; ++push) {
    const auto x = random.many<T>(input.elements(), -most - 1, most);
    Reals real, h;
    for (T number : x) real.push_back(double(from.scale()) * (number - from.zero_point()));
    const auto before = evaluator.bytes(state);
    for (size_t u = 0; u < before.size() / 2; ++u) {
      int16_t number;
      std::memcpy(&number, before.data() + 2 * u, 2);
      h.push_back(hidden_scale * number);
    }
    const Reals expected = step(real, h);
    evaluator.push(0, x.data());
    const auto y = one.numbers<T>(evaluator);
    for (size_t u = 0; u < y.size(); ++u) {
      const double steps = std::nearbyint(expected[u] / double(to.scale())) + to.zero_point();
      const auto wanted = int64_t(std::clamp(steps, -double(most) - 1, double(most)));
      found.largest = std::max(found.largest, std::abs(wanted - y[u]));
      found.equal += wanted == y[u];
      ++found.count;
    }
  }
  return found;
}

}  // namespace mote
