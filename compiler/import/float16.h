// SPDX-License-Identifier: Apache-2.0
// float16 and bfloat16 constants of other people's models as float32, exactly. Shared by the
// importers.
#pragma once
#include <span>

#include "graph/graph.h"

namespace mote {

float float16_to_float(uint16_t bits);
// The bytes of little-endian float16 numbers as those of float32.
Bytes floats_of_float16(std::span<const uint8_t> data);
Bytes floats_of_bfloat16(std::span<const uint8_t> data);

}  // namespace mote
