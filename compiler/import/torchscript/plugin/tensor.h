// SPDX-License-Identifier: Apache-2.0
// libtorch's tensors and their types as ours. Private to this folder.
#pragma once
#include <ATen/ATen.h>

#include "compiler/import/pytorch/program.h"

namespace mote::torchscript {

// False for types that mote has not.
bool element_type(at::ScalarType type, ElementType& out);
at::ScalarType scalar_type(ElementType type);

pytorch::TensorMeta meta_of(const at::Tensor& tensor, ElementType type);

// Half precision, and single numbers of float64, become f32. False for types that mote has not.
bool constant_of(const at::Tensor& tensor, pytorch::Constant& out);

}  // namespace mote::torchscript
