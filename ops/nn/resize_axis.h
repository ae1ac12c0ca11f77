// SPDX-License-Identifier: Apache-2.0
// Host: where a resized tensor looks in its input, along one dimension: the coordinates of TFLM
// (tensorflow/lite/kernels/internal/reference/resize_*.h, in float as there) and of ONNX Resize.
#pragma once
#include "ops/nn/movement.h"

namespace mote {

struct ResizeAxis {
  int32_t in = 1;
  int32_t out = 1;
  float scale = 0;          // out / in as a file gives it; 0: it follows from the sizes
  std::string coordinates;  // see resize_attributes()

  bool changes() const { return in != out || (scale != 0 && scale != 1); }
};

// "size", "coordinates", "scales": what every resize takes.
std::vector<AttributeSpec> resize_attributes();
// One for each dimension; refuses what is no resizing.
std::vector<ResizeAxis> resize_axes(const NodeView& node);
Shape resized_shape(const NodeView& node);

// The place in the input of number x of the output, not limited.
float source_coordinate(const ResizeAxis& axis, int32_t x);

// The one or two dimensions side by side that change, as [outer, height, width, inner].
struct ResizePlane {
  int32_t outer = 1;
  ResizeAxis height, width;
  int32_t inner = 1;
};
ResizePlane resize_plane(const NodeView& node);

}  // namespace mote
