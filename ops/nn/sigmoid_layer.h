// SPDX-License-Identifier: Apache-2.0
// Host rules that logistic and tanh share: an s8 function by fixed-point arithmetic on Q4.27, made
// into a table; an s16 function by interpolation in a table (sigmoid_s16.h).
#pragma once
#include "graph/op_def.h"

namespace mote {

struct SigmoidRule {
  const char* header;
  int32_t (*function)(int32_t q4_27);  // -> Q0.31
  int32_t output_bits;                 // output scale = 2^-output_bits
  int32_t output_zero_point;
  Kernel f32;
  Kernel s16;
  int32_t largest_s16_shift;  // of an input scale of 2^(shift - 12) that needs no multiplier
};

// The table of sigmoid_s16.h.
std::vector<uint16_t> logistic_table();

Inference infer_sigmoid(const NodeView& node, const SigmoidRule& rule);
KernelCall lower_sigmoid(const NodeView& node, const SigmoidRule& rule);

}  // namespace mote
