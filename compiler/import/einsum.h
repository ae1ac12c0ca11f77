// SPDX-License-Identifier: Apache-2.0
// Einstein's sums of other people's formats ("bij,bjk->bik"), as products of matrices. The notation
// is numpy.einsum's: letters are dimensions, "..." the dimensions that an operand has besides; what
// stands in several operands and not in the result is summed over; without "->" the result is "..."
// and, sorted, the letters that stand once. A letter twice in one operand (a diagonal) is refused.
#pragma once
#include "compiler/import/assembly.h"

namespace mote {

// Operands of f32; the new layers are named after `name`. Fails ("wrong-equation", "wrong-shape",
// "wrong-type") where the equation is none or does not fit the operands.
ValueId einsum(Assembly& assembly, const std::string& name, const std::string& equation,
               const std::vector<ValueId>& operands);

}  // namespace mote
