// SPDX-License-Identifier: Apache-2.0
// Frequency bands as weights on the bins of a transform. Host only. In: rate, transform length,
// number of filters and range. Out: for each filter its first bin and its weights, 0 .. 1.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mote {

struct Filter {
  int32_t first = 0;
  std::vector<double> weights;
};

struct MelOptions {
  int32_t filters = 0;
  double low_hz = 0;
  double high_hz = 0;
};

// Triangles whose edges lie evenly on the mel scale, mel = 2595 log10(1 + f / 700) (HTK), with
// peak 1. A filter with no weights lies between two bins.
std::vector<Filter> mel_filters(const MelOptions& options, int32_t fft_length, double rate_hz);

// One filter a bin, weight 1.
std::vector<Filter> bin_filters(int32_t fft_length);

// Window functions: "hann" and "hamming" (periodic), "rectangular"; w[i], 0 <= i < length. Same
// bits on every host.
std::vector<double> window_function(const std::string& name, int32_t length);

}  // namespace mote
