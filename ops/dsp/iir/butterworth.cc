// SPDX-License-Identifier: Apache-2.0
// Butterworth sections. See butterworth.h. Source of the formulas: the bilinear transform of s^2 +
// s/Q + 1 with K = tan(pi cutoff / rate).
#include "ops/dsp/iir/butterworth.h"

#include <cmath>
#include <numbers>

namespace mote {
namespace {

Section second_order(FilterKind kind, double k, double q) {
  const double norm = 1 / (1 + k / q + k * k);
  const double a1 = 2 * (k * k - 1) * norm, a2 = (1 - k / q + k * k) * norm;
  if (kind == FilterKind::low) return {k * k * norm, 2 * k * k * norm, k * k * norm, a1, a2};
  return {norm, -2 * norm, norm, a1, a2};
}

Section first_order(FilterKind kind, double k) {
  const double norm = 1 / (1 + k);
  if (kind == FilterKind::low) return {k * norm, k * norm, 0, (k - 1) * norm, 0};
  return {norm, -norm, 0, (k - 1) * norm, 0};
}

}  // namespace

std::vector<Section> butterworth(FilterKind kind, int order, double cutoff_hz, double rate_hz) {
  const double k = std::tan(std::numbers::pi * cutoff_hz / rate_hz);
  std::vector<Section> sections;
  if (order % 2 == 1) sections.push_back(first_order(kind, k));
  for (int i = order / 2 - 1; i >= 0; --i)
    sections.push_back(
        second_order(kind, k, 0.5 / std::sin(std::numbers::pi * (2 * i + 1) / (2 * order))));
  return sections;
}

}  // namespace mote
