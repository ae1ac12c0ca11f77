// SPDX-License-Identifier: Apache-2.0
// Host half of resize_linear: f32 | s8 -> the shape in attribute `size`, of which two dimensions
// side by side may differ. s8 at asymmetric, align_corners and half_pixel without scales follows
// TFLM's fixed point of 10 bits; other coordinates are rounded to it.
#include "ops/nn/resize_linear/resize_linear.h"

#include <algorithm>
#include <cmath>

#include "ops/nn/resize_axis.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

struct Between {
  int32_t lower;
  int32_t upper;
  float weight;
};

Between between(const ResizeAxis& axis, int32_t x) {
  if (!axis.changes()) return {x, x, 0};
  const float place = source_coordinate(axis, x);
  const auto last = float(axis.in - 1);
  const float lower = std::clamp(std::floor(place), 0.0f, last);
  const float upper = std::clamp(std::ceil(place), lower, last);
  return {int32_t(lower), int32_t(upper), lower == upper ? 0 : place - lower};
}

bool is_tflm(const ResizeAxis& axis) {
  return axis.scale == 0 && (axis.coordinates == "asymmetric" || axis.coordinates == "half_pixel" ||
                             axis.coordinates == "align_corners");
}

// In 1/1024, the integer divisions as there.
struct BetweenS8 {
  int32_t lower;
  int32_t upper;
  int32_t weight;
};

BetweenS8 between_s8(const ResizeAxis& axis, int32_t x) {
  if (!is_tflm(axis)) {
    const Between real = between(axis, x);
    return {real.lower, real.upper, int32_t(std::lround(real.weight * 1024))};
  }
  const bool corners = axis.coordinates == "align_corners" && axis.out > 1;
  const int64_t in = axis.in - corners, out = axis.out - corners;
  const int64_t step = (1024 * in + out / 2) / out;
  int64_t place = x * step;
  if (axis.coordinates == "half_pixel") place += step / 2 - 512;
  const int64_t lower = std::clamp<int64_t>(place / 1024, 0, axis.in - 1);
  const int64_t upper = std::clamp<int64_t>((place + 1023) / 1024, lower, axis.in - 1);
  return {int32_t(lower), int32_t(upper), lower == upper ? 0 : int32_t(place - 1024 * lower)};
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  expect_f32_or_s8(node, 0);
  resize_plane(node);
  return moved(node, resized_shape(node));
}

// `entry` of each row, then of each column.
template <class Weight, class Entry>
KernelCall call_of(const NodeView& node, Kernel kernel, ElementType type, Entry entry) {
  const ResizePlane plane = resize_plane(node);
  const int32_t row = plane.width.in * plane.inner;
  const ResizeLinearParams params{plane.outer, plane.height.in * row, plane.height.out,
                                  plane.width.out, plane.inner};
  std::vector<int32_t> places;
  std::vector<Weight> weights;
  for (const auto& [axis, stride] : {std::pair(plane.height, row), {plane.width, plane.inner}}) {
    for (int32_t x = 0; x < axis.out; ++x) {
      const auto found = entry(axis, x);
      places.push_back(found.lower * stride);
      places.push_back(found.upper * stride);
      weights.push_back(found.weight);
    }
  }
  return make_kernel_call("ops/nn/resize_linear/resize_linear.h", kernel, "ResizeLinearParams",
                          params)
      .input(0)
      .constant("places", ElementType::s32, places)
      .constant("weights", type, weights)
      .output();
}

KernelCall lower(const NodeView& node) {
  if (node.input(0).type == ElementType::s8)
    return call_of<int32_t>(node, MOTE_KERNEL(resize_linear_s8), ElementType::s32, between_s8);
  return call_of<float>(node, MOTE_KERNEL(resize_linear_f32), ElementType::f32, between);
}

int64_t macs(const NodeView& node) { return 4 * node.output().elements(); }

}  // namespace

const OpDef resize_linear_op{
    .name = "resize_linear",
    .room = "nn",
    .summary = "another size, linear between neighbours; f32, s8",
    .attributes = resize_attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize_same_scale,
};

}  // namespace mote
