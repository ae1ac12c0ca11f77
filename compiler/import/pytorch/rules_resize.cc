// SPDX-License-Identifier: Apache-2.0
// Other sizes of images [n, c, h, w] and sequences [n, c, l]. See rules.h.
#include <cmath>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// The size, and the scales where those are what the source gives: they need not be the ratios of
// the sizes.
struct Target {
  List size;
  std::vector<double> scales;
};

void add_scale(CallView& op, Target& t, size_t d, double scale) {
  if (!(scale > 0) || !std::isfinite(scale)) op.refuse("wrong-argument", "a scale is no size");
  if (t.scales.empty()) t.scales.assign(t.size.size(), 1.0);
  t.scales[d] = scale;
}

Target target(CallView& op, ValueId x) {
  Target t{dims(op.shape(x)), {}};
  const size_t spatial = t.size.size() - 2;
  if (t.size.size() < 3 || t.size.size() > 4)
    op.refuse("wrong-shape", "it takes one or two spatial dimensions behind batch and channels");
  const List sizes = op.integers("output_size");
  std::vector<double> factors = op.numbers("scale_factors");
  if ((sizes.empty() ? factors.size() : sizes.size()) != spatial)
    op.refuse("wrong-argument", "its sizes or scales are not one a spatial dimension");
  for (size_t d = 0; d < spatial; ++d) {
    int64_t& extent = t.size[d + 2];
    if (sizes.empty()) add_scale(op, t, d + 2, factors[d]);
    const double wanted =
        sizes.empty() ? std::floor(double(extent) * factors[d]) : double(sizes[d]);
    if (!(wanted >= 1) || wanted > 32767) op.refuse("wrong-argument", "its size is out of range");
    extent = int64_t(wanted);
  }
  const char* names[] = {"scales_h", "scales_w"};
  for (size_t d = 0; d < spatial && !sizes.empty(); ++d) {
    const char* name = spatial == 1 ? "scales" : names[d];
    if (op.has(name)) add_scale(op, t, d + 2, op.number(name, 1));
  }
  return t;
}

void resize(CallView& op, const OpDef& how, Attributes attributes) {
  const ValueId x = op.tensor(op.has("input") ? "input" : "self");
  const Target t = target(op, x);
  attributes["size"] = t.size;
  if (!t.scales.empty()) attributes["scales"] = t.scales;
  op.set(op.add(how, {x}, attributes));
}

void import_nearest(CallView& op) {
  resize(op, resize_nearest_op,
         {{"coordinates", std::string("asymmetric")}, {"nearest", std::string("floor")}});
}
std::string coordinates(CallView& op) {
  return op.flag("align_corners", false) ? "align_corners" : "half_pixel";
}
void import_linear(CallView& op) {
  resize(op, resize_linear_op, {{"coordinates", coordinates(op)}});
}
void import_cubic(CallView& op) {
  resize(op, resize_cubic_op, {{"coordinates", coordinates(op)}, {"a", -0.75}});
}

constexpr std::string_view kVector = "input output_size scale_factors";
constexpr std::string_view kVectorCorners = "input output_size align_corners scale_factors";
constexpr std::string_view kCorners = "self output_size align_corners scales_h scales_w";

constexpr ImportRule kRules[] = {
    {"aten.upsample_bicubic2d.default", kCorners, import_cubic},
    {"aten.upsample_bicubic2d.vec", kVectorCorners, import_cubic},
    {"aten.upsample_bilinear2d.default", kCorners, import_linear},
    {"aten.upsample_bilinear2d.vec", kVectorCorners, import_linear},
    {"aten.upsample_linear1d.default", "self output_size align_corners scales", import_linear},
    {"aten.upsample_linear1d.vec", kVectorCorners, import_linear},
    {"aten.upsample_nearest1d.default", "self output_size scales", import_nearest},
    {"aten.upsample_nearest1d.vec", kVector, import_nearest},
    {"aten.upsample_nearest2d.default", "self output_size scales_h scales_w", import_nearest},
    {"aten.upsample_nearest2d.vec", kVector, import_nearest},
};

}  // namespace

std::span<const ImportRule> resize_rules() { return kRules; }

}  // namespace mote::pytorch
