// SPDX-License-Identifier: Apache-2.0
// resize_nearest: each number of the output is the nearest one of the input. Any element type and
// rank -> the shape in attribute `size`. One take. TFLM's RESIZE_NEAREST_NEIGHBOR
// (tensorflow/lite/kernels/internal/reference/resize_nearest_neighbor.h) is asymmetric or
// tf_half_pixel with floor, align_corners with round_prefer_ceil.
#include <algorithm>
#include <cmath>

#include "ops/nn/resize_axis.h"
#include "ops/registry.h"

namespace mote {
namespace {

enum class Nearest { floor, ceil, round_prefer_floor, round_prefer_ceil };

Nearest nearest_of(const NodeView& node) {
  const std::string& word = node.text("nearest");
  if (word == "floor") return Nearest::floor;
  if (word == "ceil") return Nearest::ceil;
  if (word == "round_prefer_floor") return Nearest::round_prefer_floor;
  if (word == "round_prefer_ceil") return Nearest::round_prefer_ceil;
  node.refuse("wrong-attribute", "nearest '" + word + "' is unknown",
              "use floor, ceil, round_prefer_floor or round_prefer_ceil");
}

// In double, where adding a half is exact.
double rounded(Nearest nearest, double place) {
  switch (nearest) {
    case Nearest::floor:
      return std::floor(place);
    case Nearest::ceil:
      return std::ceil(place);
    case Nearest::round_prefer_floor:
      return std::ceil(place - 0.5);
    case Nearest::round_prefer_ceil:
      break;
  }
  return std::floor(place + 0.5);
}

std::vector<int32_t> indices_of(const ResizeAxis& axis, Nearest nearest) {
  std::vector<int32_t> indices;
  for (int32_t x = 0; x < axis.out; ++x) {
    const double place =
        axis.changes() ? rounded(nearest, double(source_coordinate(axis, x))) : double(x);
    indices.push_back(int32_t(std::clamp(place, 0.0, double(axis.in - 1))));
  }
  return indices;
}

Inference infer(const NodeView& node) {
  resize_axes(node);
  nearest_of(node);
  return moved(node, resized_shape(node));
}

KernelCall lower(const NodeView& node) {
  std::vector<std::vector<int32_t>> indices;
  for (const ResizeAxis& axis : resize_axes(node))
    indices.push_back(indices_of(axis, nearest_of(node)));
  return take_call(node, indices);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = resize_attributes();
  all.push_back({"nearest", Attribute(std::string("floor")),
                 "floor, ceil, round_prefer_floor, round_prefer_ceil"});
  return all;
}

}  // namespace

const OpDef resize_nearest_op{
    .name = "resize_nearest",
    .room = "nn",
    .summary = "another size by the nearest number; any type",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
