// SPDX-License-Identifier: Apache-2.0
// See window.h.
#include "compiler/import/onnx/window.h"

namespace mote::onnx {

ImageWindow window_of(OperatorView& op) {
  ImageWindow w;
  w.kernel = op.integers("kernel_shape");
  w.stride = op.integers("strides");
  w.dilation = op.integers("dilations");
  const List pads = op.integers("pads");
  if (pads.size() % 2 != 0)
    op.refuse("wrong-attribute", "pads must have two numbers a spatial dimension");
  const auto half = pads.begin() + int64_t(pads.size() / 2);
  const std::string auto_pad = op.text("auto_pad", "NOTSET");
  const bool ceil = op.integer("ceil_mode", 0) != 0;
  if (auto_pad == "NOTSET") {
    w.before.assign(pads.begin(), half);
    w.after.assign(half, pads.end());
    w.ceil = ceil;
  } else if (auto_pad == "SAME_UPPER") {
    w.padding = ImageWindow::Padding::same_upper;
  } else if (auto_pad == "SAME_LOWER") {
    w.padding = ImageWindow::Padding::same_lower;
  } else if (auto_pad != "VALID") {
    op.refuse("wrong-attribute", "auto_pad is \"" + auto_pad + "\"");
  }
  return w;
}

}  // namespace mote::onnx
