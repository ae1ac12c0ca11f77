// SPDX-License-Identifier: Apache-2.0
// What the rules of cortex_m's operators share. These are ExecuTorch's layers of integers: their
// numbers lie in memory as the rules see them, images as [n, h, w, c], which the reader of .pte
// files sees to. Private to this folder.
#pragma once
#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {

// What is known of the output's scale, at this zero point; scale 1 where the file does not say.
Quantization output_quantization(const CallView& op, int64_t zero_point);

// Fails where the tensor's zero point is another than the call says.
void check_zero_point(const CallView& op, ValueId x, int64_t zero_point);

// `y` with its numbers limited to least .. most, as the calls of layers say it: by an operator of
// its own each, none where the limit is the type's.
ValueId limited(CallView& op, ValueId y, int64_t least, int64_t most);

// A constant of one dimension.
ValueId constant_s32(CallView& op, const std::string& what, const std::vector<int32_t>& numbers);

}  // namespace mote::pytorch
