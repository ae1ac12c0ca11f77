// SPDX-License-Identifier: Apache-2.0
// Host: a ratio of scales as multiplier and shift, refused where the kernels' 32 bits would
// overflow; and what inputs that are read together must share.
#pragma once
#include "graph/quantizer.h"

namespace mote {

// `largest` is the largest magnitude that the kernel multiplies: it times 2^shift must stay in 31
// bits.
QuantizedMultiplier scale_ratio(const NodeView& node, double real, int64_t largest);

// "multipliers", "shifts": ratios of scales as a format that stores them gives them (ExecuTorch,
// CMSIS-NN): x becomes multiply_by_quantized_multiplier(x, multiplier, shift), the rule of all s8
// layers. Empty: they follow from the scales. Where they are given, the scales only describe.
std::vector<AttributeSpec> ratio_attributes(const std::string& of_what);
bool has_given_ratios(const NodeView& node);
// One for each of `largest`, the magnitude that it multiplies; 0: one that may wrap. Refuses what
// the kernels' 32 bits cannot take, and layers that are not s8.
std::vector<QuantizedMultiplier> given_ratios(const NodeView& node,
                                              const std::vector<int64_t>& largest);

// The clock of a node that reads all its inputs when the first computed one arrives. Refuses a node
// whose inputs are all constant, and inputs of one stream that come at different times: the older
// one would be taken silently.
Clock joint_clock(const NodeView& node);

// Refuses an input that has not one positive, finite scale.
void expect_one_scale(const NodeView& node, size_t input);

// Refuses element types other than f32 and s8, and an s8 input without a scale.
void expect_f32_or_s8(const NodeView& node, size_t input);

}  // namespace mote
