// SPDX-License-Identifier: Apache-2.0
// Random sensor recordings for property tests of signal operators: silence, noise and tones of
// every loudness, steps, impulses, full-scale square waves, single counts. In: a seed (print it
// when a test fails). Out: int16 samples, the same on every host (mt19937_64 and integers only; the
// tone comes from core/twiddles.h).
#pragma once
#include <cstdint>
#include <random>
#include <vector>

#include "core/fixed_math.h"
#include "core/twiddles.h"

namespace mote {

class RandomWindows {
 public:
  explicit RandomWindows(uint64_t seed) : random_(seed) {}

  // [length, axes] samples, each axis of a kind of its own.
  std::vector<int16_t> next(int32_t length, int32_t axes) {
    std::vector<int16_t> window(size_t(length) * size_t(axes));
    for (int32_t a = 0; a < axes; ++a) fill(window.data() + a, length, axes);
    return window;
  }

  int32_t below(int32_t limit) { return int32_t(random_() % uint64_t(limit)); }

 private:
  void fill(int16_t* axis, int32_t length, int32_t stride) {
    const int32_t kind = below(7);
    const int32_t loudness = 1 << below(16);  // 1 .. 32768
    const int32_t offset = (below(65536) - 32768) >> below(16);
    const int32_t period = 2 + below(length + 2);
    for (int32_t i = 0; i < length; ++i) {
      int32_t v = 0;
      switch (kind) {
        case 0:
          break;
        case 1:
          v = below(2 * loudness + 1) - loudness;
          break;
        case 2:
          v = int32_t((int64_t(loudness) * cos_turn_q15(i, period)) >> 15);
          break;
        case 3:
          v = i * 2 < length ? -loudness : loudness;
          break;
        case 4:
          v = i == length / 3 ? loudness : 0;
          break;
        case 5:
          v = i % period * 2 < period ? -32768 : 32767;
          break;
        default:
          v = below(4) == 0 ? 1 : 0;
          break;
      }
      axis[i * stride] = saturate_s16(kind == 5 ? v : v + offset);
    }
  }

  std::mt19937_64 random_;
};

// FNV-1a over bytes: the hash that golden values of property tests are compared by.
inline uint64_t fnv1a(const void* bytes, size_t count, uint64_t hash = 14695981039346656037ULL) {
  for (size_t i = 0; i < count; ++i) {
    hash ^= static_cast<const uint8_t*>(bytes)[i];
    hash *= 1099511628211ULL;
  }
  return hash;
}

}  // namespace mote
