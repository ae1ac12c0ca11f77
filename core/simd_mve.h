// SPDX-License-Identifier: Apache-2.0
// The vector instructions of Armv8.1-M (Helium: Cortex-M55, M85) that a compiler does not find;
// elsewhere, and where nothing is optimised, plain twins with the same results, so that the packed
// code runs on the host under sanitizers. In and out: vectors of four words; bytes in runs of 16.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

using Int32x4 = int32_t __attribute__((vector_size(16)));
using Uint32x4 = uint32_t __attribute__((vector_size(16)));

// Bytes that a vector holds.
constexpr int32_t kVector = 16;
constexpr int32_t whole_vectors(int32_t bytes) { return (bytes + kVector - 1) / kVector; }

MOTE_INLINE Int32x4 load_4(const int32_t* from) {
  Int32x4 v;
  memcpy(&v, from, sizeof(v));
  return v;
}
MOTE_INLINE Int32x4 all_4(int32_t x) { return Int32x4{x, x, x, x}; }
// Modulo 2^32.
MOTE_INLINE Int32x4 add_4(Int32x4 a, Int32x4 b) { return (Int32x4)((Uint32x4)a + (Uint32x4)b); }

// How the inputs of a sum lie: `count` runs of 16 * kSteps bytes, from the end of one to the next
// `gap`, which may be negative.
struct Runs {
  int32_t count;
  int32_t gap;
};

// Of 16 neighbouring channels the sums over taps: at first + taps[t] lie 16 int8, of which the
// weights are 16 more. sums[0] are of channels 0, 4, 8, 12, then of 2.., 1.., 3..: as products of
// even and odd bytes lie.
struct ChannelDot16 {
  const int8_t* first;
  const int32_t* taps;
  const int8_t* weights;  // moves on
  Int32x4 sums[4];
};

// Four rows of an image, 16 channels of each pixel: from rows[i] on, pitches[i] from pixel to
// pixel.
struct FourRows {
  const int8_t* rows[4];
  int32_t pitches[4];
};
constexpr int32_t kPatchColumn = 4 * kVector;  // bytes of a column of four rows

// clamp((a * a_multiplier + b * b_multiplier + offset) >> shift, -128, 127) in 32 bits; shift
// 0..30.
struct WeightedSum {
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t offset;
  int32_t shift;
};

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

// floor(a * b / 2^32).
MOTE_INLINE Int32x4 multiply_high(Int32x4 a, Int32x4 b) {
  Int32x4 y;
  __asm__("vmulh.s32 %q0, %q1, %q2" : "=w"(y) : "w"(a), "w"(b));
  return y;
}
MOTE_INLINE Int32x4 saturating_rounding_doubling_high_mul_4(Int32x4 a, Int32x4 b) {
  Int32x4 y;
  __asm__("vqrdmulh.s32 %q0, %q1, %q2" : "=w"(y) : "w"(a), "w"(b));
  return y;
}
// round(x * 2^shift), ties up; shift -31..0.
MOTE_INLINE Int32x4 rounding_shift_right_4(Int32x4 x, Int32x4 shift) {
  Int32x4 y;
  __asm__("vrshl.s32 %q0, %q1, %q2" : "=w"(y) : "w"(x), "w"(shift));
  return y;
}
// clamp(x * 2^shift); shift 0..31.
MOTE_INLINE Int32x4 saturating_shift_left_4(Int32x4 x, Int32x4 shift) {
  Int32x4 y;
  __asm__("vqshl.s32 %q0, %q1, %q2" : "=w"(y) : "w"(x), "w"(shift));
  return y;
}
// The lowest byte of each.
MOTE_INLINE void store_bytes_4(Int32x4 x, int8_t* to) {
  __asm__ volatile("vstrb.32 %q0, [%1]" : : "w"(x), "l"(to) : "memory");
}

