// SPDX-License-Identifier: Apache-2.0
// See resize_axis.h.
#include "ops/nn/resize_axis.h"

#include <algorithm>
#include <cmath>

namespace mote {
namespace {

constexpr const char* kCoordinates[] = {"asymmetric",
                                        "align_corners",
                                        "half_pixel",
                                        "pytorch_half_pixel",
                                        "half_pixel_symmetric",
                                        "tf_half_pixel",
                                        "tf_half_pixel_align_corners"};

void check_coordinates(const NodeView& node) {
  const std::string& word = node.text("coordinates");
  if (std::find(std::begin(kCoordinates), std::end(kCoordinates), word) == std::end(kCoordinates))
    node.refuse("wrong-attribute", "coordinates '" + word + "' are unknown",
                "use asymmetric, align_corners, half_pixel, pytorch_half_pixel, "
                "half_pixel_symmetric, tf_half_pixel or tf_half_pixel_align_corners");
}

// `distance` in the output, in the input.
float shrunk(const ResizeAxis& axis, float distance) {
  if (axis.scale != 0) return distance / axis.scale;
  return distance * (float(axis.in) / float(axis.out));
}

float between_corners(const ResizeAxis& axis, float x) {
  if (axis.out == 1) return axis.scale != 0 ? 0.0f : shrunk(axis, x);
  if (axis.scale != 0) return x * float(axis.in - 1) / float(axis.out - 1);
  return x * (float(axis.in - 1) / float(axis.out - 1));
}

float half_pixel(const ResizeAxis& axis, float x) { return shrunk(axis, x + 0.5f) - 0.5f; }

float half_pixel_symmetric(const ResizeAxis& axis, float x) {
  const float scale = axis.scale != 0 ? axis.scale : float(axis.out) / float(axis.in);
  const float adjustment = float(axis.out) / (scale * float(axis.in));
  return float(axis.in) / 2 * (1 - adjustment) + half_pixel(axis, x);
}

}  // namespace

std::vector<AttributeSpec> resize_attributes() {
  return {{"size", {}, "the output's shape"},
          {"coordinates", Attribute(std::string("asymmetric")),
           "asymmetric, align_corners, half_pixel, pytorch_half_pixel, half_pixel_symmetric, "
           "tf_half_pixel, tf_half_pixel_align_corners"},
          {"scales", Attribute(std::vector<double>{}),
           "output / input, a dimension each, where they are not the ratios of the sizes"}};
}

std::vector<ResizeAxis> resize_axes(const NodeView& node) {
  check_coordinates(node);
  const Shape& in = node.input(0).shape;
  const Shape out = resized_shape(node);
  const std::vector<double>& scales = node.numbers("scales");
  if (!scales.empty() && scales.size() != in.size())
    node.refuse("wrong-attribute", "scales must have a number for each dimension");
  std::vector<ResizeAxis> axes;
  for (size_t d = 0; d < in.size(); ++d) {
    const double scale = scales.empty() ? 0 : scales[d];
    if (!scales.empty() && !(scale > 1e-6 && scale < 1e6))
      node.refuse("wrong-attribute", "a scale must lie in 1e-6 .. 1e6");
    axes.push_back({in[d], out[d], float(scale), node.text("coordinates")});
  }
  return axes;
}

Shape resized_shape(const NodeView& node) {
  expect_movable(node, 0);
  return checked_shape(node, list_attribute(node, "size", node.input(0).shape.size(), 1));
}

float source_coordinate(const ResizeAxis& axis, int32_t x) {
  const auto at = float(x);
  if (axis.coordinates == "asymmetric") return shrunk(axis, at);
  if (axis.coordinates == "align_corners") return between_corners(axis, at);
  if (axis.coordinates == "tf_half_pixel") return shrunk(axis, at + 0.5f);
  if (axis.coordinates == "tf_half_pixel_align_corners") return between_corners(axis, at + 0.5f);
  if (axis.coordinates == "half_pixel_symmetric") return half_pixel_symmetric(axis, at);
  if (axis.coordinates == "pytorch_half_pixel" && axis.out == 1) return 0;
  return half_pixel(axis, at);
}

ResizePlane resize_plane(const NodeView& node) {
  const std::vector<ResizeAxis> axes = resize_axes(node);
  size_t first = axes.size(), last = 0;
  for (size_t d = 0; d < axes.size(); ++d)
    if (axes[d].changes()) first = std::min(first, d), last = d;
  ResizePlane plane;
  if (first == axes.size()) first = last = 0;
  if (last > first + 1)
    node.refuse("wrong-shape", "only two dimensions side by side can be resized at once",
                "resize in two steps");
  const Shape& shape = node.input(0).shape;
  if (axes.empty()) return plane;
  plane.outer = product(shape, 0, first);
  plane.inner = product(shape, last + 1, shape.size());
  if (last > first) plane.height = axes[first];
  plane.width = axes[last];
  if (last == first) plane.height.coordinates = plane.width.coordinates;
  return plane;
}

}  // namespace mote
