// SPDX-License-Identifier: Apache-2.0
// What the pooling layers share: parameters and the part of a window that lies inside
// the input. Activations are NHWC; x [batches, input_h, input_w, channels], y [batches, output_h,
// output_w, channels].
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

// T is what the activation clamps: int32_t (quantised, after the zero point) or float (-FLT_MAX and
// FLT_MAX for none).
template <class T>
struct Pool2dParamsOf {
  int32_t batches;
  int32_t input_h;
  int32_t input_w;
  int32_t channels;
  int32_t output_h;
  int32_t output_w;
  int32_t filter_h;
  int32_t filter_w;
  int32_t stride_h;
  int32_t stride_w;
  int32_t pad_top;
  int32_t pad_left;
  T output_min;
  T output_max;
};
using Pool2dParams = Pool2dParamsOf<int32_t>;
using Pool2dF32Params = Pool2dParamsOf<float>;

template <class T, class Visitor>
void for_each_field(const Pool2dParamsOf<T>& p, Visitor& field) {
  field("batches", p.batches);
  field("input_h", p.input_h);
  field("input_w", p.input_w);
  field("channels", p.channels);
  field("output_h", p.output_h);
  field("output_w", p.output_w);
  field("filter_h", p.filter_h);
  field("filter_w", p.filter_w);
  field("stride_h", p.stride_h);
  field("stride_w", p.stride_w);
  field("pad_top", p.pad_top);
  field("pad_left", p.pad_left);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// Rows y0..y1-1 and columns x0..x1-1 of the input; never empty: padding is smaller than the window.
struct PoolRegion {
  int32_t y0, y1, x0, x1;
};

template <class P>
MOTE_INLINE PoolRegion pool_region(const P& p, int32_t oy, int32_t ox) {
  const int32_t y = oy * p.stride_h - p.pad_top;
  const int32_t x = ox * p.stride_w - p.pad_left;
  return {y < 0 ? 0 : y, y + p.filter_h < p.input_h ? y + p.filter_h : p.input_h, x < 0 ? 0 : x,
          x + p.filter_w < p.input_w ? x + p.filter_w : p.input_w};
}

}  // namespace mote
