// SPDX-License-Identifier: Apache-2.0
// Where the windows of a convolution lie, for kernels that take several places of the output at a
// time. In: the layer, a place. Out: its first tap; whether windows reach over the border.
#pragma once
#include "ops/nn/conv_2d_params.h"

namespace mote {

// The first tap of a place of the output, in the order in which places lie in memory.
struct ConvPlace {
  const int8_t* image;
  int32_t oy, ox;

  MOTE_INLINE int32_t y(const Conv2dParams& p) const { return oy * p.stride_h - p.pad_top; }
  MOTE_INLINE int32_t x(const Conv2dParams& p) const { return ox * p.stride_w - p.pad_left; }
  MOTE_INLINE const int8_t* first(const Conv2dParams& p) const {
    return image + (y(p) * p.input_w + x(p)) * p.input_channels;
  }
  MOTE_INLINE void move(const Conv2dParams& p, int32_t places) {
    for (ox += places; ox >= p.output_w; ox -= p.output_w) {
      if (++oy < p.output_h) continue;
      oy = 0;
      image += p.input_h * p.input_w * p.input_channels;
    }
  }
};

MOTE_INLINE int32_t window_h(const Conv2dParams& p) { return (p.kernel_h - 1) * p.dilation_h + 1; }
MOTE_INLINE int32_t window_w(const Conv2dParams& p) { return (p.kernel_w - 1) * p.dilation_w + 1; }

// Whether no window of the layer reaches over the border.
MOTE_INLINE bool has_no_border(const Conv2dParams& p) {
  return p.pad_top == 0 && p.pad_left == 0 &&
         (p.output_h - 1) * p.stride_h + window_h(p) <= p.input_h &&
         (p.output_w - 1) * p.stride_w + window_w(p) <= p.input_w;
}
// Whether the windows of `places` from this one on lie inside, in one row.
MOTE_INLINE bool are_inside(const Conv2dParams& p, const ConvPlace& place, int32_t places) {
  const int32_t y = place.y(p), x = place.x(p), last_x = x + (places - 1) * p.stride_w;
  return place.ox + places <= p.output_w &&
         (has_no_border(p) ||
          (y >= 0 && y + window_h(p) <= p.input_h && x >= 0 && last_x + window_w(p) <= p.input_w));
}

// Whether the windows of neighbouring places always lie side by side.
MOTE_INLINE bool is_one_row(const Conv2dParams& p) {
  return p.kernel_h == 1 && p.kernel_w == 1 && p.stride_h == 1 && p.stride_w == 1 &&
         p.input_w == p.output_w && has_no_border(p);
}

// Whether the layer has one place, and its window is the image's first numbers, in their order.
MOTE_INLINE bool is_lone_run(const Conv2dParams& p) {
  return p.batches * p.output_h * p.output_w == 1 && has_no_border(p) &&
         (p.kernel_h == 1 || (p.kernel_w == p.input_w && p.dilation_h == 1)) &&
         (p.kernel_w == 1 || p.dilation_w == 1);
}

}  // namespace mote
