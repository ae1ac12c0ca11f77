// SPDX-License-Identifier: Apache-2.0
// Host: the access orders (graph/access_order.h) of layers that lay windows over an image,
// positions of the output in the order batch, row, column. In: the kernel's parameters, bytes of an
// element.
#pragma once
#include "graph/access_order.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/pool_2d_params.h"

namespace mote {

// What the parameters of convolutions and pooling layers have in common.
struct WindowWalk {
  int64_t batches, input_h, input_w, input_channels;
  int64_t output_h, output_w, output_channels;
  int64_t span_h, span_w;  // rows and columns from a window's first tap to its last, both counted
  int64_t stride_h, stride_w, pad_top, pad_left;
};

template <class P>
WindowWalk conv_2d_walk(const P& p) {
  return {p.batches,
          p.input_h,
          p.input_w,
          p.input_channels,
          p.output_h,
          p.output_w,
          p.output_channels,
          int64_t(p.kernel_h - 1) * p.dilation_h + 1,
          int64_t(p.kernel_w - 1) * p.dilation_w + 1,
          p.stride_h,
          p.stride_w,
          p.pad_top,
          p.pad_left};
}
template <class T>
WindowWalk pool_2d_walk(const Pool2dParamsOf<T>& p) {
  return {p.batches,  p.input_h,  p.input_w,  p.channels, p.output_h, p.output_w, p.channels,
          p.filter_h, p.filter_w, p.stride_h, p.stride_w, p.pad_top,  p.pad_left};
}

// The windows of `block` neighbouring positions, the end of a row and the begin of the next, too,
// are read before any of their channels is written; of what remains of all positions `rest`.
// Elements are bytes.
AccessOrder by_positions(const WindowWalk& walk, int64_t block, int64_t rest = 1);

// The same for blocks of any positions: those from `written` on are written, and no others.
struct Positions {
  int64_t begin, written, end;
};
AccessOrder by_blocks(const WindowWalk& walk, const std::vector<Positions>& blocks);

// Each channel of a position is written when its window has been read; any channel of the input may
// be read for it.
AccessOrder by_channels(const WindowWalk& walk, int64_t element_bytes = 1);

// Two neighbouring positions at a time, a last one by itself: the next `group` channels of the
// first, then of the second are written, and for the next the windows are read again.
AccessOrder by_pairs(const WindowWalk& walk, int64_t group);

// The same for blocks of positions as by_blocks() has them.
AccessOrder by_tiles(const WindowWalk& walk, const std::vector<Positions>& blocks, int64_t group);

// As by_positions, but for `group` channels after the other, each from the same ones of the input.
AccessOrder by_own_channels(const WindowWalk& walk, int64_t group, int64_t block,
                            int64_t element_bytes = 1);

}  // namespace mote
