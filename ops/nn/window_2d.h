// SPDX-License-Identifier: Apache-2.0
// Where the windows of a convolution or pooling layer lie. In: a node with attributes stride_h,
// stride_w, padding ("same" or "valid", TensorFlow's rules) and, for convolutions, dilation_h,
// dilation_w and padding "given" by borders; a kernel size. Out: output size and padding. Inputs
// are NHWC; a 1-D layer has height 1.
#pragma once
#include "graph/op_def.h"

namespace mote {

struct Window2d {
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
  int32_t pad_top, pad_left;  // what lies outside at the bottom and right follows from the sizes
  int32_t output_h, output_w;
};

enum class Dilation : uint8_t { none, attribute };

std::vector<AttributeSpec> window_2d_attributes(Dilation dilation);

// An attribute that must lie in 1..65535.
int32_t extent(const NodeView& node, const std::string& name);

// Refuses an input that is not NHWC and a kernel that does not fit it.
Window2d window_2d(const NodeView& node, int32_t kernel_h, int32_t kernel_w, Dilation dilation);

}  // namespace mote