// 16 bytes.
MOTE_INLINE void copy_vector(const int8_t* from, int8_t* to) {
  __asm__ volatile("vldrb.u8 q0, [%0]\nvstrb.8 q0, [%1]" : : "l"(from), "l"(to) : "q0", "memory");
}

// Four sums at a place: packed[0..3] + the products of `first` and four rows of weights, of which
// each 16 numbers take turns behind the four. Returns what is behind the weights. 9 instructions
// for 64 products. A sum must lie in a register with an even number.
template <int kSteps>
MOTE_INLINE const int32_t* dot_1x4(Runs runs, const int8_t* first, const int32_t* packed,
                                   Int32x4& sums) {
  Int32x4 x;
  // clang-format off
  __asm__ volatile(
      "ldmia %[w]!, {r4, r6, r8, r10}\n"
      "1:\n"
      ".rept %c[steps]\n"
      "vldrb.u8 %q[x], [%[first]], #16\n"
      "vldrw.u32 q0, [%[w]], #16\n"
      "vmladava.s8 r4, %q[x], q0\n"
      "vldrw.u32 q1, [%[w]], #16\n"
      "vmladava.s8 r6, %q[x], q1\n"
      "vldrw.u32 q0, [%[w]], #16\n"
      "vmladava.s8 r8, %q[x], q0\n"
      "vldrw.u32 q1, [%[w]], #16\n"
      "vmladava.s8 r10, %q[x], q1\n"
      ".endr\n"
      "add %[first], %[gap]\n"
      "subs %[count], #1\n"
      "bne 1b\n"
      "vmov %q[x][2], %q[x][0], r4, r8\n"
      "vmov %q[x][3], %q[x][1], r6, r10\n"
      : [x] "=&w"(x), [first] "+r"(first), [w] "+r"(packed), [count] "+r"(runs.count)
      : [gap] "r"(runs.gap), [steps] "i"(kSteps)
      : "r4", "r6", "r8", "r10", "q0", "q1", "cc", "memory");
  // clang-format on
  sums = x;
  return packed;
}

// Of `kept` the highest byte, below it the three highest of `inserted`.
MOTE_INLINE Int32x4 insert_below_highest_byte(Int32x4 kept, Int32x4 inserted) {
  __asm__("vsri.32 %q0, %q1, #8" : "+w"(kept) : "w"(inserted));
  return kept;
}

// 16 channels over pairs of taps: sums + the products of x and weights, two taps at a time in 16
// bits (|weight| <= 127), then in 32. 22 instructions for 32 products.
MOTE_INLINE void channel_dot_16(ChannelDot16& dot, int32_t pairs) {
  Int32x4 a = dot.sums[0], b = dot.sums[1], c = dot.sums[2], d = dot.sums[3];
  const int8_t* weights = dot.weights;
  const int32_t* taps = dot.taps;
  uint32_t x, z;
  // clang-format off
  __asm__ volatile(
      "dls lr, %[pairs]\n"
      "1:\n"
      "ldrd %[x], %[z], [%[taps]], #8\n"
      "add %[x], %[first]\n"
      "add %[z], %[first]\n"
      "vldrb.u8 q0, [%[x]]\n"
      "vldrb.u8 q1, [%[w]], #16\n"
      "vmullb.s8 q2, q0, q1\n"
      "vmullt.s8 q3, q0, q1\n"
      "vldrb.u8 q0, [%[z]]\n"
      "vldrb.u8 q1, [%[w]]\n"
      "vmullt.s8 q1, q0, q1\n"
      "vadd.i16 q3, q3, q1\n"
      "vldrb.u8 q1, [%[w]], #16\n"
      "vmullb.s8 q0, q0, q1\n"
      "vadd.i16 q2, q2, q0\n"
      "vmovlb.s16 q0, q2\n"
      "vadd.i32 %q[a], %q[a], q0\n"
      "vmovlt.s16 q2, q2\n"
      "vadd.i32 %q[b], %q[b], q2\n"
      "vmovlb.s16 q0, q3\n"
      "vadd.i32 %q[c], %q[c], q0\n"
      "vmovlt.s16 q3, q3\n"
      "vadd.i32 %q[d], %q[d], q3\n"
      "le lr, 1b\n"
      : [a] "+w"(a), [b] "+w"(b), [c] "+w"(c), [d] "+w"(d), [taps] "+r"(taps), [w] "+r"(weights),
        [x] "=&r"(x), [z] "=&r"(z)
      : [first] "r"(dot.first), [pairs] "r"(pairs)
      : "lr", "q0", "q1", "q2", "q3", "memory");
  // clang-format on
  dot.sums[0] = a, dot.sums[1] = b, dot.sums[2] = c, dot.sums[3] = d;
  dot.weights = weights;
}

