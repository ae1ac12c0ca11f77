// SPDX-License-Identifier: Apache-2.0
// What the attributes of convolutions and pools say of their window. Private to this folder.
#pragma once
#include "compiler/import/image_layer.h"
#include "compiler/import/onnx/rules.h"

namespace mote::onnx {

// Strides, dilations, borders and how they are rounded; its kernel is what `kernel_shape` says.
ImageWindow window_of(OperatorView& op);

}  // namespace mote::onnx
