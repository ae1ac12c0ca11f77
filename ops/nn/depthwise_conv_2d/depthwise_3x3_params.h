// SPDX-License-Identifier: Apache-2.0
// A depthwise layer of 3x3 windows for kernels that copy a channel to a plane with padding around
// it. In: parameters. Out: the plane's size. Rows and columns may be exchanged.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct Depthwise3x3Params {
  int32_t batches;
  int32_t channels;
  int32_t input_rows;
  int32_t input_columns;
  int32_t input_row_step;  // bytes
  int32_t input_column_step;
  int32_t output_rows;
  int32_t output_columns;
  int32_t output_row_step;
  int32_t output_column_step;
  int32_t stride;    // 1 or 2
  int32_t pad_rows;  // before the first
  int32_t pad_columns;
  int32_t input_zero_point;
  int32_t output_zero_point;
  int32_t output_min;
  int32_t output_max;
  int32_t band;  // rows of outputs for which the plane has room
};
template <class Visitor>
void for_each_field(const Depthwise3x3Params& p, Visitor& field) {
  field("batches", p.batches);
  field("channels", p.channels);
  field("input_rows", p.input_rows);
  field("input_columns", p.input_columns);
  field("input_row_step", p.input_row_step);
  field("input_column_step", p.input_column_step);
  field("output_rows", p.output_rows);
  field("output_columns", p.output_columns);
  field("output_row_step", p.output_row_step);
  field("output_column_step", p.output_column_step);
  field("stride", p.stride);
  field("pad_rows", p.pad_rows);
  field("pad_columns", p.pad_columns);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
  field("band", p.band);
}

// Numbers in a row of the plane: two outputs read whole words.
MOTE_INLINE constexpr int32_t plane_pitch(const Depthwise3x3Params& p) {
  return (p.output_columns + 1) / 2 * 2 * p.stride + 2;
}
MOTE_INLINE constexpr int32_t plane_rows(const Depthwise3x3Params& p, int32_t outputs) {
  return (outputs - 1) * p.stride + 3;
}

}  // namespace mote
