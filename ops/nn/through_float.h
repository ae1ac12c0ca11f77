// SPDX-License-Identifier: Apache-2.0
// Quantisation rule of operators that have no integer form: in an int8 network they compute in
// float, "NAME/real", between dequantize nodes "NAME/input0" ... and a quantize node of the old
// name.
#pragma once
#include "graph/quantizer.h"

namespace mote {

void quantize_through_float(Quantizer& quantizer, const NodeView& node, const OpDef& op);

}  // namespace mote
