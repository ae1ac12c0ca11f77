// SPDX-License-Identifier: Apache-2.0
// The words of the text form for kinds and policies, in the order of their enumerations. Printer
// and parser share them.
#pragma once
#include <string_view>

#include "graph/graph.h"

namespace mote {

inline constexpr const char* kKindNames[] = {"intermediate", "stream", "constant", "state"};
inline constexpr const char* kMissingNames[] = {"hold", "interpolate", "drop"};

// Bytes of a tensor, or -1 where a dimension is below 1 or the tensor does not fit 31 bits (the
// device's offsets).
int64_t checked_bytes(ElementType type, const Shape& shape);

}  // namespace mote
