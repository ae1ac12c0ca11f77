// SPDX-License-Identifier: Apache-2.0
// Images sampled at computed points: each of the numbers around a point, gathered by a computed
// index, counts by its distance. See rules.h.
#include <algorithm>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

constexpr int64_t kMostPlaces = int64_t(1) << 24;  // float32 counts so far without a gap

struct Sampling {
  std::string mode, padding;
  bool corners = false;
};

ValueId number(OperatorView& op, double n) { return op.scalar(ElementType::f32, n); }

ValueId clamped(OperatorView& op, ValueId x, double low, double high) {
  x = op.add(maximum_op, {x, number(op, low)}, {}, "least");
  return op.add(minimum_op, {x, number(op, high)}, {}, "most");
}

// low + span - | |x - low| mod 2 span - span |: back from each border.
ValueId reflected(OperatorView& op, ValueId x, double low, double high) {
  const double span = high - low;
  if (span <= 0) return clamped(op, x, low, low);
  x = op.unary("abs", op.add(sub_op, {x, number(op, low)}, {}, "beyond"));
  x = op.add(floor_mod_op, {x, number(op, 2 * span)}, {}, "turns");
  x = op.unary("abs", op.add(sub_op, {x, number(op, span)}, {}, "way"));
  return op.add(sub_op, {number(op, low + span), x}, {}, "reflected");
}

// One dimension: the borders between which numbers lie, and the points.
struct Axis {
  double low = 0, high = 0;
  int64_t extent = 0;
  ValueId at = -1;  // [n, points, 1]
};

struct Tap {
  ValueId place = -1;   // a whole number within the image
  ValueId weight = -1;  // -1: 1
};

// The whole number `x` of the axis as a place, weighed 0 beyond the border where that is the rule.
Tap tap_at(OperatorView& op, const Sampling& s, const Axis& axis, ValueId x, ValueId weight) {
  const auto last = double(axis.extent - 1);
  if (s.padding == "reflection") {
    const ValueId inside = reflected(op, x, axis.low, axis.high);
    return {clamped(op, op.unary("round", inside), 0, last), weight};
  }
  const ValueId inside = clamped(op, x, 0, last);
  if (s.padding == "border") return {inside, weight};
  const ValueId there = op.add(equal_op, {x, inside}, {}, "inside");
  return {inside, op.add(where_op, {there, weight < 0 ? number(op, 1) : weight, number(op, 0)}, {},
                         "inside")};
}

// a t^3 + b t^2 + c t + d.
ValueId cubic(OperatorView& op, ValueId t, double a, double b, double c, double d) {
  ValueId y = op.add(mul_op, {t, number(op, a)}, {}, "cubic");
  for (double next : {b, c}) {
    y = op.add(add_op, {y, number(op, next)}, {}, "cubic");
    y = op.add(mul_op, {y, t}, {}, "cubic");
  }
  return op.add(add_op, {y, number(op, d)}, {}, "cubic");
}

// The numbers along one dimension that a point is between.
std::vector<Tap> taps(OperatorView& op, const Sampling& s, const Axis& axis) {
  if (s.mode == "nearest") {
    ValueId x = op.unary("round", axis.at);
    return {tap_at(op, s, axis, x, -1)};
  }
  const ValueId floor = op.unary("floor", axis.at);
  const ValueId t = op.add(sub_op, {axis.at, floor}, {}, "part");
  std::vector<ValueId> weights;
  int64_t first = 0;
  if (s.mode == "linear") {
    weights = {op.add(sub_op, {number(op, 1), t}, {}, "rest"), t};
  } else {  // Keys' cubic with a = -0.75
    first = -1;
    const double a = -0.75;
    weights = {cubic(op, t, a, -2 * a, a, 0), cubic(op, t, a + 2, -(a + 3), 0, 1),
               cubic(op, t, -(a + 2), 2 * a + 3, -a, 0), cubic(op, t, -a, a, 0, 0)};
  }
  std::vector<Tap> all;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double offset = double(first + int64_t(i));
    const ValueId x = offset == 0 ? floor : op.add(add_op, {floor, number(op, offset)}, {}, "next");
    all.push_back(tap_at(op, s, axis, x, weights[i]));
  }
  return all;
}

