// SPDX-License-Identifier: Apache-2.0
// Parameters of quantised mul and div: zero points, and the multiplier that brings the product or
// quotient of two numbers to the output's scale.
#pragma once
#include "ops/nn/broadcast.h"

namespace mote {

struct ScaledProductParams {
  int32_t sizes[kBroadcastRank];
  int32_t a_strides[kBroadcastRank];
  int32_t b_strides[kBroadcastRank];
  int32_t a_zero_point;
  int32_t b_zero_point;
  int32_t output_zero_point;
  int32_t output_multiplier;
  int32_t output_shift;
  int32_t output_min;  // activation clamp, quantised, after the zero point
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const ScaledProductParams& p, Visitor& field) {
  for_each_walk_field(p, field);
  field("a_zero_point", p.a_zero_point);
  field("b_zero_point", p.b_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("output_multiplier", p.output_multiplier);
  field("output_shift", p.output_shift);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

}  // namespace mote
