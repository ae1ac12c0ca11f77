// SPDX-License-Identifier: Apache-2.0
// Host: parameters of gather_elements and scatter_elements, and the reductions of scattering.
#pragma once
#include <optional>

#include "ops/nn/elements.h"
#include "ops/nn/movement.h"

namespace mote {

// Of `data`, input 0, and the indices, input 1; refuses indices that are larger than the data along
// another dimension than `axis`.
ElementsParams elements_params(const NodeView& node);

// Attribute "reduction": none (empty), add, mul, max, min.
std::optional<Reduction> reduction_of(const NodeView& node);
AttributeSpec reduction_attribute();
// Adding and multiplying quantised numbers would need their zero points: refused.
void expect_reducible(const NodeView& node);

}  // namespace mote
