// SPDX-License-Identifier: Apache-2.0
// Host half of resize_cubic: f32 -> the shape in attribute `size`, of which two dimensions side by
// side may differ. Keys' kernel with coefficient `a`, the rule of ONNX Resize, mode cubic; the
// border is repeated, or with exclude_outside left out.
#include "ops/nn/resize_cubic/resize_cubic.h"

#include <algorithm>
#include <cmath>

#include "ops/nn/resize_axis.h"
#include "ops/registry.h"

namespace mote {
namespace {

double keys(double a, double t) {
  t = std::abs(t);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return 0;
}

struct Taps {
  int32_t places[4];
  double weights[4];
};

Taps taps_of(const NodeView& node, const ResizeAxis& axis, int32_t x) {
  if (!axis.changes()) return {{x, x, x, x}, {0, 1, 0, 0}};
  const auto place = double(source_coordinate(axis, x));
  const double first = std::floor(place) - 1;
  const bool excludes = flag_attribute(node, "exclude_outside");
  Taps taps{};
  double sum = 0;
  for (int32_t k = 0; k < 4; ++k) {
    const double at = first + k;
    taps.places[k] = int32_t(std::clamp(at, 0.0, double(axis.in - 1)));
    taps.weights[k] = keys(node.number("a"), place - at);
    if (excludes && at != taps.places[k]) taps.weights[k] = 0;
    sum += taps.weights[k];
  }
  if (excludes)
    for (double& w : taps.weights) w /= sum;
  return taps;
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  if (node.input(0).type != ElementType::f32)
    node.refuse("wrong-type", "the input is " + std::string(to_string(node.input(0).type)),
                "use f32");
  const double a = node.number("a");
  if (!(a >= -2 && a <= 0)) node.refuse("wrong-attribute", "a must lie in -2 .. 0");
  flag_attribute(node, "exclude_outside");
  resize_plane(node);
  return moved(node, resized_shape(node));
}

KernelCall lower(const NodeView& node) {
  const ResizePlane plane = resize_plane(node);
  const int32_t row = plane.width.in * plane.inner;
  const ResizeCubicParams params{plane.outer, plane.height.in * row, plane.height.out,
                                 plane.width.out, plane.inner};
  std::vector<int32_t> places;
  std::vector<float> weights;
  for (const auto& [axis, stride] : {std::pair(plane.height, row), {plane.width, plane.inner}}) {
    for (int32_t x = 0; x < axis.out; ++x) {
      const Taps taps = taps_of(node, axis, x);
      for (int32_t k = 0; k < 4; ++k) {
        places.push_back(taps.places[k] * stride);
        weights.push_back(float(taps.weights[k]));
      }
    }
  }
  return make_kernel_call("ops/nn/resize_cubic/resize_cubic.h", MOTE_KERNEL(resize_cubic_f32),
                          "ResizeCubicParams", params)
      .input(0)
      .constant("places", ElementType::s32, places)
      .constant("weights", ElementType::f32, weights)
      .output();
}

int64_t macs(const NodeView& node) { return 20 * node.output().elements(); }

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = resize_attributes();
  all.push_back({"a", Attribute(-0.75), "coefficient of the cubic, -2 .. 0"});
  all.push_back({"exclude_outside", Attribute(int64_t{0}),
                 "1: numbers beyond the border have no weight; else the border is repeated"});
  return all;
}

}  // namespace

const OpDef resize_cubic_op{
    .name = "resize_cubic",
    .room = "nn",
    .summary = "another size, cubic between neighbours; f32",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
