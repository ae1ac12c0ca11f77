// SPDX-License-Identifier: Apache-2.0
// sliding_window: the newest rows of a time series behind those that came before. In: the rows of
// one hop. Out: the last rows, which are the state. Unlike `framer` it takes several rows at once
// and hands on a window every time; before as many rows have come, those that have not are zeros.
#pragma once
#include <stdint.h>

#include "core/move_down.h"

namespace mote {

struct SlidingWindowParams {
  int32_t window_bytes;
  int32_t hop_bytes;  // of the rows that come, 1 .. window_bytes
};
template <class Visitor>
void for_each_field(const SlidingWindowParams& p, Visitor& field) {
  field("window_bytes", p.window_bytes);
  field("hop_bytes", p.hop_bytes);
}

// rows [hop_bytes], window [window_bytes], oldest first. They lie apart.
MOTE_INLINE void sliding_window(const SlidingWindowParams& p, const uint8_t* rows,
                                uint8_t* window) {
  const int32_t kept = p.window_bytes - p.hop_bytes;
  move_down(window, window + p.hop_bytes, kept);
  move_down(window + kept, rows, p.hop_bytes);
}

// A gate: missing [1] is how many hops lie before the first window that is handed on.
MOTE_INLINE bool sliding_window_later(const SlidingWindowParams& p, const uint8_t* rows,
                                      uint8_t* window, int32_t* missing) {
  sliding_window(p, rows, window);
  if (*missing == 0) return true;
  --*missing;
  return false;
}

}  // namespace mote
