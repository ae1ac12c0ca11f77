// SPDX-License-Identifier: Apache-2.0
// The constants of a .tflite file as constants of our graph: float16 becomes float32, int4 becomes
// int8 with the same numbers, sparse tensors become dense. Every change is exact. Private to this
// folder.
#pragma once
#include "compiler/import/assembly.h"
#include "compiler/import/tflite/reader.h"

namespace mote::tflite {

// Fails at `place` for types that have no place on a microcontroller.
ValueId import_constant(Assembly& assembly, const Tensor& tensor, const std::string& place);

// A quantised constant as f32: scale * (q - zero point), per tensor or per channel.
ValueId add_dequantized(Assembly& assembly, ValueId id, const std::string& place);

}  // namespace mote::tflite
