// SPDX-License-Identifier: Apache-2.0
// Mel filters and window functions. See mel.h.
#include "ops/dsp/log_filterbank/mel.h"

#include <algorithm>
#include <cmath>

#include "core/twiddles.h"

namespace mote {
namespace {

double mel_of(double hz) { return 2595 * std::log10(1 + hz / 700); }
double hz_of(double mel) { return 700 * (std::pow(10.0, mel / 2595) - 1); }

// Weight of `hz` on the triangle with the given edges and peak.
double triangle(double hz, double left, double peak, double right) {
  return std::max(0.0, std::min((hz - left) / (peak - left), (right - hz) / (right - peak)));
}

}  // namespace

std::vector<Filter> mel_filters(const MelOptions& options, int32_t fft_length, double rate_hz) {
  const double low = mel_of(options.low_hz),
               step = (mel_of(options.high_hz) - low) / (options.filters + 1);
  const auto edge = [low, step](int32_t i) { return hz_of(low + step * i); };
  std::vector<Filter> filters(size_t(options.filters));
  for (int32_t f = 0; f < options.filters; ++f) {
    Filter& filter = filters[size_t(f)];
    for (int32_t k = 0; k <= fft_length / 2; ++k) {
      const double weight = triangle(k * rate_hz / fft_length, edge(f), edge(f + 1), edge(f + 2));
      if (weight < 1.0 / 32768) continue;  // nothing in Q14
      if (filter.weights.empty()) filter.first = k;
      filter.weights.push_back(weight);
    }
  }
  return filters;
}

std::vector<Filter> bin_filters(int32_t fft_length) {
  std::vector<Filter> filters;
  for (int32_t k = 0; k <= fft_length / 2; ++k) filters.push_back({k, {1.0}});
  return filters;
}

std::vector<double> window_function(const std::string& name, int32_t length) {
  std::vector<double> window(size_t(length), 1.0);
  if (name == "rectangular") return window;
  const double floor = name == "hamming" ? 0.54 : 0.5;
  for (int32_t i = 0; i < length; ++i)
    window[size_t(i)] = floor - (1 - floor) * cos_turn(i, length);
  return window;
}

}  // namespace mote
