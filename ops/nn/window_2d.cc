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

Axis place_windows(const NodeView& node, const char* name, int64_t input, int64_t span,
                   int64_t stride) {
  const std::string& padding = node.text("padding");
  if (padding != "same" && padding != "valid")
    node.refuse("wrong-attribute", "padding is '" + padding + "'", "use same or valid");
  if (padding == "valid" && span > input)
    node.refuse("wrong-shape",
                "the kernel spans " + std::to_string(span) + " and the input's " + name + " is " +
                    std::to_string(input),
                "use a smaller kernel or dilation, padding = \"same\", or a larger input");
  if (padding == "valid") return {int32_t((input - span) / stride + 1), 0};
  const int64_t output = (input + stride - 1) / stride;
  const int64_t padded = std::max<int64_t>(0, (output - 1) * stride + span - input);
  return {int32_t(output), int32_t(padded / 2)};
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
  const Axis h =
      place_windows(node, "height", input[1], span_of(kernel_h, w.dilation_h), w.stride_h);
  const Axis v =
      place_windows(node, "width", input[2], span_of(kernel_w, w.dilation_w), w.stride_w);
  w.output_h = h.output;
  w.output_w = v.output;
  w.pad_top = h.pad_before;
  w.pad_left = v.pad_before;
  return w;
}

}  // namespace mote
