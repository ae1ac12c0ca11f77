// SPDX-License-Identifier: Apache-2.0
// fully_connected_s8 for cores with DSP instructions and weights of four bits, -8..7, two in a byte
// of flash: a word holds eight of a channel, each plus 8, of which a mask takes two at a time.
// Every byte as by fully_connected.h. Arguments as there, but packed by nibble_layer()
// (ops/nn/compressed_layer.h), four channels at a time; wide: the inputs as words of two halfwords,
// each 256 times, filled up to eights with 0.
// sum of (w + 8) 256 x <= 15 * 2^15 * inputs: below 2^31 for inputs < 4096; what the 8 adds, 8 *
// 256 times the sum of the inputs, is taken off before. Sums are 256 times the layer's, modulo
// 2^32.
#pragma once
#include "core/simd_dsp.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/fully_connected/fully_connected.h"

namespace mote {

MOTE_INLINE constexpr int32_t in_eights(int32_t count) { return (count + 7) / 8 * 8; }

// Returns 256 times the sum of x.
MOTE_SHARED int32_t widen(const int8_t* x, int32_t count, uint32_t* wide) {
  int32_t sum = 0;
  for (int32_t i = 0; i < in_eights(count); i += 2) {
    const int32_t first = i < count ? x[i] : 0, second = i + 1 < count ? x[i + 1] : 0;
    sum += first + second;
    *wide++ = ((uint32_t)(first * 256) & 0xFFFFu) | (uint32_t)(second * 256) << 16;
  }
  return sum * 256;
}

// The sums of four channels, on to `sums`, over words of eight inputs each.
MOTE_SHARED const uint32_t* nibble_sums(const uint32_t* wide, int32_t eights,
                                        const uint32_t* packed, int32_t* sums) {
  constexpr uint32_t kLow = 0x000F000Fu;
  int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
  const auto eight = [](const uint32_t* x, uint32_t w, int32_t sum) {
    sum = smlad(x[0], w & kLow, sum);
    sum = smlad(x[1], w >> 4 & kLow, sum);
    sum = smlad(x[2], w >> 8 & kLow, sum);
    return smlad(x[3], w >> 12 & kLow, sum);
  };
  for (; eights > 0; --eights, wide += 4, packed += 4) {
    const uint32_t x[4] = {wide[0], wide[1], wide[2], wide[3]};
    a = eight(x, packed[0], a);
    b = eight(x, packed[1], b);
    c = eight(x, packed[2], c);
    d = eight(x, packed[3], d);
  }
  sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
  return packed;
}

template <class Rule>
MOTE_INLINE void fully_connected_s8_nibbles(const Packed<FullyConnectedParams>& packed_params,
                                            const int8_t* input, const uint32_t* packed,
                                            uint32_t* wide, int8_t* output) {
  const FullyConnectedParams& p = packed_params.layer;
  const Rule rule(packed_params);
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_size) {
    const uint32_t eight_times = 8 * (uint32_t)widen(input, p.input_size, wide);
    const uint32_t* own = packed;
    for (int32_t left = p.output_size; left > 0; left -= 4) {
      int32_t sums[4];
      for (int32_t& sum : sums) sum = (int32_t)(*own++ - eight_times);
      own = nibble_sums(wide, in_eights(p.input_size) / 8, own, sums);
      const int32_t* numbers = (const int32_t*)own;
      output = four_outputs(rule, sums, left, numbers, output);
      own = (const uint32_t*)numbers;
    }
  }
}

}  // namespace mote
