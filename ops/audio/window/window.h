// SPDX-License-Identifier: Apache-2.0
// window: samples times the weights of a window, shifted down and saturated. In: int16 rows and one
// row of int16 weights. Out: int16. The rule is TFLM's SignalWindow (signal/src/window.cc).
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/target.h"

namespace mote {

struct WindowParams {
  int32_t rows;
  int32_t width;
  int32_t shift;  // 0 .. 31
};
template <class Visitor>
void for_each_field(const WindowParams& p, Visitor& field) {
  field("rows", p.rows);
  field("width", p.width);
  field("shift", p.shift);
}

// x, y [rows][width], weights [width]; y may be x. |x w| <= 2^30. The shift rounds down.
MOTE_INLINE void window_s16(const WindowParams& p, const int16_t* x, const int16_t* weights,
                            int16_t* y) {
  for (int32_t row = 0; row < p.rows; ++row) {
    for (int32_t i = 0; i < p.width; ++i)
      y[i] = saturate_s16(((int32_t)x[i] * weights[i]) >> p.shift);
    x += p.width;
    y += p.width;
  }
}

}  // namespace mote
