// SPDX-License-Identifier: Apache-2.0
// The parameters that conv_2d, depthwise_conv_2d and transpose_conv share. Activations are NHWC.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

struct Conv2dParams {
  int32_t batches;
  int32_t input_h;
  int32_t input_w;
  int32_t input_channels;
  int32_t output_h;
  int32_t output_w;
  int32_t output_channels;
  int32_t groups;  // depthwise: as many as input channels
  int32_t kernel_h;
  int32_t kernel_w;
  int32_t stride_h;
  int32_t stride_w;
  int32_t dilation_h;
  int32_t dilation_w;
  int32_t pad_top;
  int32_t pad_left;
  int32_t input_zero_point;   // -128..127; 0 for s16
  int32_t output_zero_point;  // -128..127; 0 for s16
  int32_t output_min;         // activation clamp, quantised, after the zero point
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const Conv2dParams& p, Visitor& field) {
  field("batches", p.batches);
  field("input_h", p.input_h);
  field("input_w", p.input_w);
  field("input_channels", p.input_channels);
  field("output_h", p.output_h);
  field("output_w", p.output_w);
  field("output_channels", p.output_channels);
  field("groups", p.groups);
  field("kernel_h", p.kernel_h);
  field("kernel_w", p.kernel_w);
  field("stride_h", p.stride_h);
  field("stride_w", p.stride_w);
  field("dilation_h", p.dilation_h);
  field("dilation_w", p.dilation_w);
  field("pad_top", p.pad_top);
  field("pad_left", p.pad_left);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

struct Conv2dF32Params {
  int32_t batches;
  int32_t input_h;
  int32_t input_w;
  int32_t input_channels;
  int32_t output_h;
  int32_t output_w;
  int32_t output_channels;
  int32_t groups;  // depthwise: as many as input channels
  int32_t kernel_h;
  int32_t kernel_w;
  int32_t stride_h;
  int32_t stride_w;
  int32_t dilation_h;
  int32_t dilation_w;
  int32_t pad_top;
  int32_t pad_left;
  float output_min;  // activation clamp; -FLT_MAX / FLT_MAX for none
  float output_max;
};
template <class Visitor>
void for_each_field(const Conv2dF32Params& p, Visitor& field) {
  field("batches", p.batches);
  field("input_h", p.input_h);
  field("input_w", p.input_w);
  field("input_channels", p.input_channels);
  field("output_h", p.output_h);
  field("output_w", p.output_w);
  field("output_channels", p.output_channels);
  field("groups", p.groups);
  field("kernel_h", p.kernel_h);
  field("kernel_w", p.kernel_w);
  field("stride_h", p.stride_h);
  field("stride_w", p.stride_w);
  field("dilation_h", p.dilation_h);
  field("dilation_w", p.dilation_w);
  field("pad_top", p.pad_top);
  field("pad_left", p.pad_left);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// 0 <= i < size, in one comparison.
MOTE_INLINE bool is_inside(int32_t i, int32_t size) { return (uint32_t)i < (uint32_t)size; }

}  // namespace mote