// sums + x.
MOTE_INLINE Int32x4 add_to_all(Int32x4 sums, int32_t x) {
  Int32x4 y;
  __asm__("vadd.i32 %q0, %q1, %2" : "=w"(y) : "w"(sums), "r"(x));
  return y;
}
MOTE_INLINE Int32x4 saturating_shift_all_left(Int32x4 x, int32_t shift) {
  __asm__("vqshl.s32 %q0, %1" : "+w"(x) : "r"(shift));
  return x;
}
// All 128 bits; kBits 1..32.
template <int kBits>
MOTE_INLINE Int32x4 shift_whole_left(Int32x4 x) {
  uint32_t carry = 0;
  __asm__("vshlc %q0, %1, %2" : "+w"(x), "+r"(carry) : "i"(kBits));
  return x;
}
// The lowest byte of each.
MOTE_INLINE void scatter_bytes_4(Int32x4 x, int8_t* to, Int32x4 offsets) {
  __asm__ volatile("vstrb.32 %q0, [%1, %q2]" : : "w"(x), "l"(to), "w"(offsets) : "memory");
}

// Channel by channel the bytes of four rows as words: of `pixels` pixels the first `channels`, at
// most 16. 17 instructions for 64 bytes. Few registers: count and channels share one.
MOTE_INLINE void interleave_rows(const FourRows& from, int32_t channels, int32_t pixels,
                                 int8_t* to) {
  const int8_t *a = from.rows[0], *b = from.rows[1], *c = from.rows[2], *d = from.rows[3];
  int32_t both = pixels * 256 + channels;
  int32_t s, t;
  // clang-format off
  __asm__ volatile(
      "uxtb %[s], %[both]\n"
      "lsr %[both], %[both], #8\n"
      "vctp.8 %[s]\n"
      "1:\n"
      "vpstttt\n"
      "vldrbt.u8 q0, [%[a]]\n"
      "vldrbt.u8 q1, [%[b]]\n"
      "vldrbt.u8 q2, [%[c]]\n"
      "vldrbt.u8 q3, [%[d]]\n"
      "ldrd %[s], %[t], [%[pitches]]\n"
      "add %[a], %[s]\n"
      "add %[b], %[t]\n"
      "ldrd %[s], %[t], [%[pitches], #8]\n"
      "add %[c], %[s]\n"
      "add %[d], %[t]\n"
      "vst40.8 {q0, q1, q2, q3}, [%[to]]\n"
      "vst41.8 {q0, q1, q2, q3}, [%[to]]\n"
      "vst42.8 {q0, q1, q2, q3}, [%[to]]\n"
      "vst43.8 {q0, q1, q2, q3}, [%[to]]!\n"
      "subs %[both], #1\n"
      "bne 1b\n"
      : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [to] "+r"(to), [both] "+r"(both),
        [s] "=&r"(s), [t] "=&r"(t)
      : [pitches] "r"(from.pitches)
      : "q0", "q1", "q2", "q3", "cc", "memory");
  // clang-format on
}

