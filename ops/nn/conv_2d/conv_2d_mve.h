// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with vectors, one group: two places of the output at a time meet four rows
// of weights, 16 products an instruction. A window is read in runs of whole vectors: where it lies
// inside the image from there, a run a row of the kernel (what a run reads beyond it meets weights
// of 0), else gathered. Every byte as by conv_2d.h: integer sums do not depend on their order, and
// what lies outside x is its zero point. Arguments as there, but `packed` by vector_layer()
// (ops/nn/packed_layer.h), rows of weights in the same runs; work: two windows.
#pragma once
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/gather_window.h"
#include "ops/nn/vector_runs.h"

namespace mote {

struct Conv2dMveParams {
  Conv2dParams layer;
  int32_t steps;  // vectors in a run
  int32_t runs;
  int32_t pitch;  // from one run to the next in the image; 0: every window is gathered
  int32_t shift;  // of the exact rule
};
template <class Visitor>
void for_each_field(const Conv2dMveParams& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("steps", p.steps);
  field("runs", p.runs);
  field("pitch", p.pitch);
  field("shift", p.shift);
}

// Where in the image a window begins, place by place of the output.
struct WindowCorner {
  int32_t y;
  int32_t x;

  MOTE_INLINE void move_on(const Conv2dParams& p) {
    x += p.stride_w;
    if (x < p.output_w * p.stride_w - p.pad_left) return;
    x = -p.pad_left, y += p.stride_h;
  }
};

// Whether all that is read lies inside the image.
MOTE_INLINE bool is_in_image(const Conv2dMveParams& m, WindowCorner at) {
  const Conv2dParams& p = m.layer;
  const int32_t size = p.input_h * p.input_w * p.input_channels;
  const int32_t reach = (m.runs - 1) * m.pitch + m.steps * kVector;
  const int32_t last_y = (p.kernel_h - 1) * p.dilation_h, last_x = p.kernel_w - 1;
  return m.pitch != 0 && at.y >= 0 && at.y + last_y < p.input_h && at.x >= 0 &&
         at.x + last_x < p.input_w && (at.y * p.input_w + at.x) * p.input_channels + reach <= size;
}

MOTE_INLINE void gather_runs(const Conv2dMveParams& m, const int8_t* image, WindowCorner at,
                             int8_t* window) {
  const Conv2dParams& p = m.layer;
  if (m.pitch == 0) return gather_window(p, image, at.y, at.x, window);
  for (int32_t ky = 0; ky < p.kernel_h; ++ky, window += m.steps * kVector)
    gather_row(p, image, at.y + ky * p.dilation_h, at.x, window);
}

// Two places of the output, or the same twice.
template <class Rule>
MOTE_INLINE void two_windows(const Conv2dMveParams& m, const Rule& rule, const int8_t* image,
                             const WindowCorner (&corners)[2], const uint32_t* packed, int8_t* work,
                             int8_t* output, int8_t* second_output) {
  const Conv2dParams& p = m.layer;
  const int32_t run = m.steps * kVector, window = m.runs * run;
  TwoPlaces at{{m.runs, 0}, work, work + window, output, second_output};
  if (is_in_image(m, corners[0]) && is_in_image(m, corners[1])) {
    at.runs.gap = m.pitch - run;
    at.first = image + (corners[0].y * p.input_w + corners[0].x) * p.input_channels;
    at.second = image + (corners[1].y * p.input_w + corners[1].x) * p.input_channels;
  } else {
    for (int32_t i = 0; i < 2; ++i) gather_runs(m, image, corners[i], work + i * window);
  }
  with_steps(
      m.steps, [&](auto steps) __attribute__((always_inline)) {
        outputs_of_two<steps.count>(rule, at, p.output_channels, (const int32_t*)packed);
      });
}

template <class Rule>
MOTE_INLINE void vector_conv_2d(const Conv2dMveParams& m, const Rule& rule, const int8_t* input,
                                const uint32_t* packed, int8_t* work, int8_t* output) {
  const Conv2dParams& p = m.layer;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    WindowCorner corners[2] = {{-p.pad_top, -p.pad_left}, {-p.pad_top, -p.pad_left}};
    for (int32_t left = p.output_h * p.output_w; left > 0; left -= 2) {
      const int32_t to_second = left > 1 ? p.output_channels : 0;
      if (left > 1) corners[1].move_on(p);
      two_windows(m, rule, input, corners, packed, work, output, output + to_second);
      corners[1].move_on(p);
      corners[0] = corners[1];
      output += p.output_channels + to_second;
    }
  }
}

MOTE_INLINE void conv_2d_s8_mve(const Conv2dMveParams& p, const int8_t* input,
                                const uint32_t* packed, int8_t* work, int8_t* output) {
  const VectorOutput rule{p.layer.output_zero_point, p.layer.output_min, p.layer.output_max};
  vector_conv_2d(p, rule, input, packed, work, output);
}
MOTE_INLINE void conv_2d_s8_mve_exact(const Conv2dMveParams& p, const int8_t* input,
                                      const uint32_t* packed, int8_t* work, int8_t* output) {
  vector_conv_2d(p, ExactVectorOutput{p.shift}, input, packed, work, output);
}

}  // namespace mote
