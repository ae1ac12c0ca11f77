// SPDX-License-Identifier: Apache-2.0
// Windows that move over the spatial dimensions of an image: what the attributes of convolutions
// and pools say, checked. In: a node. Out: numbers a dimension. Private to this folder.
#pragma once
#include "compiler/import/onnx/rules.h"

namespace mote::onnx {

// A number for each spatial dimension.
struct Window {
  List kernel, stride, dilation;
  List before, after;  // numbers around the image
  List counted;        // of those behind, the ones that the file names
  List out;
  bool same = true;  // the borders are those of our padding "same"

  size_t rank() const { return kernel.size(); }
  bool dilated() const;
  bool borders() const;
};

// `image`: the spatial extents.
Window window_of(OperatorView& op, const List& image, const List& kernel);
// One dimension as an image of one row.
Window with_row(Window window);
// Extents and strides of a window's reach: (kernel - 1) dilation + 1.
int64_t reach(const Window& window, size_t d);

// A number a spatial dimension from an attribute, or `otherwise`; within 0 .. 32767.
List window_list(OperatorView& op, const std::string& name, size_t spatial, int64_t otherwise);
// 1 to 3; refuses others.
size_t spatial_rank(OperatorView& op, ValueId x);

// [n, c, spatial...] with channels last and back; one dimension as an image of one row.
ValueId to_channels_last(OperatorView& op, ValueId x, size_t spatial);
ValueId to_channels_first(OperatorView& op, ValueId y, size_t spatial);
// Channels last: the borders filled with `number`.
ValueId padded(OperatorView& op, ValueId x, const Window& window, double number);
// Of our layers over two dimensions.
Attributes strides(const Window& window, bool same);

}  // namespace mote::onnx
