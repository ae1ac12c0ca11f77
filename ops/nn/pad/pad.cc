// SPDX-License-Identifier: Apache-2.0
// Host half of pad: before[d] and after[d] more numbers along each dimension; negative ones cut.
// Any element type. `value` is a real number (0 becomes the zero point), as TFLM's PAD has it
// (tensorflow/lite/micro/kernels/pad.cc). reflect does not repeat the border, symmetric does.
#include "ops/nn/pad/pad.h"

#include <algorithm>
#include <cmath>

#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

// One dimension: what remains of the input, and what lies in front of it.
struct Border {
  int64_t extent;  // of the input
  int64_t before;
  int64_t after;

  int64_t cut() const { return std::max<int64_t>(0, -before); }  // in front
  int64_t kept() const { return extent - cut() - std::max<int64_t>(0, -after); }
  int64_t size() const { return extent + before + after; }
};

std::vector<Border> borders_of(const NodeView& node) {
  const Shape& shape = node.input(0).shape;
  const std::vector<int64_t> before = list_attribute(node, "before", shape.size(), 0);
  const std::vector<int64_t> after = list_attribute(node, "after", shape.size(), 0);
  std::vector<Border> borders;
  for (size_t d = 0; d < shape.size(); ++d) {
    for (int64_t n : {before[d], after[d]})
      if (n < -INT32_MAX || n > INT32_MAX) node.refuse("wrong-attribute", "a border is too wide");
    borders.push_back({shape[d], before[d], after[d]});
    if (borders[d].kept() < 1)
      node.refuse("wrong-attribute",
                  "nothing is left of dimension " + std::to_string(d) + " of the input");
  }
  return borders;
}

bool is_constant_mode(const NodeView& node) {
  const std::string& mode = node.text("mode");
  for (const char* known : {"constant", "reflect", "symmetric", "edge", "wrap"})
    if (mode == known) return mode == "constant";
  node.refuse("wrong-attribute", "mode '" + mode + "' is unknown",
              "use constant, reflect, symmetric, edge or wrap");
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  std::vector<int64_t> dims;
  for (const Border& border : borders_of(node)) dims.push_back(border.size());
  if (is_constant_mode(node)) {
    const double value = node.number("value");
    const ElementType type = node.input(0).type;
    if (type != ElementType::f32 && !std::isfinite(value))
      node.refuse("wrong-attribute", "the value that pads is not finite");
  }
  return moved(node, checked_shape(node, dims));
}

// Place i of the padded dimension, counted from what is kept, back to 0 .. n - 1.
int64_t mirrored(const std::string& mode, int64_t i, int64_t n) {
  if (mode == "edge") return std::clamp<int64_t>(i, 0, n - 1);
  const int64_t period = mode == "wrap"        ? n
                         : mode == "symmetric" ? 2 * n
                                               : std::max<int64_t>(1, 2 * n - 2);
  const int64_t at = ((i % period) + period) % period;
  if (at < n) return at;
  return mode == "symmetric" ? 2 * n - 1 - at : 2 * n - 2 - at;
}

KernelCall lower_mirrored(const NodeView& node) {
  std::vector<std::vector<int32_t>> indices;
  for (const Border& border : borders_of(node)) {
    indices.emplace_back();
    const int64_t before = std::max<int64_t>(0, border.before);
    for (int64_t i = 0; i < border.size(); ++i)
      indices.back().push_back(
          int32_t(border.cut() + mirrored(node.text("mode"), i - before, border.kept())));
  }
  return take_call(node, indices);
}

Kernel kernel_of(ElementType type) {
  switch (element_bytes(type)) {
    case 1:
      return MOTE_KERNEL(pad_1);
    case 2:
      return MOTE_KERNEL(pad_2);
    case 4:
      return MOTE_KERNEL(pad_4);
    default:
      return MOTE_KERNEL(pad_8);
  }
}

KernelCall lower(const NodeView& node) {
  if (!is_constant_mode(node)) return lower_mirrored(node);
  const std::vector<int64_t> in = strides_of(node.input(0).shape);
  const std::vector<int64_t> out = strides_of(node.output().shape);
  const std::vector<Border> borders = borders_of(node);
  PadParams params{};
  params.count = int32_t(node.output().elements());
  params.value = number_bits(node, node.output(), node.number("value"));
  std::vector<Loop> loops;
  for (size_t d = 0; d < in.size(); ++d) {
    loops.push_back({borders[d].kept(), in[d], out[d]});
    params.in_offset += int32_t(in[d] * borders[d].cut());
    params.out_offset += int32_t(out[d] * std::max<int64_t>(0, borders[d].before));
  }
  set_loops(node, loops, params);
  return make_kernel_call("ops/nn/pad/pad.h", kernel_of(node.input(0).type), "PadParams", params)
      .input_bytes(0)
      .output();
}

}  // namespace

const OpDef pad_op{
    .name = "pad",
    .room = "nn",
    .summary = "numbers around a tensor: a constant, or its own mirrored, repeated; any type",
    .attributes = {{"before", {}, "how many in front, a dimension each; negative: cut"},
                   {"after", {}, "how many behind, a dimension each; negative: cut"},
                   {"mode", Attribute(std::string("constant")),
                    "constant, reflect, symmetric, edge, wrap"},
                   {"value", Attribute(0.0), "real number that mode constant pads with"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
