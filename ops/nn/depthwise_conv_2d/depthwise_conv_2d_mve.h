// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with vectors: as many outputs as input channels, 16 at a time, two
// taps at a time (core/simd_mve.h). A window that lies inside the image is read from there, with up
// to 15 bytes behind it that no output sees; others are gathered first, with the input's zero point
// outside. Every byte as by depthwise_conv_2d.h: integer sums do not depend on their order.
// Arguments as there, but, with taps = kernel_h * kernel_w in pairs, a last odd one with weights of
// 0: packed by ops/nn/packed_layer.h, of each tap 16 channels; inside, gathered [2 * pairs]: where
// the taps lie in the image and in the window; window [taps * channels + 16] bytes.
#pragma once
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/gather_window.h"
#include "ops/nn/vector_output.h"

namespace mote {

// Four times four outputs, in their order. Returns what is behind the numbers.
template <class Rule>
MOTE_INLINE const int32_t* outputs_of_16(const Rule& rule, const Int32x4 (&sums)[4],
                                         const int32_t* numbers, Int32x4& outputs) {
  outputs = insert_below_highest_byte(in_highest_bytes<8, kVector>(rule, sums[2], numbers),
                                      in_highest_bytes<0, kVector>(rule, sums[0], numbers));
  outputs =
      insert_below_highest_byte(in_highest_bytes<4, kVector>(rule, sums[1], numbers), outputs);
  outputs =
      insert_below_highest_byte(in_highest_bytes<12, kVector>(rule, sums[3], numbers), outputs);
  return numbers + Rule::kNumbers * kVector;
}

// One place of the output: all channels of the window that begins at `first`.
template <class Rule>
MOTE_SHARED void depthwise_outputs_16(const Rule& rule, const int8_t* first, const int32_t* taps,
                                      int32_t pairs, int32_t channels, const int32_t* packed,
                                      int8_t* output) {
  const Rule own = rule;
  for (int32_t left = channels; left > 0; left -= kVector, first += kVector, output += kVector) {
    ChannelDot16 dot{first,
                     taps,
                     (const int8_t*)(packed + kVector),
                     {constants_4<0>(packed), constants_4<4>(packed), constants_4<8>(packed),
                      constants_4<12>(packed)}};
    channel_dot_16(dot, pairs);
    Int32x4 outputs;
    packed = outputs_of_16(own, dot.sums, (const int32_t*)dot.weights, outputs);
    store_bytes(outputs, left, output);
  }
}

template <class Rule>
MOTE_INLINE void depthwise_conv_2d_s8_mve(const Packed<Conv2dParams>& m, const int8_t* input,
                                          const uint32_t* packed, const int32_t* inside,
                                          const int32_t* gathered, int8_t* window, int8_t* output) {
  const Conv2dParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t channels = p.input_channels, pairs = (p.kernel_h * p.kernel_w + 1) / 2;
  const int32_t last_y = (p.kernel_h - 1) * p.dilation_h, last_x = (p.kernel_w - 1) * p.dilation_w;
  const int32_t size = p.input_h * p.input_w * channels;
  const int32_t last = (last_y * p.input_w + last_x) * channels;
  const int32_t whole = whole_vectors(channels) * kVector;
  // Read behind a window, by no output seen; all bytes of the work are written, as the plan counts.
  memset(window + p.kernel_h * p.kernel_w * channels, 0, kVector);
  for (int32_t b = 0; b < p.batches; ++b, input += size) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox, output += channels) {
        const int32_t y = oy * p.stride_h - p.pad_top, x = ox * p.stride_w - p.pad_left;
        const int32_t at = (y * p.input_w + x) * channels;
        const bool is_inside_image = y >= 0 && y < p.input_h - last_y && x >= 0 &&
                                     x < p.input_w - last_x && at + last + whole <= size;
        if (!is_inside_image) gather_window(p, input, y, x, window);
        depthwise_outputs_16(rule, is_inside_image ? input + at : window,
                             is_inside_image ? inside : gathered, pairs, channels,
                             (const int32_t*)packed, output);
      }
    }
  }
}

}  // namespace mote