// The sums of the products of a patch, four columns of a word of four rows from `patch` on, and
// each of four sets of weights. 7 instructions for 36 products of kernels of 3 by 3.
MOTE_INLINE Int32x4 patch_dot(const int8_t* patch, Int32x4 columns, Int32x4 w0, Int32x4 w1,
                              Int32x4 w2, Int32x4 w3) {
  Int32x4 x;
  // clang-format off
  __asm__ volatile(
      "vldrw.u32 %q[x], [%[patch], %q[columns]]\n"
      "vmladav.s8 r4, %q[x], %q[w0]\n"
      "vmladav.s8 r6, %q[x], %q[w1]\n"
      "vmladav.s8 r8, %q[x], %q[w2]\n"
      "vmladav.s8 r10, %q[x], %q[w3]\n"
      "vmov %q[x][2], %q[x][0], r4, r8\n"
      "vmov %q[x][3], %q[x][1], r6, r10\n"
      : [x] "=&w"(x)
      : [patch] "r"(patch), [columns] "w"(columns), [w0] "w"(w0), [w1] "w"(w1),
        [w2] "w"(w2), [w3] "w"(w3)
      : "r4", "r6", "r8", "r10", "memory");
  // clang-format on
  return x;
}

// Of `count` pairs; y may be a or b. 9 instructions for four.
MOTE_INLINE void weighted_sums(const WeightedSum& sum, int32_t count, const int8_t* a,
                               const int8_t* b, int8_t* y) {
  // clang-format off
  __asm__ volatile(
      "dlstp.32 lr, %[count]\n"
      "1:\n"
      "vldrb.s32 q0, [%[a]], #4\n"
      "vldrb.s32 q1, [%[b]], #4\n"
      "vmul.i32 q0, q0, %[am]\n"
      "vmla.s32 q0, q1, %[bm]\n"
      "vadd.i32 q0, q0, %[offset]\n"
      "vqshl.s32 q0, %[left]\n"  // to the right below 0
      "vshr.s32 q0, q0, #24\n"
      "vstrb.32 q0, [%[y]], #4\n"
      "letp lr, 1b\n"
      : [a] "+l"(a), [b] "+l"(b), [y] "+l"(y)
      : [count] "r"(count), [am] "r"(sum.a_multiplier), [bm] "r"(sum.b_multiplier),
        [offset] "r"(sum.offset), [left] "r"(24 - sum.shift)
      : "lr", "q0", "q1", "memory");
  // clang-format on
}

#else

MOTE_INLINE Int32x4 multiply_high(Int32x4 a, Int32x4 b) {
  Int32x4 y;
  for (int i = 0; i < 4; ++i) y[i] = (int32_t)(((int64_t)a[i] * b[i]) >> 32);
  return y;
}
MOTE_INLINE Int32x4 saturating_rounding_doubling_high_mul_4(Int32x4 a, Int32x4 b) {
  Int32x4 y;
  for (int i = 0; i < 4; ++i) y[i] = saturating_rounding_doubling_high_mul(a[i], b[i]);
  return y;
}
MOTE_INLINE Int32x4 rounding_shift_right_4(Int32x4 x, Int32x4 shift) {
  Int32x4 y;
  for (int i = 0; i < 4; ++i) {
    const int64_t half = ((int64_t)1 << -shift[i]) >> 1;
    y[i] = (int32_t)((x[i] + half) >> -shift[i]);
  }
  return y;
}
MOTE_INLINE Int32x4 saturating_shift_left_4(Int32x4 x, Int32x4 shift) {
  Int32x4 y;
  for (int i = 0; i < 4; ++i) {
    const int64_t shifted = (int64_t)x[i] * ((int64_t)1 << shift[i]);
    y[i] = (int32_t)clamp<int64_t>(shifted, kInt32Min, kInt32Max);
  }
  return y;
}
MOTE_INLINE void store_bytes_4(Int32x4 x, int8_t* to) {
  for (int i = 0; i < 4; ++i) to[i] = (int8_t)x[i];
}
MOTE_INLINE void copy_vector(const int8_t* from, int8_t* to) { memcpy(to, from, kVector); }

