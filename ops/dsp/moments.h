// SPDX-License-Identifier: Apache-2.0
// Statistics of one axis of a window: average, extremes, root mean square, deviation, skewness,
// kurtosis. Used by flatten and spectral. In: a window [length, axes] seen along one axis. Out: Q16
// integers (int16 samples) or float32. Population moments (divided by n): skewness m3 / m2^1.5,
// kurtosis m4 / m2^2 - 3, as scipy.stats; 0 if m2 = 0.
#pragma once
#include <stdint.h>

#include "core/block_floating.h"
#include "core/float_math.h"

namespace mote {

// Samples first[0], first[stride], ... of one axis; 1 <= length <= 65535.
template <typename Sample>
struct AxisView {
  const Sample* first;
  int32_t length;
  int32_t stride;
  const Sample& operator[](int32_t i) const { return first[i * stride]; }
};
using AxisS16 = AxisView<int16_t>;
using AxisF32 = AxisView<float>;

struct AxisStatistics {
  int32_t average, minimum, maximum, rms, stdev, skewness, kurtosis;  // Q16
};
struct AxisStatisticsF32 {
  float average, minimum, maximum, rms, stdev, skewness, kurtosis;
};

// ---- int16 samples ------------------------------------------------------------------------------

// |sum| < 2^31 and squares < 2^46, as length < 2^16.
struct AxisSums {
  int32_t minimum, maximum, sum;
  uint64_t squares;
};
inline AxisSums axis_sums(AxisS16 x) {
  AxisSums s = {x[0], x[0], 0, 0};
  for (int32_t i = 0; i < x.length; ++i) {
    const int32_t v = x[i];
    if (v < s.minimum) s.minimum = v;
    if (v > s.maximum) s.maximum = v;
    s.sum += v;
    s.squares += static_cast<uint32_t>(v * v);
  }
  return s;
}

// floor(2^bits x / n) for bits <= 32, n < 2^16 and a result below 2^64.
inline uint64_t divide_scaled(uint64_t x, uint32_t n, int bits) {
  const uint64_t whole = div_u64_u32(x, n);
  const uint64_t rest = x - whole * n;
  return (whole << bits) + div_u64_u32(rest << bits, n);
}

// Root of a mean square in Q32; 32768 exactly saturates to the largest Q16 number.
inline int32_t root_q16(uint64_t mean_square_q32) {
  const uint32_t root = sqrt_u64(mean_square_q32);
  return static_cast<int32_t>(root > INT32_MAX ? INT32_MAX : root);
}

inline int32_t rms_q16(const AxisSums& s, int32_t n) {
  return root_q16(divide_scaled(s.squares, static_cast<uint32_t>(n), 32));
}

// n^2 variance = n squares - sum^2 < 2^62 is exact; then two divisions by n, 16 bits of fraction
// each.
inline int32_t stdev_q16(const AxisSums& s, int32_t n) {
  const uint32_t count = static_cast<uint32_t>(n);
  const uint64_t spread =
      s.squares * count - static_cast<uint64_t>(static_cast<int64_t>(s.sum) * s.sum);
  return root_q16(divide_scaled(divide_scaled(spread, count, 16), count, 16));
}

// The average with `bits` <= 16 bits of fraction, to nearest.
inline int32_t average_q(const AxisSums& s, int32_t n, int bits) {
  return static_cast<int32_t>(
      div_rounding_s64_s32(static_cast<int64_t>(s.sum) * (static_cast<int64_t>(1) << bits), n));
}

// Samples less their average, in Q14: |deviation| < 2^30.
struct AxisDeviation {
  int32_t average_q14;
  int32_t bits;  // of the largest deviation
};
inline AxisDeviation axis_deviation(const AxisSums& s, int32_t n) {
  const int32_t average = average_q(s, n, 14);
  const int32_t extremes[2] = {s.minimum * 16384 - average, s.maximum * 16384 - average};
  return {average, magnitude_bits_s32(extremes, 2)};
}

// Skewness and kurtosis from deviations brought to 15 bits (|d| <= 2^15): sums of d^2 < 2^46, of
// |d^3| < 2^61 and of d^4 / 2^15 < 2^61; only the last quotients are float.
inline void axis_shape(AxisS16 x, AxisDeviation deviation, AxisStatistics* out) {
  const int shift = deviation.bits > 15 ? deviation.bits - 15 : 0;
  uint64_t squares = 0, fourths = 0;
  int64_t cubes = 0;
  for (int32_t i = 0; i < x.length; ++i) {
    const int32_t d = shift_right_rounding_s32(x[i] * 16384 - deviation.average_q14, shift);
    const uint32_t square = static_cast<uint32_t>(d * d);
    squares += square;
    cubes += static_cast<int64_t>(static_cast<int32_t>(square)) * d;
    fourths += (static_cast<uint64_t>(square) * square) >> 15;
  }
  out->skewness = out->kurtosis = 0;
  if (squares == 0) return;
  const float n = static_cast<float>(x.length);
  const float m2 = static_cast<float>(static_cast<int64_t>(squares)) / n;
  const float m3 = static_cast<float>(cubes) / n;
  const float m4 = static_cast<float>(static_cast<int64_t>(fourths)) * 32768.0f / n;
  out->skewness = to_int_saturating(m3 / (m2 * sqrt_f32(m2)) * 65536.0f, INT32_MIN, INT32_MAX);
  out->kurtosis = to_int_saturating((m4 / (m2 * m2) - 3.0f) * 65536.0f, INT32_MIN, INT32_MAX);
}

inline AxisStatistics axis_statistics(AxisS16 x) {
  const AxisSums s = axis_sums(x);
  AxisStatistics out;
  out.average = average_q(s, x.length, 16);
  out.minimum = s.minimum * 65536;
  out.maximum = s.maximum * 65536;
  out.rms = rms_q16(s, x.length);
  out.stdev = stdev_q16(s, x.length);
  axis_shape(x, axis_deviation(s, x.length), &out);
  return out;
}

// ---- float samples ------------------------------------------------------------------------------

// Two passes: the average first, then the central moments; each sum runs from the oldest sample to
// the newest.
inline AxisStatisticsF32 axis_statistics(AxisF32 x) {
  AxisStatisticsF32 out = {0, x[0], x[0], 0, 0, 0, 0};
  float squares = 0;
  for (int32_t i = 0; i < x.length; ++i) {
    const float v = x[i];
    if (v < out.minimum) out.minimum = v;
    if (v > out.maximum) out.maximum = v;
    out.average += v;
    squares += v * v;
  }
  const float n = static_cast<float>(x.length);
  out.average = out.average / n;
  out.rms = sqrt_f32(squares / n);
  float m2 = 0, m3 = 0, m4 = 0;
  for (int32_t i = 0; i < x.length; ++i) {
    const float d = x[i] - out.average;
    const float square = d * d;
    m2 += square;
    m3 += square * d;
    m4 += square * square;
  }
  m2 = m2 / n;
  out.stdev = sqrt_f32(m2);
  if (m2 * m2 > 0) {
    out.skewness = m3 / n / (m2 * out.stdev);
    out.kurtosis = m4 / n / (m2 * m2) - 3.0f;
  }
  return out;
}

}  // namespace mote
