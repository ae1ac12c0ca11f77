// SPDX-License-Identifier: Apache-2.0
// The rule of strided_slice_logic.h (tensorflow/lite/kernels/internal), with the ellipsis and new
// dimensions of LiteRT, which TFLM does not look at. See strided_slice.h.
#include "compiler/import/tflite/strided_slice.h"

#include <algorithm>

namespace mote::tflite {
namespace {

struct Masks {
  int32_t begin, end, ellipsis, new_axis, shrink;
  bool offset;  // end counts from begin
};

bool has(int32_t mask, size_t position) { return position < 31 && (mask >> position & 1) != 0; }

// One position of the file's lists, for a dimension of `extent`.
struct Range {
  int64_t begin, end, step, extent;

  int64_t limited(int64_t index) const {
    const int64_t at = index < 0 ? index + extent : index;
    return step > 0 ? std::clamp<int64_t>(at, 0, extent) : std::clamp<int64_t>(at, -1, extent - 1);
  }
  int64_t first(bool masked) const {
    if (masked) return step > 0 ? 0 : extent - 1;
    return limited(begin);
  }
  int64_t last(bool masked, int64_t first, bool offset) const {
    if (masked) return step > 0 ? extent : -1;
    return limited(offset ? end + first : end);
  }
};

void append(StridedSlice& slice, int64_t begin, int64_t size, int64_t step) {
  slice.begin.push_back(begin);
  slice.size.push_back(size);
  slice.step.push_back(step);
}

void append_range(OperatorView& op, StridedSlice& slice, const Range& range, const Masks& masks,
                  size_t position) {
  if (range.step == 0) op.refuse("wrong-attribute", "a stride is 0");
  const int64_t first = range.first(has(masks.begin, position));
  if (has(masks.shrink, position)) return append(slice, first, 1, 1);
  const int64_t last = range.last(has(masks.end, position), first, masks.offset);
  const int64_t distance = range.step > 0 ? last - first : first - last;
  const int64_t step = range.step > 0 ? range.step : -range.step;
  const int64_t size = distance <= 0 ? 0 : (distance + step - 1) / step;
  append(slice, first, size, size == 1 ? 1 : range.step);
  slice.shape.push_back(size);
}

struct Lists {
  std::vector<int64_t> begin, end, step;
};

// Dimensions of the input that no position names: those of the ellipsis, or the last ones.
size_t unnamed(OperatorView& op, const Lists& lists, const Masks& masks, size_t rank) {
  size_t named = 0;
  for (size_t i = 0; i < lists.begin.size(); ++i)
    named += !has(masks.ellipsis, i) && !has(masks.new_axis, i);
  if (named > rank || lists.end.size() != lists.begin.size() ||
      lists.step.size() != lists.begin.size() || lists.begin.size() > 16)
    op.refuse("wrong-attribute", "begin, end and strides do not fit the input's dimensions");
  return rank - named;
}

}  // namespace

StridedSlice strided_slice(OperatorView& op) {
  const auto& options = op.options<format::StridedSliceOptions>();
  const Masks masks{options.begin_mask(),    options.end_mask(),         options.ellipsis_mask(),
                    options.new_axis_mask(), options.shrink_axis_mask(), options.offset()};
  const Lists lists{op.integers(1), op.integers(2), op.integers(3)};
  const Shape& x = op.in(0).shape;
  size_t rest = unnamed(op, lists, masks, x.size());
  StridedSlice slice;
  const auto append_whole = [&] {
    for (; rest > 0; --rest) {
      const int64_t extent = x[slice.size.size()];
      append(slice, 0, extent, 1);
      slice.shape.push_back(extent);
    }
  };
  for (size_t i = 0; i < lists.begin.size(); ++i) {
    if (has(masks.ellipsis, i))
      append_whole();
    else if (has(masks.new_axis, i))
      slice.shape.push_back(1);
    else
      append_range(op, slice, {lists.begin[i], lists.end[i], lists.step[i], x[slice.size.size()]},
                   masks, i);
  }
  append_whole();
  return slice;
}

}  // namespace mote::tflite
