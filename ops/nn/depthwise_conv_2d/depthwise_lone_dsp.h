// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: one place, whose window is the image's
// first pixels in their order, up to kMostLoneTaps of them; as many outputs as input channels, in
// fours. As each weight is used once, it lies in flash as a byte. Every byte as by
// depthwise_conv_2d.h: integer sums do not depend on their order.
//   input: pixels of s8; packed: of each four channels their biases, 256 times; of each two taps
//   the bytes of channels 0 and 1, of both taps, and the word of channels 2 and 3; of a last tap a
//   byte a channel; numbers of ExactOutput (two words of two -negative, then four multipliers) or
//   of FoldedOutput.
// The sums are those of ops/nn/byte_fold.h, 256 times the layer's, and stay in 32 bits as there.
#pragma once
#include "core/simd_dsp.h"
#include "core/simd_lone_taps.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/folded_output.h"

namespace mote {

constexpr int32_t kMostLoneTaps = 2 * kLonePairs + 1;

// The output of channel c of four, from their numbers.
template <class Rule>
MOTE_INLINE int8_t lone_output(const Rule& rule, int32_t sum, const int32_t* numbers, int32_t c) {
  if constexpr (Rule::kHasSigns) {
    const int32_t both = numbers[c / 2];
    const int32_t own[2] = {numbers[2 + c], -(int32_t)(int16_t)(c % 2 == 0 ? both : both >> 16)};
    numbers = own;
    return rule.output(sum, numbers);
  }
  numbers += c * Rule::kNumbers;
  return rule.output(sum, numbers);
}

template <class Rule>
MOTE_SHARED void lone_outputs_plain(const Rule& rule, int32_t taps, const LoneTaps& lone) {
  const int8_t* first = lone.first;
  const uint32_t* packed = lone.packed;
  for (int8_t* output = lone.output; output != lone.end; output += 4, first += 4) {
    const uint32_t* const w = packed + 4;
    const int32_t* const numbers = (const int32_t*)(w + taps / 2 * 2 + taps % 2);
    for (int32_t c = 0; c < 4; ++c) {
      int32_t sum = (int32_t)packed[c];
      for (int32_t t = 0; t < taps; ++t) {
        const bool alone = t + 1 == taps && t % 2 == 0;
        const uint32_t word = w[t / 2 * 2 + (alone ? 0 : c / 2)];
        const auto weight = (int8_t)(word >> (8 * (alone ? c : c % 2 + 2 * (t % 2))));
        sum = wrapping_add<int32_t>(sum, first[t * lone.step + c] * 256 * weight);
      }
      output[c] = lone_output(rule, sum, numbers, c);
    }
    packed = (const uint32_t*)numbers + 4 * Rule::kNumbers - (Rule::kHasSigns ? 2 : 0);
  }
}

template <class Rule>
MOTE_INLINE void depthwise_lone_s8_dsp(const Packed<Conv2dParams>& packed_params,
                                       const int8_t* input, const uint32_t* packed,
                                       int8_t* output) {
  const Conv2dParams& p = packed_params.layer;
  const int32_t taps = p.kernel_h * p.kernel_w;
  LoneTaps lone{};
  lone.skipped = (kLonePairs - taps / 2) * kLonePairBytes;
  lone.back = 2 * (uint32_t)(taps * p.input_channels - 4) + (uint32_t)taps % 2;
  lone.offset = packed_params.offset;
  lone.output = output, lone.end = output + p.input_channels;
  lone.step = p.input_channels, lone.first = input;
  lone.packed = packed;
  if constexpr (kHasLoneTaps && Rule::kFixedShift != 0)
    lone_taps<Rule::kHasSigns, Rule::kFixedShift>(lone);
  else
    lone_outputs_plain(Rule(packed_params), taps, lone);
}

}  // namespace mote
