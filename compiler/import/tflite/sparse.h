// SPDX-License-Identifier: Apache-2.0
// A sparse constant of a .tflite file as a dense one. The format (SparsityParameters in the schema)
// is that of the tensor algebra compiler TACO: dimensions, and blocks of them, in a traversal
// order, each dense or in compressed rows. Private to this folder.
#pragma once
#include "compiler/import/assembly.h"
#include "compiler/import/tflite/reader.h"

namespace mote::tflite {

// Fails at `place` where the description does not fit the shape or the data.
ValueId import_sparse(Assembly& assembly, const Tensor& tensor, const std::string& place);

}  // namespace mote::tflite