// -1 .. 1 becomes the image's own numbers; the borders are pixels' centres or their outer edges.
Axis axis_of(OperatorView& op, const Sampling& s, ValueId grid, int64_t component, int64_t extent) {
  Axis axis;
  axis.extent = extent;
  axis.low = s.corners ? 0 : -0.5;
  axis.high = s.corners ? double(extent - 1) : double(extent) - 0.5;
  ValueId x = op.move().slice_axis(grid, 2, component, 1);
  x = op.add(add_op, {x, number(op, 1)}, {}, "moved");
  const double factor = (s.corners ? double(extent - 1) : double(extent)) / 2;
  x = op.add(mul_op, {x, number(op, factor)}, {}, "scaled");
  if (!s.corners) x = op.add(sub_op, {x, number(op, 0.5)}, {}, "centred");
  if (s.mode != "nearest" && s.padding == "border") {
    const ValueId near = clamped(op, x, axis.low, axis.high);
    const ValueId beyond = op.add(not_equal_op, {x, near}, {}, "beyond");
    x = op.add(where_op, {beyond, clamped(op, x, 0, double(extent - 1)), x}, {}, "bounded");
  }
  if (s.mode != "nearest" && s.padding == "reflection") x = reflected(op, x, axis.low, axis.high);
  axis.at = x;
  return axis;
}

// One number around each point: which of [n, places, c], and its share.
ValueId gathered(OperatorView& op, ValueId x, const std::vector<Tap>& chosen, const List& image) {
  ValueId place = -1, weight = -1;
  for (size_t d = 0; d < chosen.size(); ++d) {
    if (place >= 0) place = op.add(mul_op, {place, number(op, double(image[d]))}, {}, "row");
    place = place < 0 ? chosen[d].place : op.add(add_op, {place, chosen[d].place}, {}, "place");
    if (chosen[d].weight < 0) continue;
    weight =
        weight < 0 ? chosen[d].weight : op.add(mul_op, {weight, chosen[d].weight}, {}, "weight");
  }
  const ValueId index = op.cast(place, ElementType::s32);
  const ValueId y = op.add(gather_nd_op, {x, index}, {{"batch_dims", int64_t(1)}}, "gathered");
  return weight < 0 ? y : op.add(mul_op, {y, weight}, {}, "weighed");
}

Sampling sampling(OperatorView& op) {
  Sampling s;
  s.mode = op.text("mode", op.opset() < 20 ? "bilinear" : "linear");
  s.padding = op.text("padding_mode", "zeros");
  s.corners = op.integer("align_corners", 0) != 0;
  if (s.mode == "bilinear") s.mode = "linear";
  if (s.mode == "bicubic") s.mode = "cubic";
  if (s.mode != "linear" && s.mode != "cubic" && s.mode != "nearest")
    op.refuse("wrong-attribute", "mode is \"" + s.mode + "\"");
  if (s.padding != "zeros" && s.padding != "border" && s.padding != "reflection")
    op.refuse("wrong-attribute", "padding_mode is \"" + s.padding + "\"");
  return s;
}

void import_grid_sample(OperatorView& op) {
  const Sampling s = sampling(op);
  Movement move = op.move();
  const List shape = dims(op.shape(op.input(0))), points = dims(op.shape(op.input(1)));
  const auto spatial = int64_t(shape.size()) - 2;
  if (spatial < 1 || spatial > 3 || points.size() != shape.size() || points.back() != spatial ||
      points[0] != shape[0] || !op.is_float(op.input(0)) || !op.is_float(op.input(1)))
    op.refuse("wrong-shape", "its grid does not fit its image, or they are not float32");
  if (s.mode == "cubic" && spatial > 2)
    op.refuse("wrong-attribute", "cubic sampling takes up to two dimensions");
  const List image(shape.begin() + 2, shape.end());
  const int64_t places = op.value(op.input(0)).elements() / shape[0] / shape[1];
  const int64_t count = op.value(op.input(1)).elements() / shape[0] / spatial;
  if (places > kMostPlaces) op.refuse("too-large", "its image is too large");
  const ValueId x =
      move.transpose(move.reshape(op.input(0), {shape[0], shape[1], places}), {0, 2, 1});
  const ValueId grid = move.reshape(op.input(1), {shape[0], count, spatial});
  std::vector<std::vector<Tap>> all;
  size_t combinations = 1;
  for (int64_t d = 0; d < spatial; ++d) {
    all.push_back(taps(op, s, axis_of(op, s, grid, spatial - 1 - d, image[size_t(d)])));
    combinations *= all.back().size();
  }
  ValueId sum = -1;
  for (size_t i = 0; i < combinations; ++i) {
    std::vector<Tap> chosen;
    size_t rest = i;
    for (const auto& list : all) {
      chosen.push_back(list[rest % list.size()]);
      rest /= list.size();
    }
    const ValueId part = gathered(op, x, chosen, image);
    sum = sum < 0 ? part : op.add(add_op, {sum, part}, {}, "sum");
  }
  List result{shape[0], shape[1]};
  result.insert(result.end(), points.begin() + 1, points.end() - 1);
  op.set(move.reshape(move.transpose(sum, {0, 2, 1}), result));
}

constexpr ImportRule kRules[] = {{"GridSample", import_grid_sample, "float32"}};

}  // namespace

std::span<const ImportRule> sample_rules() { return kRules; }

}  // namespace mote::onnx
