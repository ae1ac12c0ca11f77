// SPDX-License-Identifier: Apache-2.0
// Convolutions over one to three dimensions as layers over two. Private to this folder.
#pragma once
#include "compiler/import/onnx/window.h"

namespace mote::onnx {

struct Convolution {
  ValueId weights = -1;  // [m, c / groups, kernel...], constant
  ValueId bias = -1;     // [m] or -1
  int64_t groups = 1;
};

// The kernel's extents; refuses weights that do not fit x [n, c, spatial...].
List kernel_of(OperatorView& op, ValueId x, const Convolution& c);
// x and the result with channels first.
ValueId convolve(OperatorView& op, ValueId x, const Convolution& c, const Window& window);

}  // namespace mote::onnx
