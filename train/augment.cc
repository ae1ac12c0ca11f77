// SPDX-License-Identifier: Apache-2.0
// Augmentation of recordings. See augment.h.
#include "train/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graph/diagnostics.h"
#include "train/random.h"

namespace mote {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;

int16_t saturated(double value) {
  return int16_t(std::clamp(std::nearbyint(value), -32768.0, 32767.0));
}

// Mean and variance of one axis.
struct Moments {
  double mean = 0;
  double variance = 0;
};
Moments moments(std::span<const int16_t> rows, int32_t axes, int32_t axis) {
  const size_t n = rows.size() / size_t(axes);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; ++i) sum += rows[i * size_t(axes) + size_t(axis)];
  const double mean = n ? sum / double(n) : 0;
  for (size_t i = 0; i < n; ++i) {
    const double d = rows[i * size_t(axes) + size_t(axis)] - mean;
    squares += d * d;
  }
  return {mean, n ? squares / double(n) : 0};
}

// The value of an axis between two rows.
double at(std::span<const int16_t> rows, int32_t axes, int32_t axis, double time) {
  const auto last = double(rows.size() / size_t(axes)) - 1;
  const double t = std::clamp(time, 0.0, last);
  const auto before = size_t(t);
  const size_t after = std::min(before + 1, size_t(last));
  const double a = rows[before * size_t(axes) + size_t(axis)];
  const double b = rows[after * size_t(axes) + size_t(axis)];
  return a + (b - a) * (t - double(before));
}

// Rodrigues' rotation about a direction drawn evenly from the sphere.
Matrix random_rotation(double largest_deg, Random& random) {
  const double z = random.uniform(-1, 1);
  const double around = random.uniform(0, 2 * std::numbers::pi);
  const double r = std::sqrt(1 - z * z);
  const std::array<double, 3> u{r * std::cos(around), r * std::sin(around), z};
  const double angle = random.uniform(-largest_deg, largest_deg) * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const Matrix cross{{{0, -u[2], u[1]}, {u[2], 0, -u[0]}, {-u[1], u[0], 0}}};
  Matrix m{};
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j)
      m[i][j] = (i == j ? c : 0) + s * cross[i][j] + (1 - c) * u[i] * u[j];
  return m;
}

void rotate(std::vector<double>& row, const std::array<int32_t, 3>& group, const Matrix& m) {
  std::array<double, 3> in{};
  for (size_t i = 0; i < 3; ++i) in[i] = row.at(size_t(group[i]));
  for (size_t i = 0; i < 3; ++i)
    row[size_t(group[i])] = m[i][0] * in[0] + m[i][1] * in[1] + m[i][2] * in[2];
}

// Takes `share` of the rows away: at the end, or at the beginning where it is negative.
void crop_rows(AugmentedRows& out, int32_t axes, double share) {
  const size_t rows = out.rows.size() / size_t(axes);
  const auto cut = size_t(std::abs(share) * double(rows));
  if (share < 0) {
    out.rows.erase(out.rows.begin(), out.rows.begin() + ptrdiff_t(cut * size_t(axes)));
    out.source_begin += double(cut) * out.source_step;
  } else {
    out.rows.resize((rows - cut) * size_t(axes));
  }
}

// n numbers of variance 1. A first-order filter colours white noise: its pole (colour < 0) lets low
// frequencies through, its zero (colour > 0) high ones.
std::vector<double> coloured_noise(size_t n, double colour, Random& random) {
  std::vector<double> noise(n);
  const double pole = 0.95 * std::max(0.0, -colour), zero = std::max(0.0, colour);
  double before_in = 0, before_out = 0, squares = 0;
  for (double& y : noise) {
    const double x = random.normal();
    y = x - zero * before_in + pole * before_out;
    before_in = x;
    before_out = y;
    squares += y * y;
  }
  const double factor = squares > 0 ? std::sqrt(double(n) / squares) : 0;
  for (double& y : noise) y *= factor;
  return noise;
}

// Adds noise to each axis, in proportion to what moves there.
void add_noise(std::vector<int16_t>& rows, int32_t axes, double lowest_snr_db, Random& random) {
  const double snr_db = random.uniform(lowest_snr_db, std::max(lowest_snr_db, kQuietestNoise_db));
  const double colour = random.uniform(-1, 1);
  for (int32_t a = 0; a < axes; ++a) {
    const double deviation = std::sqrt(moments(rows, axes, a).variance / std::pow(10, snr_db / 10));
    const std::vector<double> noise = coloured_noise(rows.size() / size_t(axes), colour, random);
    for (size_t i = 0; i < noise.size(); ++i) {
      int16_t& value = rows[i * size_t(axes) + size_t(a)];
      value = saturated(value + deviation * noise[i]);
    }
  }
}

}  // namespace

AugmentedRows augment(std::span<const int16_t> rows, int32_t axes, const AugmentOptions& options,
                      uint64_t seed) {
  MOTE_ASSERT(axes > 0 && rows.size() % size_t(axes) == 0);
  Random random(seed);
  AugmentedRows out;
  out.source_step = 1 + random.uniform(-options.tempo, options.tempo);
  out.source_begin = random.uniform(-options.shift_samples, options.shift_samples);
  const double gain = 1 + random.uniform(-options.gain, options.gain);
  const Matrix rotation = random_rotation(options.rotation_deg, random);
  std::vector<double> noise(static_cast<size_t>(axes));
  for (int32_t a = 0; a < axes; ++a)
    noise[size_t(a)] = options.jitter * std::sqrt(moments(rows, axes, a).variance);
  const size_t length = rows.size() / size_t(axes);
  const bool changes_length = options.isolated && length > 0;
  const size_t n = changes_length ? size_t(double(length - 1) / out.source_step) + 1 : length;
  out.rows.reserve(n * size_t(axes));
  std::vector<double> row(static_cast<size_t>(axes));
  for (size_t i = 0; i < n; ++i) {
    const double time = out.source_begin + double(i) * out.source_step;
    for (int32_t a = 0; a < axes; ++a) row[size_t(a)] = gain * at(rows, axes, a, time);
    for (const auto& group : options.rotation_groups) rotate(row, group, rotation);
    for (int32_t a = 0; a < axes; ++a)
      out.rows.push_back(saturated(row[size_t(a)] +
                                   (options.jitter > 0 ? noise[size_t(a)] * random.normal() : 0)));
  }
  if (options.crop > 0) crop_rows(out, axes, random.uniform(-options.crop, options.crop));
  if (!options.isolated) out.rows.resize(rows.size(), 0);
  if (options.noise_snr_db) add_noise(out.rows, axes, *options.noise_snr_db, random);
  return out;
}

}  // namespace mote
