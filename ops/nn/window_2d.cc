// SPDX-License-Identifier: Apache-2.0
// Window geometry. See window_2d.h; the rules are TFLite's ComputeOutSize and ComputePadding
// (kernels/padding.h).
#include "ops/nn/window_2d.h"

#include <algorithm>

namespace mote {
namespace {

struct Axis {
  int32_t output;
  int32_t pad_before;
};

// Numbers before and behind the image that "padding" gives; "same" has its own.
struct Borders {
  int64_t before = 0, after = 0;
};
// Of axis 0, height, or 1, width.
Borders borders_of(const NodeView& node, size_t axis, int64_t span) {
  const std::string& padding = node.text("padding");
  const bool takes_borders = node.node().attributes.count("borders") > 0;
  if (padding == "same" || padding == "valid") return {};
  if (padding != "given" || !takes_borders)
    node.refuse("wrong-attribute", "padding is '" + padding + "'",
                takes_borders ? "use same, valid or given" : "use same or valid");
  const std::vector<int64_t>& borders = node.integers("borders");
  if (borders.size() != 4)
    node.refuse("wrong-attribute", "borders must be four numbers: top, bottom, left, right");
  const Borders found{borders[2 * axis], borders[2 * axis + 1]};
  for (int64_t border : {found.before, found.after})
    if (border < 0 || border >= span)
      node.refuse("wrong-attribute",
                  "a border is " + std::to_string(border) + " wide and the kernel spans " +
                      std::to_string(span),
                  "every window must reach the image");
  return found;
}

struct ImageAxis {
  const char* name;
  int64_t input, span, stride;
  Borders borders;
};

Axis place_windows(const NodeView& node, const ImageAxis& axis) {
  const auto& [name, input, span, stride, borders] = axis;
  if (node.text("padding") == "same") {
    const int64_t output = (input + stride - 1) / stride;
    const int64_t padded = std::max<int64_t>(0, (output - 1) * stride + span - input);
    return {int32_t(output), int32_t(padded / 2)};
  }
  const int64_t room = input + borders.before + borders.after - span;
  if (room < 0)
    node.refuse("wrong-shape",
                "the kernel spans " + std::to_string(span) + " and the input's " + name + " is " +
                    std::to_string(input),
                "use a smaller kernel or dilation, padding = \"same\", or a larger input");
  return {int32_t(room / stride + 1), int32_t(borders.before)};
}

int64_t span_of(int64_t kernel, int64_t dilation) { return (kernel - 1) * dilation + 1; }

}  // namespace

std::vector<AttributeSpec> window_2d_attributes(Dilation dilation) {
  std::vector<AttributeSpec> all{{"stride_h", Attribute(int64_t{1}), "rows between windows"},
                                 {"stride_w", Attribute(int64_t{1}), "columns between windows"},
                                 {"padding", Attribute(std::string("valid")), "same or valid"}};
  if (dilation == Dilation::attribute) {
    all.push_back({"dilation_h", Attribute(int64_t{1}), "rows between taps"});
    all.push_back({"dilation_w", Attribute(int64_t{1}), "columns between taps"});
    all.push_back({"borders", Attribute(std::vector<int64_t>{}),
                   "of padding \"given\": rows above and below, columns left and right"});
  }
  return all;
}

int32_t extent(const NodeView& node, const std::string& name) {
  const int64_t value = node.integer(name);
  if (value < 1 || value > 65535)
    node.refuse("wrong-attribute", name + " is " + std::to_string(value), "use 1 to 65535");
  return int32_t(value);
}

Window2d window_2d(const NodeView& node, int32_t kernel_h, int32_t kernel_w, Dilation dilation) {
  const Shape& input = node.input(0).shape;
  if (input.size() != 4 || element_count(input) == 0)
    node.refuse("wrong-shape", "the input must be [batches, height, width, channels]",
                "reshape it; a time series has height 1");
  if (kernel_h < 1 || kernel_w < 1) node.refuse("wrong-shape", "the kernel is empty");
  Window2d w{};
  w.kernel_h = kernel_h;
  w.kernel_w = kernel_w;
  w.stride_h = extent(node, "stride_h");
  w.stride_w = extent(node, "stride_w");
  w.dilation_h = dilation == Dilation::none ? 1 : extent(node, "dilation_h");
  w.dilation_w = dilation == Dilation::none ? 1 : extent(node, "dilation_w");
  const int64_t span_h = span_of(kernel_h, w.dilation_h), span_w = span_of(kernel_w, w.dilation_w);
  const Axis h =
      place_windows(node, {"height", input[1], span_h, w.stride_h, borders_of(node, 0, span_h)});
  const Axis v =
      place_windows(node, {"width", input[2], span_w, w.stride_w, borders_of(node, 1, span_w)});
  w.output_h = h.output;
  w.output_w = v.output;
  w.pad_top = h.pad_before;
  w.pad_left = v.pad_before;
  return w;
}

}  // namespace mote
