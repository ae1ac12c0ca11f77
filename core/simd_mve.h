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

struct CopyBlocks {
  const int8_t* from;
  int32_t from_step;
  int8_t* to;
  int32_t to_step;
  int32_t bytes;
  int32_t count;
};

// How the inputs of a sum lie: `count` runs of 16 * kSteps bytes, from the end of one to the next
// `gap`, which may be negative.
struct Runs {
  int32_t count;
  int32_t gap;
};

// A row of so many vectors, and as many of each of eight rows of weights, of each in turn.
struct Dot8 {
  int32_t vectors;
  const int8_t* row;
  const int32_t* weights;
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

// clamp((a * a_multiplier + b * b_multiplier + offset) >> shift, -128, 127) in 32 bits; shift
// 0..30.
struct WeightedSum {
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t offset;
  int32_t shift;
};

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

// floor(2 * a * b / 2^32), where that is one of 32 bits.
MOTE_INLINE Int32x4 doubling_high_mul_4(Int32x4 a, Int32x4 b) {
  Int32x4 y;
  __asm__("vqdmulh.s32 %q0, %q1, %q2" : "=w"(y) : "w"(a), "w"(b));
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
// Constants so many words behind `from`: gcc 12 keeps an address of its own for each.
template <int32_t kWords>
MOTE_INLINE Int32x4 constants_4(const int32_t* from) {
  Int32x4 y;
  __asm__("vldrw.u32 %q0, [%1, %2]" : "=w"(y) : "r"(from), "i"(4 * kWords));
  return y;
}
// The lowest byte of each.
MOTE_INLINE void store_bytes_4(Int32x4 x, int8_t* to) {
  __asm__ volatile("vstrb.32 %q0, [%1]" : : "w"(x), "l"(to) : "memory");
}

// The first `count` of 16 bytes.
MOTE_INLINE void store_bytes(Int32x4 x, int32_t count, int8_t* to) {
  __asm__ volatile(
      "vctp.8 %2\n"
      "vpst\n"
      "vstrbt.8 %q0, [%1]"
      :
      : "w"(x), "r"(to), "r"(count)
      : "memory");
}

MOTE_INLINE void copy_bytes(const int8_t* from, int32_t count, int8_t* to) {
  __asm__ volatile(
      "wlstp.8 lr, %[count], 2f\n"
      "1:\n"
      "vldrb.u8 q0, [%[from]], #16\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [count] "r"(count)
      : "lr", "q0", "memory");
}
// Blocks of up to 16 bytes, at least one.
MOTE_INLINE void copy_blocks(const CopyBlocks& copy) {
  const int8_t* from = copy.from;
  int8_t* to = copy.to;
  __asm__ volatile(
      "vctp.8 %[bytes]\n"
      "dls lr, %[count]\n"
      "1:\n"
      "vpstt\n"
      "vldrbt.u8 q0, [%[from]]\n"
      "vstrbt.8 q0, [%[to]]\n"
      "add %[from], %[from_step]\n"
      "add %[to], %[to_step]\n"
      "le lr, 1b\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [bytes] "r"(copy.bytes), [count] "r"(copy.count), [from_step] "r"(copy.from_step),
        [to_step] "r"(copy.to_step)
      : "lr", "q0", "memory");
}
// At least one.
MOTE_INLINE void fill_vectors(int32_t value, int32_t vectors, int8_t* to) {
  __asm__ volatile(
      "vdup.8 q0, %[value]\n"
      "dls lr, %[vectors]\n"
      "1:\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "le lr, 1b\n"
      : [to] "+r"(to)
      : [value] "r"(value), [vectors] "r"(vectors)
      : "lr", "q0", "memory");
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

// sums + the products of the row and eight rows of weights. Returns what is behind these.
MOTE_INLINE const int32_t* dot_1x8(Dot8 dot, Int32x4 (&sums)[2]) {
  int32_t* const sum = reinterpret_cast<int32_t*>(sums);
  for (; dot.vectors > 0; --dot.vectors, dot.row += kVector)
    for (int32_t k = 0; k < 8; ++k, dot.weights += 4)
      __asm__(
          "vldrb.u8 q0, [%[x]]\n"
          "vldrw.u32 q1, [%[w]]\n"
          "vmladava.s8 %[sum], q0, q1\n"
          : [sum] "+Te"(sum[k])
          : [x] "r"(dot.row), [w] "r"(dot.weights)
          : "q0", "q1", "memory");
  return dot.weights;
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

// sums [16] += the 16 numbers from each of some pixels on, at least one.
MOTE_INLINE void add_pixels_16(const int8_t* first, int32_t pitch, int32_t pixels, int16_t* sums) {
  __asm__ volatile(
      "vldrw.u32 q2, [%[sums]]\n"
      "vldrw.u32 q3, [%[sums], #16]\n"
      "dls lr, %[pixels]\n"
      "1:\n"
      "vldrb.s16 q0, [%[first]]\n"
      "vldrb.s16 q1, [%[first], #8]\n"
      "vadd.i16 q2, q2, q0\n"
      "vadd.i16 q3, q3, q1\n"
      "add %[first], %[pitch]\n"
      "le lr, 1b\n"
      "vstrw.32 q2, [%[sums]]\n"
      "vstrw.32 q3, [%[sums], #16]\n"
      : [first] "+l"(first)
      : [pixels] "r"(pixels), [pitch] "r"(pitch), [sums] "r"(sums)
      : "lr", "q0", "q1", "q2", "q3", "memory");
}

// Of `count` pairs; y may be a or b. 8 instructions for four.
MOTE_INLINE void weighted_sums(const WeightedSum& sum, int32_t count, const int8_t* a,
                               const int8_t* b, int8_t* y) {
  // clang-format off
  __asm__ volatile(
      "vdup.32 q2, %[am]\n"
      "dlstp.32 lr, %[count]\n"
      "1:\n"
      "vldrb.s32 q0, [%[a]], #4\n"
      "vldrb.s32 q1, [%[b]], #4\n"
      "vmlas.s32 q0, q2, %[offset]\n"
      "vmla.s32 q0, q1, %[bm]\n"
      "vqshl.s32 q0, %[left]\n"  // to the right below 0
      "vshr.s32 q0, q0, #24\n"
      "vstrb.32 q0, [%[y]], #4\n"
      "letp lr, 1b\n"
      : [a] "+l"(a), [b] "+l"(b), [y] "+l"(y)
      : [count] "r"(count), [am] "r"(sum.a_multiplier), [bm] "r"(sum.b_multiplier),
        [offset] "r"(sum.offset), [left] "r"(24 - sum.shift)
      : "lr", "q0", "q1", "q2", "memory");
  // clang-format on
}

#else

MOTE_INLINE Int32x4 doubling_high_mul_4(Int32x4 a, Int32x4 b) {
  Int32x4 y;
  for (int i = 0; i < 4; ++i) y[i] = (int32_t)(((int64_t)a[i] * b[i]) >> 31);
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
template <int32_t kWords>
MOTE_INLINE Int32x4 constants_4(const int32_t* from) {
  return load_4(from + kWords);
}
MOTE_INLINE void store_bytes_4(Int32x4 x, int8_t* to) {
  for (int i = 0; i < 4; ++i) to[i] = (int8_t)x[i];
}
MOTE_INLINE void store_bytes(Int32x4 x, int32_t count, int8_t* to) {
  memcpy(to, &x, (size_t)(count < kVector ? count : kVector));
}
MOTE_INLINE void copy_bytes(const int8_t* from, int32_t count, int8_t* to) {
  memcpy(to, from, (size_t)count);
}
MOTE_INLINE void copy_blocks(const CopyBlocks& copy) {
  for (int32_t i = 0; i < copy.count; ++i)
    memcpy(copy.to + i * copy.to_step, copy.from + i * copy.from_step, (size_t)copy.bytes);
}
MOTE_INLINE void fill_vectors(int32_t value, int32_t vectors, int8_t* to) {
  memset(to, value, (size_t)(vectors * kVector));
}

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
MOTE_INLINE const int32_t* dot_1x8(Dot8 dot, Int32x4 (&sums)[2]) {
  int32_t* const sum = reinterpret_cast<int32_t*>(sums);
  const int8_t* w = (const int8_t*)dot.weights;
  for (; dot.vectors > 0; --dot.vectors, dot.row += kVector)
    for (int32_t k = 0; k < 8; ++k, w += kVector)
      for (int32_t i = 0; i < kVector; ++i)
        sum[k] = wrapping_add<int32_t>(sum[k], dot.row[i] * w[i]);
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

MOTE_INLINE void add_pixels_16(const int8_t* first, int32_t pitch, int32_t pixels, int16_t* sums) {
  for (int32_t x = 0; x < pixels; ++x)
    for (int32_t c = 0; c < kVector; ++c) sums[c] = (int16_t)(sums[c] + first[x * pitch + c]);
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