template <int kSteps>
MOTE_INLINE const int32_t* dot_1x4(Runs runs, const int8_t* first, const int32_t* packed,
                                   Int32x4& sums) {
  sums = load_4(packed);
  const int8_t* w = (const int8_t*)(packed + 4);
  for (int32_t r = 0; r < runs.count; ++r, first += kVector * kSteps + runs.gap)
    for (int32_t s = 0; s < kSteps; ++s)
      for (int32_t c = 0; c < 4; ++c, w += kVector)
        for (int32_t i = 0; i < kVector; ++i)
          sums[c] = wrapping_add<int32_t>(sums[c], first[kVector * s + i] * w[i]);
  return (const int32_t*)w;
}
MOTE_INLINE Int32x4 insert_below_highest_byte(Int32x4 kept, Int32x4 inserted) {
  return (Int32x4)(((Uint32x4)kept & 0xFF000000u) | (Uint32x4)inserted >> 8);
}

MOTE_INLINE void channel_dot_16(ChannelDot16& dot, int32_t pairs) {
  for (int32_t t = 0; t < 2 * pairs; ++t, dot.weights += kVector)
    for (int32_t c = 0; c < kVector; ++c) {
      int32_t& sum = reinterpret_cast<int32_t*>(dot.sums)[4 * ((c & 1) * 2 + (c >> 1 & 1)) + c / 4];
      sum = wrapping_add<int32_t>(sum, dot.first[dot.taps[t] + c] * dot.weights[c]);
    }
}

MOTE_INLINE Int32x4 add_to_all(Int32x4 sums, int32_t x) { return add_4(sums, all_4(x)); }
MOTE_INLINE Int32x4 saturating_shift_all_left(Int32x4 x, int32_t shift) {
  return saturating_shift_left_4(x, all_4(shift));
}
template <int kBits>
MOTE_INLINE Int32x4 shift_whole_left(Int32x4 x) {
  Int32x4 y;
  for (int i = 0; i < 4; ++i) {
    const uint64_t two = (uint64_t)(uint32_t)x[i] << 32 | (i > 0 ? (uint32_t)x[i - 1] : 0);
    y[i] = (int32_t)(two >> (32 - kBits));
  }
  return y;
}
MOTE_INLINE void scatter_bytes_4(Int32x4 x, int8_t* to, Int32x4 offsets) {
  for (int i = 0; i < 4; ++i) to[offsets[i]] = (int8_t)x[i];
}

MOTE_INLINE void interleave_rows(const FourRows& from, int32_t channels, int32_t pixels,
                                 int8_t* to) {
  for (int32_t x = 0; x < pixels; ++x, to += kPatchColumn)
    for (int32_t c = 0; c < kVector; ++c)
      for (int32_t r = 0; r < 4; ++r)
        to[4 * c + r] = c < channels ? from.rows[r][x * from.pitches[r] + c] : 0;
}

MOTE_INLINE Int32x4 patch_dot(const int8_t* patch, Int32x4 columns, Int32x4 w0, Int32x4 w1,
                              Int32x4 w2, Int32x4 w3) {
  const Int32x4 weights[4] = {w0, w1, w2, w3};
  Int32x4 sums = all_4(0);
  for (int i = 0; i < 4; ++i) {
    int8_t w[kVector];
    memcpy(w, &weights[i], kVector);
    for (int32_t k = 0; k < kVector; ++k) sums[i] += patch[columns[k / 4] + k % 4] * w[k];
  }
  return sums;
}

MOTE_INLINE void weighted_sums(const WeightedSum& sum, int32_t count, const int8_t* a,
                               const int8_t* b, int8_t* y) {
  for (int32_t i = 0; i < count; ++i) {
    const int32_t total = a[i] * sum.a_multiplier + sum.offset + b[i] * sum.b_multiplier;
    y[i] = (int8_t)clamp<int32_t>(total >> sum.shift, -128, 127);
  }
}

#endif

}  // namespace mote
