// SPDX-License-Identifier: Apache-2.0
// In which order of its dimensions a tensor's numbers lie in memory (dim_order), and in which one a
// call sees them. ATen's operators go by the dimensions, wherever the numbers lie; cortex_m's walk
// over memory, their images are [n, h, w, c]. Private to this folder.
#pragma once
#include "compiler/import/executorch/reader.h"

namespace mote::executorch {

// Dimensions from the outermost to the innermost.
using Order = std::vector<int32_t>;

Order in_order(size_t rank);
// Where only dimensions of 1 move, the order of the dimensions.
Order memory_order(const Tensor& tensor);
// Of a constant. Exporters write the numbers of those that are not channels last in the order of
// the dimensions, whatever dim_order says.
Order constant_order(const Tensor& tensor);
// Whether the tensor's numbers lie in memory in this order of its dimensions.
bool lies_in(const Tensor& tensor, const Order& order);
Shape permuted(const Shape& sizes, const Order& order);

// The order in which `call` sees its argument `name` ("out": its output), `tensor`; `output` is the
// call's first. Fails where its kernel would take these tensors' memory for something else.
Order seen_order(const Call& call, const std::string& name, const Tensor& tensor,
                 const Tensor& output);

}  // namespace mote::executorch
