// SPDX-License-Identifier: Apache-2.0
// See window_order.h.
#include "ops/nn/window_order.h"

#include <algorithm>

namespace mote {
namespace {

// A range of pixels of one image, from the lowest that a window may read to beyond the highest.
struct Pixels {
  int64_t begin, end;
};

// Of the window at a position of the output, which counts over all images. Padding is not read.
Pixels pixels_of(const WindowWalk& w, int64_t position) {
  const int64_t row = position / w.output_w, image = row / w.output_h * w.input_h * w.input_w;
  const int64_t y = row % w.output_h * w.stride_h - w.pad_top;
  const int64_t x = position % w.output_w * w.stride_w - w.pad_left;
  const int64_t last_y = std::min(y + w.span_h, w.input_h) - 1;
  const int64_t last_x = std::min(x + w.span_w, w.input_w) - 1;
  const int64_t begin = std::max<int64_t>(y, 0) * w.input_w + std::max<int64_t>(x, 0);
  return {image + begin, image + std::max(begin, last_y * w.input_w + last_x + 1)};
}

// Of the windows of some positions.
Pixels pixels_of(const WindowWalk& w, int64_t begin, int64_t end) {
  Pixels pixels = pixels_of(w, begin);
  for (int64_t at = begin + 1; at < end; ++at) {
    const Pixels next = pixels_of(w, at);
    pixels = {std::min(pixels.begin, next.begin), std::max(pixels.end, next.end)};
  }
  return pixels;
}

// add(pixels, first position, positions) for each block, and `rest` of what remains.
template <class Add>
AccessOrder for_each_block(const WindowWalk& w, int64_t block, int64_t rest, const Add& add) {
  AccessOrder order;
  const int64_t all = w.batches * w.output_h * w.output_w;
  for (int64_t at = 0; at < all;) {
    const int64_t positions = at + block <= all ? block : std::min(rest, all - at);
    order.runs.push_back(add(pixels_of(w, at, at + positions), at, positions));
    at += positions;
  }
  return order;
}

}  // namespace

AccessOrder by_positions(const WindowWalk& w, int64_t block, int64_t rest) {
  const int64_t read = w.input_channels, write = w.output_channels;
  return for_each_block(w, block, rest, [&](Pixels in, int64_t out, int64_t positions) {
    return AccessRun{
        {in.begin * read, in.end * read, out * write, (out + positions) * write}, 1, 0, 0};
  });
}

AccessOrder by_blocks(const WindowWalk& w, const std::vector<Positions>& blocks) {
  AccessOrder order;
  for (const Positions& block : blocks) {
    const Pixels in = pixels_of(w, block.begin, block.end);
    order.runs.push_back({{in.begin * w.input_channels, in.end * w.input_channels,
                           block.written * w.output_channels, block.end * w.output_channels}});
  }
  return order;
}

AccessOrder by_channels(const WindowWalk& w, int64_t element_bytes) {
  const int64_t read = w.input_channels * element_bytes, write = w.output_channels * element_bytes;
  return for_each_block(w, 1, 1, [&](Pixels in, int64_t out, int64_t) {
    return AccessRun{{in.begin * read, in.end * read, out * write, out * write + element_bytes},
                     w.output_channels,
                     0,
                     element_bytes};
  });
}

AccessOrder by_tiles(const WindowWalk& w, const std::vector<Positions>& blocks, int64_t group) {
  AccessOrder order;
  const int64_t channels = w.output_channels;
  for (const Positions& block : blocks) {
    const Pixels in = pixels_of(w, block.begin, block.end);
    const int64_t begin = in.begin * w.input_channels, end = in.end * w.input_channels;
    for (int64_t c = 0; c < channels; c += group)
      for (int64_t at = block.written; at < block.end; ++at) {
        const int64_t out = at * channels, read_end = at == block.written ? end : begin;
        order.runs.push_back({{begin, read_end, out + c, out + std::min(c + group, channels)}});
      }
  }
  return order;
}

AccessOrder by_pairs(const WindowWalk& w, int64_t group) {
  std::vector<Positions> pairs;
  const int64_t all = w.batches * w.output_h * w.output_w;
  for (int64_t at = 0; at < all; at += 2) pairs.push_back({at, at, std::min(at + 2, all)});
  return by_tiles(w, pairs, group);
}

AccessOrder by_own_channels(const WindowWalk& w, int64_t group, int64_t block,
                            int64_t element_bytes) {
  const int64_t pixel = w.input_channels * element_bytes, bytes = group * element_bytes;
  return for_each_block(w, block, 1, [&](Pixels in, int64_t out, int64_t positions) {
    const int64_t last = std::max(in.begin, in.end - 1), last_out = out + positions - 1;
    return AccessRun{
        {in.begin * pixel, last * pixel + bytes, out * pixel, last_out * pixel + bytes},
        w.input_channels / group,
        bytes,
        bytes};
  });
}

}  // namespace mote
