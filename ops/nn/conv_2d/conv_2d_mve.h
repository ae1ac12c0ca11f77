// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with vectors, one group: two places of the output at a time meet four rows
// of weights, 16 products an instruction. A window is read in runs of whole vectors: where it lies
// inside the image from there, a run a row of the kernel (what a run reads beyond it meets weights
// of 0), else gathered. Every byte as by conv_2d.h: integer sums do not depend on their order, and
// what lies outside x is its zero point. Arguments as there, but `packed` by vector_layer()
// (ops/nn/vector_layer.h), rows of weights in the same runs; taps: where the bytes of a gathered
// window lie in the image, by which windows inside it are gathered (core/simd_gather.h); work:
// `gathered` windows.
#pragma once
#include "core/simd_gather.h"
#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/gather_window.h"
#include "ops/nn/vector_runs.h"

namespace mote {

struct Conv2dMveParams {
  Conv2dParams layer;
  int32_t steps;  // vectors in a run
  int32_t runs;
  int32_t pitch;     // from one run to the next, in the image or gathered
  int32_t gathered;  // windows at once
  bool from_image;   // whether windows may be read there
  int32_t tap;       // bytes of each of `taps`, 1 or 2; 0: there are none
  int32_t shift;     // of the exact rule
};
template <class Visitor>
void for_each_field(const Conv2dMveParams& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("steps", p.steps);
  field("runs", p.runs);
  field("pitch", p.pitch);
  field("gathered", p.gathered);
  field("from_image", p.from_image);
  field("tap", p.tap);
  field("shift", p.shift);
}

// How many of the places from this one on, in its row, have their windows inside the image.
MOTE_INLINE int32_t places_inside(const Conv2dParams& p, const ConvPlace& place) {
  const int32_t y = place.y(p), x = place.x(p), most = p.input_w - window_w(p) - x;
  if (y < 0 || y + window_h(p) > p.input_h || x < 0 || most < 0) return 0;
  const int32_t inside = most / p.stride_w + 1, left = p.output_w - place.ox;
  return inside < left ? inside : left;
}
// The same of all that is read: runs may reach beyond the last pixel of a window.
MOTE_INLINE int32_t places_to_read(const Conv2dMveParams& m, const ConvPlace& place) {
  const Conv2dParams& p = m.layer;
  const int32_t reach = (m.runs - 1) * m.pitch + m.steps * kVector;
  const int32_t last = (p.input_h * p.input_w * p.input_channels - reach) / p.input_channels;
  const int32_t most = last - place.y(p) * p.input_w - place.x(p);
  if (!m.from_image || most < 0) return 0;
  const int32_t inside = places_inside(p, place), read = most / p.stride_w + 1;
  return inside < read ? inside : read;
}

// The window of a place: rows of the kernel each as a run, or all behind each other, each in whole
// taps.
MOTE_INLINE constexpr int32_t row_step(const Conv2dMveParams& m) {
  const int32_t row = m.layer.kernel_w * m.layer.input_channels;
  return m.from_image ? m.steps * kVector : m.tap == 2 ? row + row % 2 : row;
}
MOTE_INLINE void gather_one(const Conv2dMveParams& m, const ConvPlace& place, int8_t* window) {
  const Conv2dParams& p = m.layer;
  const int32_t step = row_step(m), image_row = p.input_w * p.input_channels;
  const int32_t y = place.y(p), x = place.x(p), depth = p.input_channels;
  if (p.dilation_h != 1 || p.dilation_w != 1) {
    for (int32_t ky = 0; ky < p.kernel_h; ++ky, window += step)
      gather_row(p, place.image, y + ky * p.dilation_h, x, window);
    return;
  }
  const int32_t y0 = y < 0 ? 0 : y, y1 = y + p.kernel_h < p.input_h ? y + p.kernel_h : p.input_h;
  const int32_t x0 = x < 0 ? 0 : x, x1 = x + p.kernel_w < p.input_w ? x + p.kernel_w : p.input_w;
  if (y1 - y0 < p.kernel_h || x1 - x0 < p.kernel_w)
    fill_vectors(p.input_zero_point, m.runs * m.steps, window);
  const int8_t* from = place.image + y0 * image_row + x0 * depth;
  window += (y0 - y) * step + (x0 - x) * depth;
  for (int32_t left = x0 < x1 ? y1 - y0 : 0; left > 0; --left, from += image_row, window += step)
    copy_bytes(from, (x1 - x0) * depth, window);
}

// The windows of `count` places of a row, which lie inside the image.
MOTE_INLINE void gather_inside(const Conv2dMveParams& m, const ConvPlace& place,
                               const uint32_t* taps, int32_t count, int8_t* work) {
  const Conv2dParams& p = m.layer;
  const int32_t step = p.stride_w * p.input_channels, vectors = m.runs * m.steps;
  if (m.tap != 0) {
    const GatheredWindows windows{place.first(p), step, taps, work, count};
    with_steps(
        vectors, [&](auto known) __attribute__((always_inline)) {
          if constexpr (known.count <= kMostGatheredVectors)
            m.tap == 1 ? gather_taps<known.count, 1>(windows)
                       : gather_taps<known.count, 2>(windows);
        });
    return;
  }
  const int32_t row = p.kernel_w * p.input_channels;
  CopyBlocks copy{place.first(p), step, work, vectors * kVector, row, count};
  for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
    copy_blocks(copy);
    copy.from += p.dilation_h * p.input_w * p.input_channels, copy.to += row_step(m);
  }
}

