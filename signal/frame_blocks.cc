// SPDX-License-Identifier: Apache-2.0
// Blocks of short frames: none yet.
#include "signal/blocks.h"
namespace mote {
std::vector<BlockBuilder> frame_blocks() { return {}; }
}  // namespace mote
