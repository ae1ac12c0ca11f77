// SPDX-License-Identifier: Apache-2.0
// For tests: windowed layers in double precision on an explicitly padded copy of the input, written
// without looking at the kernels. In: real numbers NHWC. Out: real numbers NHWC.
#pragma once
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace mote {

struct OracleWindow {
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  bool same;

  Attributes attributes() const {
    Attributes a{{"stride_h", int64_t(stride_h)},
                 {"stride_w", int64_t(stride_w)},
                 {"padding", std::string(same ? "same" : "valid")}};
    if (dilation_h > 0) {
      a["dilation_h"] = int64_t(dilation_h);
      a["dilation_w"] = int64_t(dilation_w);
    }
    return a;
  }
};

// TensorFlow's documented rule (tf.nn: "same" gives ceil(n / stride), the odd row of padding goes
// to the end).
struct PaddedAxis {
  int32_t output, before;
  PaddedAxis(int32_t n, int32_t kernel, int32_t stride, int32_t dilation, bool same) {
    const int32_t span = (kernel - 1) * std::max(dilation, 1) + 1;
    if (!same) {
      output = (n - span + stride) / stride;
      before = 0;
      return;
    }
    output = (n + stride - 1) / stride;
    const int32_t rest = n % stride == 0 ? stride : n % stride;
    before = std::max(span - rest, 0) / 2;
  }
};

// A tap of a window: where it lies in the kernel and what the input holds there; `inside` is false
// in the padding.
struct Tap {
  int32_t ky, kx;
  bool inside;
  size_t pixel;  // index of the input's channel 0
};

// Calls reduce(b, taps) for each output pixel in order.
inline Shape for_each_window(const Shape& x, const OracleWindow& w,
                             const std::function<void(const std::vector<Tap>&)>& reduce) {
  const PaddedAxis h(x[1], w.kernel_h, w.stride_h, w.dilation_h, w.same);
  const PaddedAxis v(x[2], w.kernel_w, w.stride_w, w.dilation_w, w.same);
  for (int32_t b = 0; b < x[0]; ++b)
    for (int32_t oy = 0; oy < h.output; ++oy)
      for (int32_t ox = 0; ox < v.output; ++ox) {
        std::vector<Tap> taps;
        for (int32_t ky = 0; ky < w.kernel_h; ++ky)
          for (int32_t kx = 0; kx < w.kernel_w; ++kx) {
            const int32_t row = oy * w.stride_h - h.before + ky * std::max(w.dilation_h, 1);
            const int32_t column = ox * w.stride_w - v.before + kx * std::max(w.dilation_w, 1);
            const bool inside = row >= 0 && row < x[1] && column >= 0 && column < x[2];
            taps.push_back(
                {ky, kx, inside, inside ? size_t(((b * x[1] + row) * x[2] + column) * x[3]) : 0});
          }
        reduce(taps);
      }
  return {x[0], h.output, v.output};
}

}  // namespace mote