// The windows of `count` places, which moves on.
MOTE_INLINE void gather_windows(const Conv2dMveParams& m, ConvPlace& place, const uint32_t* taps,
                                int32_t count, int8_t* work) {
  const Conv2dParams& p = m.layer;
  const int32_t window = m.runs * m.steps * kVector, row = p.kernel_w * p.input_channels;
  // Images of two bytes at once may still begin at an odd address.
  const bool together = m.tap == 2   ? (uintptr_t)place.image % 2 == 0
                        : m.tap == 1 ? true
                                     : row <= kVector && p.dilation_w == 1;
  for (int32_t n; count > 0; count -= n, work += n * window, place.move(p, n)) {
    const int32_t inside = together ? places_inside(p, place) : 0;
    n = inside < count ? inside : count;
    if (n > 0) {
      gather_inside(m, place, taps, n, work);
    } else {
      n = 1;
      gather_one(m, place, work);
    }
  }
}

// `count` places whose inputs begin at `first`, a step from one to the next.
template <class Rule>
MOTE_INLINE void neighbours(const Conv2dMveParams& m, const Rule& rule, VectorTiles tiles,
                            const int8_t* first, int32_t step, int32_t count) {
  tiles.first = first, tiles.second = first + step;
  tiles.pairs = count / 2, tiles.step = 2 * step;
  with_steps(
      m.steps, [&](auto steps) __attribute__((always_inline)) {
        if (tiles.pairs > 0) outputs_of_pairs<steps.count>(rule, tiles);
        if (count % 2 == 0) return;
        tiles.first += tiles.pairs * tiles.step;
        tiles.output += 2 * tiles.pairs * tiles.channels;
        tiles.pairs = 1;
        outputs_of_places<steps.count>(rule, tiles);
      });
}

template <class Rule>
MOTE_INLINE void conv_2d_s8_mve(const Conv2dMveParams& m, const int8_t* input,
                                const uint32_t* packed, const uint32_t* taps, int8_t* work,
                                int8_t* output) {
  const Conv2dParams& p = m.layer;
  const Rule rule(p, m.shift);
  const int32_t run = m.steps * kVector, window = m.runs * run;
  VectorTiles tiles = tiles_of(m, rule, p.output_channels, packed);
  ConvPlace place{input, 0, 0};
  int32_t count;
  for (int32_t left = p.batches * p.output_h * p.output_w; left > 0; left -= count) {
    tiles.output = output;
    count = places_to_read(m, place);
    if (count > 1 || count == left) {
      if (count < left) count -= count % 2;
      tiles.pitch = m.pitch;
      neighbours(m, rule, tiles, place.first(p), p.stride_w * p.input_channels, count);
      place.move(p, count);
    } else {
      count = left < m.gathered ? left : m.gathered;
      gather_windows(m, place, taps, count, work);
      tiles.pitch = run;
      neighbours(m, rule, tiles, work, window, count);
    }
    output += count * p.output_channels;
  }
}

}  // namespace mote
