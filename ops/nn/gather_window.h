// SPDX-License-Identifier: Apache-2.0
// The window of a convolution as one run of numbers, for kernels that take it so. In: an image
// [input_h, input_w, input_channels]. Out: [kernel_h, kernel_w, input_channels], the input's zero
// point for what lies outside.
#pragma once
#include <string.h>

#include "ops/nn/conv_2d_params.h"

namespace mote {

// By words: a library's memcpy may go byte by byte.
MOTE_INLINE int8_t* copy_run(const int8_t* from, int32_t count, int8_t* to) {
#pragma GCC unroll 4
  for (int32_t words = count / 4; words > 0; --words, from += 4, to += 4) memcpy(to, from, 4);
#pragma GCC unroll 4
  for (int32_t left = count % 4; left > 0; --left) *to++ = *from++;
  return to;
}
MOTE_INLINE int8_t* fill_run(int32_t value, int32_t count, int8_t* to) {
  const uint32_t word = 0x01010101u * (uint8_t)value;
  for (; count >= 4; count -= 4, to += 4) memcpy(to, &word, 4);
  for (; count > 0; --count) *to++ = (int8_t)value;
  return to;
}

// Row y of the image from x0 on, as far as the kernel reaches. Returns its end.
MOTE_INLINE int8_t* gather_row(const Conv2dParams& p, const int8_t* image, int32_t y, int32_t x0,
                               int8_t* to) {
  const int32_t depth = p.input_channels;
  if (!is_inside(y, p.input_h)) return fill_run(p.input_zero_point, p.kernel_w * depth, to);
  const int8_t* row = image + y * p.input_w * depth;
  if (p.dilation_w == 1 && x0 >= 0 && x0 + p.kernel_w <= p.input_w)
    return copy_run(row + x0 * depth, p.kernel_w * depth, to);
  for (int32_t kx = 0; kx < p.kernel_w; ++kx) {
    const int32_t x = x0 + kx * p.dilation_w;
    to = is_inside(x, p.input_w) ? copy_run(row + x * depth, depth, to)
                                 : fill_run(p.input_zero_point, depth, to);
  }
  return to;
}

// The window whose first tap lies at (y0, x0) of `image`.
MOTE_INLINE void gather_window(const Conv2dParams& p, const int8_t* image, int32_t y0, int32_t x0,
                               int8_t* window) {
  for (int32_t ky = 0; ky < p.kernel_h; ++ky)
    window = gather_row(p, image, y0 + ky * p.dilation_h, x0, window);
}

// An image whose pixels are whole words, and pixels of it side by side.
struct ImageOfWords {
  const int8_t* pixels;
  int32_t height, width, channels;
  int32_t zero_point;
};
struct PatchOfPixels {
  int32_t y, x, rows, columns;
};
MOTE_SHARED void gather_words(const ImageOfWords& image, const PatchOfPixels& patch, int8_t* to) {
  const auto inside = [&patch](int32_t x) { return clamp<int32_t>(x, 0, patch.columns); };
  const int32_t row = image.width * image.channels;
  const int8_t* from = image.pixels + patch.y * row + patch.x * image.channels;
  const int32_t first = inside(-patch.x) * image.channels;
  const int32_t beyond = inside(image.width - patch.x) * image.channels;
  const uint32_t zero = 0x01010101u * (uint8_t)image.zero_point;
  for (int32_t y = patch.y; y < patch.y + patch.rows; ++y, from += row) {
    const int32_t end = is_inside(y, image.height) ? beyond : 0;
    int32_t at = 0;
    for (; at < first; at += 4) memcpy(to + at, &zero, 4);
#pragma GCC unroll 4
    for (; at < end; at += 4) memcpy(to + at, from + at, 4);
    for (; at < patch.columns * image.channels; at += 4) memcpy(to + at, &zero, 4);
    to += patch.columns * image.channels;
  }
}

}  // namespace mote
