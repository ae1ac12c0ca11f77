// SPDX-License-Identifier: Apache-2.0
// What the host halves of signal operators share: the number formats that features leave in, checks
// of windows. In: a node. Out: value types; a refusal with the node's place where the input does
// not fit.
#pragma once
#include <string>

#include "graph/op_def.h"

namespace mote {

// Features: int32 with 16 fraction bits from int16 samples, float32 from float32.
ValueType features_of(const Value& input, Shape shape);

// Refuses anything but int16 or float32.
void require_samples(const NodeView& node);

struct WindowShape {
  int32_t length = 0;
  int32_t axes = 0;
};
// [length, axes] of the first input; refuses other ranks and more than 65535 samples.
WindowShape window_shape(const NodeView& node);

// Refuses anything but a power of two in [4, 8192].
int32_t require_fft_length(const NodeView& node, int64_t fft_length);

// Attributes that are switches are 0 or 1.
bool flag(const NodeView& node, const std::string& name);

}  // namespace mote
