// SPDX-License-Identifier: Apache-2.0
// STRIDED_SLICE with all its masks, as a slice and the shape behind it. In: the numbers of the
// file. Out: begin, size and step of our slice. Private to this folder.
#pragma once
#include "compiler/import/tflite/operator_view.h"

namespace mote::tflite {

struct StridedSlice {
  std::vector<int64_t> begin, size, step;  // a dimension of the input each
  std::vector<int64_t> shape;              // with new dimensions, without shrunk ones
};

// Fails at `op`, a STRIDED_SLICE.
StridedSlice strided_slice(OperatorView& op);

}  // namespace mote::tflite
