// SPDX-License-Identifier: Apache-2.0
// Other sizes of images. See rules.h.
#include <algorithm>
#include <cmath>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

struct Target {
  List size;
  std::vector<double> scales;  // none: the ratios of the sizes
};

int64_t scaled_extent(OperatorView& op, int64_t extent, double scale) {
  const double size = std::floor(double(extent) * scale);
  if (!(size >= 1) || size > 1e9) op.refuse("wrong-input", "a scale gives no size");
  return int64_t(size);
}

std::vector<double> scales_of(OperatorView& op, size_t i) {
  return op.has_input(i) ? op.floats(i) : std::vector<double>{};
}

// One number each of `axes`.
Target target(OperatorView& op, const Shape& shape, size_t scales_at, const List& axes) {
  Target t{dims(shape), {}};
  if (op.has_input(scales_at + 1)) {
    const List sizes = op.integers(scales_at + 1);
    if (sizes.size() != axes.size()) op.refuse("wrong-shape", "sizes are not one an axis");
    for (size_t i = 0; i < axes.size(); ++i) t.size[size_t(axes[i])] = sizes[i];
    return t;
  }
  const std::vector<double> scales = scales_of(op, scales_at);
  if (scales.size() != axes.size()) op.refuse("wrong-shape", "scales are not one an axis");
  t.scales.assign(shape.size(), 1.0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto d = size_t(axes[i]);
    t.scales[d] = scales[i];
    t.size[d] = scaled_extent(op, shape[d], scales[i]);
  }
  return t;
}

void add_resize(OperatorView& op, const Target& t, const std::string& mode, Attributes attributes) {
  attributes["size"] = t.size;
  if (!t.scales.empty()) attributes["scales"] = t.scales;
  const ValueId x = op.input(0);
  if (mode == "nearest") return op.set(op.add(resize_nearest_op, {x}, attributes));
  attributes.erase("nearest");
  if (mode == "linear") return op.set(op.add(resize_linear_op, {x}, attributes));
  op.refuse("wrong-attribute", "mode is \"" + mode + "\"", "use nearest, linear or cubic");
}

// The ONNX tests measure corners by the size before it is rounded down, onnxruntime and we by the
// size that results: they agree where scales give whole sizes.
void refuse_open_corners(OperatorView& op, const Target& t, const std::string& coordinates) {
  if (coordinates.find("align_corners") == std::string::npos) return;
  const Shape& shape = op.shape(op.input(0));
  for (size_t d = 0; d < t.scales.size(); ++d)
    if (std::abs(t.scales[d] * shape[d] - double(t.size[d])) > 1e-4 * double(t.size[d]))
      op.refuse("wrong-attribute", "align_corners with scales that give no whole size",
                "resize to sizes instead of by scales");
}

void import_resize(OperatorView& op) {
  const ValueId x = op.input(0);
  const bool old = op.opset() < 11;
  const std::string mode = op.text("mode", "nearest");
  const std::string coordinates =
      op.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  if (coordinates == "tf_crop_and_resize" || op.integer("antialias", 0) != 0)
    op.refuse("wrong-attribute", "cropping and antialiasing are not taken");
  if (op.text("keep_aspect_ratio_policy", "stretch") != "stretch")
    op.refuse("wrong-attribute", "only the policy \"stretch\" is taken");
  op.ignore("extrapolation_value");
  List axes(op.shape(x).size());
  for (size_t d = 0; d < axes.size(); ++d) axes[d] = int64_t(d);
  if (op.has("axes")) axes = op.integers("axes");
  for (int64_t& axis : axes) axis = int64_t(op.dimension(axis, op.shape(x).size()));
  const Target t = target(op, op.shape(x), old ? 1 : 2, axes);
  refuse_open_corners(op, t, coordinates);
  const std::string nearest = op.text("nearest_mode", old ? "floor" : "round_prefer_floor");
  const double a = op.number("cubic_coeff_a", -0.75);
  const int64_t exclude = op.integer("exclude_outside", 0);
  if (mode != "cubic")
    return add_resize(op, t, mode, {{"coordinates", coordinates}, {"nearest", nearest}});
  Attributes attributes{
      {"coordinates", coordinates}, {"size", t.size}, {"a", a}, {"exclude_outside", exclude}};
  if (!t.scales.empty()) attributes["scales"] = t.scales;
  op.set(op.add(resize_cubic_op, {x}, attributes));
}

// Opset 7 to 9.
void import_upsample(OperatorView& op) {
  const Shape shape = op.shape(op.input(0));
  const std::vector<double> scales = op.opset() < 9 ? op.numbers("scales") : scales_of(op, 1);
  if (scales.size() != shape.size()) op.refuse("wrong-shape", "scales are not one a dimension");
  Target t{dims(shape), scales};
  for (size_t d = 0; d < shape.size(); ++d) t.size[d] = scaled_extent(op, shape[d], scales[d]);
  add_resize(op, t, op.text("mode", "nearest"),
             {{"coordinates", std::string("asymmetric")}, {"nearest", std::string("floor")}});
}

constexpr ImportRule kRules[] = {{"Resize", import_resize}, {"Upsample", import_upsample}};

}  // namespace

std::span<const ImportRule> resize_rules() { return kRules; }

}  // namespace mote::onnx
