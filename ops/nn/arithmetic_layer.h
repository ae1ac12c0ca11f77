// SPDX-License-Identifier: Apache-2.0
// Host rules that add, sub, mul, div, minimum, maximum and squared_difference share. In: a node of
// two inputs. Out: the output's type, the kernel with its parameters, the int8 form of a float
// node.
#pragma once
#include "ops/nn/broadcast_layer.h"
#include "ops/nn/common_scale.h"

namespace mote {

struct ArithmeticKernels {
  const char* header;
  Kernel f32;             // PairF32Params
  Kernel s32;             // PairS32Params
  KernelsOfTypes plain;   // PairParams: integers without a scale
  KernelsOfTypes scaled;  // s8, u8, s16
  // The call of a scaled kernel.
  KernelCall (*lower_scaled)(const NodeView& node, const ArithmeticKernels& kernels);
};

// Two inputs of one type, f32 or integers; scaled or not. The output has their type, and the scale
// of the attributes where they have one.
Inference infer_arithmetic(const NodeView& node, const ArithmeticKernels& kernels);
KernelCall lower_arithmetic(const NodeView& node, const ArithmeticKernels& kernels);

// The parameters of sums at a common scale but for multipliers: walk, zero points, clamp.
CommonScaleParams common_scale_params(const NodeView& node, int32_t left_shift);
// The clamp of a fused activation; the type's limits for an operator that fuses none.
void set_output(const NodeView& node, const QuantizedClampRange& range, CommonScaleParams& params);

// lower_scaled of sums and differences: both inputs at twice the larger scale, shifted left. A node
// may give the three ratios itself (ratio_attributes): of a, of b, of the output.
KernelCall lower_at_common_scale(const NodeView& node, const ArithmeticKernels& kernels);

// The int8 form of a float node whose inputs may have any scales; constants get one of their own.
void quantize_pair(Quantizer& quantizer, const NodeView& node);
// The int8 form of one whose inputs and output share a scale: a quantize layer where an input's
// differs.
void quantize_pair_at_one_scale(Quantizer& quantizer, const NodeView& node);

}  // namespace mote
