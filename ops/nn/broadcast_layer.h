// SPDX-License-Identifier: Apache-2.0
// Host rules of operators that read several tensors element by element: types, the broadcast shape,
// the walk over it, tables of kernels by element type. In: a node. Out: what infer and lower need.
#pragma once
#include <array>

#include "ops/activation.h"
#include "ops/nn/broadcast.h"
#include "ops/nn/scale_ratio.h"

namespace mote {

// numpy's rule over inputs 0 .. count - 1. Refuses shapes that do not fit, and empty ones.
Shape broadcast_shape(const NodeView& node, size_t count);

// The loops over the output, outermost first, and how far each input moves along them.
struct BroadcastWalk {
  std::array<int32_t, kBroadcastRank> sizes;
  std::vector<std::array<int32_t, kBroadcastRank>> strides;  // of each input
};
// Refuses walks of more than kBroadcastRank loops.
BroadcastWalk broadcast_walk(const NodeView& node, size_t count);

void copy_walk(const std::array<int32_t, kBroadcastRank>& from, int32_t (&to)[kBroadcastRank]);

// `params` with the walk over inputs 0 and 1.
template <class Params>
Params with_pair_walk(const NodeView& node, Params params) {
  const BroadcastWalk walk = broadcast_walk(node, 2);
  copy_walk(walk.sizes, params.sizes);
  copy_walk(walk.strides[0], params.a_strides);
  copy_walk(walk.strides[1], params.b_strides);
  return params;
}

template <class Params>
KernelCall pair_call(const std::string& header, Kernel kernel, const std::string& params_type,
                     const Params& params) {
  return make_kernel_call(header, kernel, params_type, params).input(0).input(1).output();
}

// Inputs 0 .. count - 1 have one type.
void expect_same_types(const NodeView& node, size_t first, size_t count);

// Whether the numbers stand for others by a scale: an integer with one. Refuses several scales, an
// int16 number with a zero point, and types that have no scaled form.
bool is_scaled(const NodeView& node, size_t input);
// The same of inputs 0 and 1, which must agree.
bool are_scaled(const NodeView& node);
// Inputs `first` and the next have one scale and zero point, or none.
void expect_same_scale(const NodeView& node, size_t first);

// The output's quantisation as the attributes give it, checked for the type of input 0.
Quantization output_quantization(const NodeView& node);
Quantization checked_quantization(const NodeView& node, ElementType type);

// The smallest and largest number of an integer type of at most 32 bits, as kernels clamp to it.
QuantizedClampRange limits_of(ElementType type);

// Kernels in the order of ElementType; where there is none its function is null.
using KernelsOfTypes = std::array<Kernel, kElementTypeCount>;
// The one for the type of input `input`; refuses where there is none.
Kernel kernel_of_type(const NodeView& node, size_t input, const KernelsOfTypes& kernels);

// Templates of one type as a table: f32 s8 u8 s16 s32 s64 u16 u32 boolean.
#define MOTE_INTEGER_KERNELS(f)                                                   \
  MOTE_KERNEL(f<int8_t>), MOTE_KERNEL(f<uint8_t>), MOTE_KERNEL(f<int16_t>),       \
      MOTE_KERNEL(f<int32_t>), MOTE_KERNEL(f<int64_t>), MOTE_KERNEL(f<uint16_t>), \
      MOTE_KERNEL(f<uint32_t>)

}  // namespace mote
