// SPDX-License-Identifier: Apache-2.0
// The random numbers of this room outside libtorch: SplitMix64 (Steele, Lea, Flood 2014), the same
// on every machine.
#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>

namespace mote {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t bits() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // [0, 1)
  double uniform() { return double(bits() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // 0 .. n - 1; the bias is below n / 2^53
  int64_t below(int64_t n) { return int64_t(uniform() * double(n)); }
  // Mean 0, variance 1 (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  uint64_t state_;
};

}  // namespace mote
