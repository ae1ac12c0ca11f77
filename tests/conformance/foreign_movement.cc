// SPDX-License-Identifier: Apache-2.0
// Foreign operators that move numbers: parts, orders, borders, repetitions. See foreign.h.
#include <algorithm>
#include <numeric>

#include "tests/conformance/foreign_parts.h"

namespace mote::conformance {
namespace {

using Type = ElementType;

template <Type T>
ForeignCase make_transpose(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 5));
  std::vector<int32_t> perm(shape.size());
  std::iota(perm.begin(), perm.end(), 0);
  for (size_t d = perm.size(); d-- > 1;)
    std::swap(perm[d], perm[size_t(random.integer(0, int32_t(d)))]);
  Shape moved;
  for (int32_t d : perm) moved.push_back(shape[size_t(d)]);
  one.input(shape);
  one.integers(perm);
  one.output(moved);
  return one.finish(Op::TRANSPOSE, "transpose", 4);
}

// Where a part begins and how long it is, along each dimension.
struct Part {
  std::vector<int32_t> begin, size;
};
Part random_part(Random& random, const Shape& shape) {
  Part part;
  for (int32_t extent : shape) {
    part.begin.push_back(random.integer(0, extent - 1));
    part.size.push_back(random.integer(1, extent - part.begin.back()));
  }
  return part;
}

template <Type T>
ForeignCase make_slice(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 5));
  const Part part = random_part(random, shape);
  one.input(shape);
  one.integers(part.begin);
  one.integers(part.size);
  one.output(part.size);
  return one.finish(Op::SLICE, "slice", 2);
}

ForeignCase make_slice_computed(Random& random) {
  MovedCase one(random, Type::s8);
  const Shape shape = dims_of_rank(random, random.integer(1, 4));
  const Part part = random_part(random, shape);
  one.input(shape);
  one.parts().input(Type::s32, {int32_t(shape.size())});
  one.integers(part.size);
  one.output(part.size);
  int32_t limit = 99;
  for (size_t d = 0; d < shape.size(); ++d) limit = std::min(limit, shape[d] - part.size[d]);
  ForeignCase made = one.finish(Op::SLICE, "slice from a computed place", 2);
  made.ranges = {{-128, 127}, {0, double(limit)}};
  made.against = Against::micro_alone;
  return made;
}

// Positions of STRIDED_SLICE, and the sizes they give.
struct Strides {
  std::vector<int32_t> begin, end, step;
  int32_t begin_mask = 0, end_mask = 0, shrink_mask = 0;
  Shape shape;
};

// Any numbers that leave at least one index; a shrunk dimension steps forwards.
void append_strides(Random& random, int32_t extent, Strides& to) {
  const auto bit = int32_t(1) << to.begin.size();
  for (;;) {
    const bool shrink = random.one_in(5), no_begin = random.one_in(4), no_end = random.one_in(4);
    const int32_t step = random.integer(1, 3) * (random.one_in(3) && !shrink ? -1 : 1);
    const int32_t begin = random.integer(-extent - 1, extent + 1);
    const int32_t end = random.integer(-extent - 1, extent + 1);
    const auto limited = [&](int32_t i) {
      if (i < 0) i += extent;
      return step > 0 ? std::clamp(i, 0, extent) : std::clamp(i, -1, extent - 1);
    };
    const int32_t first = no_begin ? (step > 0 ? 0 : extent - 1) : limited(begin);
    const int32_t last = no_end ? (step > 0 ? extent : -1) : limited(end);
    const int32_t size =
        step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step;
    const bool inside = shrink ? first >= 0 && first < extent && begin >= -extent : size >= 1;
    if (!inside || (shrink && no_begin)) continue;
    to.begin.push_back(begin);
    to.end.push_back(end);
    to.step.push_back(shrink ? 1 : step);
    to.begin_mask |= no_begin ? bit : 0;
    to.end_mask |= no_end ? bit : 0;
    to.shrink_mask |= shrink ? bit : 0;
    if (!shrink) to.shape.push_back(size);
    return;
  }
}

ForeignCase finish_strides(MovedCase& one, const Strides& at, int32_t ellipsis, int32_t new_axis) {
  one.integers(at.begin);
  one.integers(at.end);
  one.integers(at.step);
  one.output(at.shape);
  const auto options = format::CreateStridedSliceOptions(one.flat(), at.begin_mask, at.end_mask,
                                                         ellipsis, new_axis, at.shrink_mask);
  return one.finish(Op::STRIDED_SLICE, "strided slice", 2,
                    {format::BuiltinOptions::StridedSliceOptions, options.Union()});
}

template <Type T>
ForeignCase make_strided_slice(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 4));
  Strides at;
  for (int32_t extent : shape) append_strides(random, extent, at);
  one.input(shape);
  return finish_strides(one, at, 0, 0);
}

// TFLM does not look at these masks: LiteRT says what they mean.
ForeignCase make_strided_slice_ellipsis(Random& random) {
  MovedCase one(random, Type::s8);
  const Shape shape = dims_of_rank(random, 4);
  const int32_t front = random.integer(0, 2), back = random.integer(0, 3 - front);
  Strides at;
  for (int32_t d = 0; d < front; ++d) append_strides(random, shape[size_t(d)], at);
  const auto add_mark = [&] {
    at.begin.push_back(0);
    at.end.push_back(0);
    at.step.push_back(1);
    return int32_t(1) << (at.begin.size() - 1);
  };
  const int32_t ellipsis = add_mark();
  for (int32_t d = front; d < 4 - back; ++d) at.shape.push_back(shape[size_t(d)]);
  int32_t new_axis = 0;
  if (random.one_in(2) && front + back < 3) {
    new_axis = add_mark();
    at.shape.push_back(1);
  }
  for (int32_t d = 4 - back; d < 4; ++d) append_strides(random, shape[size_t(d)], at);
  one.input(shape);
  ForeignCase made = finish_strides(one, at, ellipsis, new_axis);
  made.against = Against::litert_tolerance;
  return made;
}

template <Type T>
ForeignCase make_split(Random& random) {
  MovedCase one(random, T);
  Shape shape = dims_of_rank(random, random.integer(1, 4));
  const int32_t axis = random.integer(0, int32_t(shape.size()) - 1);
  const int32_t parts = random.integer(1, 4);
  one.scalar(random.one_in(2) ? axis : axis - int32_t(shape.size()));
  Shape part = shape;
  shape[size_t(axis)] *= parts;
  one.input(shape);
  for (int32_t i = 0; i < parts; ++i) one.output(part);
  const auto options = format::CreateSplitOptions(one.flat(), parts);
  return one.finish(Op::SPLIT, "split", 2, {format::BuiltinOptions::SplitOptions, options.Union()});
}

template <Type T>
ForeignCase make_split_v(Random& random) {
  MovedCase one(random, T);
  Shape shape = dims_of_rank(random, random.integer(1, 4));
  const int32_t axis = random.integer(0, int32_t(shape.size()) - 1);
  std::vector<int32_t> sizes;
  for (int32_t i = random.integer(1, 4); i > 0; --i) sizes.push_back(random.integer(1, 4));
  shape[size_t(axis)] = std::accumulate(sizes.begin(), sizes.end(), 0);
  one.input(shape);
  std::vector<int32_t> written = sizes;
  if (random.one_in(3)) written[0] = -1;
  one.integers(written);
  one.scalar(random.one_in(2) ? axis : axis - int32_t(shape.size()));
  for (int32_t size : sizes) {
    shape[size_t(axis)] = size;
    one.output(shape);
  }
  const auto options = format::CreateSplitVOptions(one.flat(), int32_t(sizes.size()));
  return one.finish(Op::SPLIT_V, "split_v", 2,
                    {format::BuiltinOptions::SplitVOptions, options.Union()});
}

template <Type T>
ForeignCase make_unpack(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(2, 4));
  const int32_t axis = random.integer(0, int32_t(shape.size()) - 1);
  Shape part = shape;
  part.erase(part.begin() + axis);
  one.input(shape);
  for (int32_t i = 0; i < shape[size_t(axis)]; ++i) one.output(part);
  const auto options = format::CreateUnpackOptions(
      one.flat(), shape[size_t(axis)], random.one_in(2) ? axis : axis - int32_t(shape.size()));
  return one.finish(Op::UNPACK, "unpack", 2,
                    {format::BuiltinOptions::UnpackOptions, options.Union()});
}

template <Type T>
ForeignCase make_pack(Random& random) {
  MovedCase one(random, T);
  const Shape part = dims_of_rank(random, random.integer(1, 3));
  const int32_t axis = random.integer(0, int32_t(part.size())), count = random.integer(1, 10);
  for (int32_t i = 0; i < count; ++i) one.input(part);
  Shape shape = part;
  shape.insert(shape.begin() + axis, count);
  one.output(shape);
  const auto options = format::CreatePackOptions(
      one.flat(), count, random.one_in(2) ? axis : axis - int32_t(shape.size()));
  return one.finish(Op::PACK, "pack", 2, {format::BuiltinOptions::PackOptions, options.Union()});
}

template <Type T>
ForeignCase make_concatenation(Random& random) {
  MovedCase one(random, T);
  Shape part = dims_of_rank(random, random.integer(1, 4));
  const int32_t axis = random.integer(0, int32_t(part.size()) - 1), count = random.integer(1, 10);
  int32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) {
    sum += part[size_t(axis)] = random.integer(1, 5);
    one.input(part);
  }
  part[size_t(axis)] = sum;
  one.output(part);
  const auto options = format::CreateConcatenationOptions(
      one.flat(), random.one_in(2) ? axis : axis - int32_t(part.size()));
  return one.finish(Op::CONCATENATION, "concatenation", 2,
                    {format::BuiltinOptions::ConcatenationOptions, options.Union()});
}

template <Type T>
ForeignCase make_reverse(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 4));
  const auto rank = int32_t(shape.size());
  // TFLM takes dimensions side by side only.
  const int32_t first = random.integer(0, rank - 1), count = random.integer(1, rank - first);
  std::vector<int32_t> axes;
  for (int32_t a = first; a < first + count; ++a) axes.push_back(random.one_in(3) ? a - rank : a);
  one.input(shape);
  one.integers(axes);
  one.output(shape);
  return one.finish(Op::REVERSE_V2, "reverse", 3);
}

// Pairs (before, after) and the shape with them.
struct Borders {
  std::vector<int32_t> pairs;
  Shape shape;
};
Borders random_borders(Random& random, const Shape& shape, int32_t shorter, int32_t most) {
  Borders borders;
  for (int32_t extent : shape) {
    const int32_t limit = std::min(most, extent - shorter);
    const int32_t before = random.one_in(3) ? 0 : random.integer(0, limit);
    const int32_t after = random.one_in(3) ? 0 : random.integer(0, limit);
    borders.pairs.insert(borders.pairs.end(), {before, after});
    borders.shape.push_back(extent + before + after);
  }
  return borders;
}

template <Type T, bool kWithValue>
ForeignCase make_pad(Random& random) {
  MovedCase one(random, T);
  Shape shape = dims_of_rank(random, random.integer(1, 5));
  for (int32_t& d : shape) d += 3;
  const Borders borders = random_borders(random, shape, 0, 3);
  one.input(shape);
  one.integers(borders.pairs, {int32_t(shape.size()), 2});
  if (kWithValue) one.number(random);
  one.output(borders.shape);
  return one.finish(kWithValue ? Op::PADV2 : Op::PAD, "pad", 2);
}

template <Type T>
ForeignCase make_mirror_pad(Random& random) {
  MovedCase one(random, T);
  const bool reflect = random.one_in(2);
  const Shape shape = dims_of_rank(random, random.integer(1, 4));
  const Borders borders = random_borders(random, shape, reflect ? 1 : 0, 9);
  one.input(shape);
  one.integers(borders.pairs, {int32_t(shape.size()), 2});
  one.output(borders.shape);
  const auto options = format::CreateMirrorPadOptions(
      one.flat(), reflect ? format::MirrorPadMode::REFLECT : format::MirrorPadMode::SYMMETRIC);
  return one.finish(Op::MIRROR_PAD, "mirror pad", 1,
                    {format::BuiltinOptions::MirrorPadOptions, options.Union()});
}

template <Type T>
ForeignCase make_broadcast_to(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 5));
  Shape from(shape.begin() + random.integer(0, int32_t(shape.size()) - 1), shape.end());
  for (int32_t& d : from)
    if (random.one_in(2)) d = 1;
  one.input(from);
  one.integers(shape);
  one.output(shape);
  return one.finish(Op::BROADCAST_TO, "broadcast to", 3);
}

template <Type T>
ForeignCase make_tile(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 4));
  std::vector<int32_t> repeats;
  Shape tiled;
  for (int32_t d : shape) {
    repeats.push_back(random.integer(1, 3));
    tiled.push_back(d * repeats.back());
  }
  one.input(shape);
  one.integers(repeats);
  one.output(tiled);
  ForeignCase made = one.finish(Op::TILE, "tile", 2);
  made.against = Against::litert_tolerance;
  return made;
}

template <Type T>
ForeignCase make_fill(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 4));
  one.integers(shape);
  one.input({});
  one.output(shape);
  ForeignCase made = one.finish(Op::FILL, "fill", 3);
  return made;
}

template <Type T>
ForeignCase make_expand_dims(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(1, 4));
  const int32_t axis = random.integer(0, int32_t(shape.size()));
  Shape expanded = shape;
  expanded.insert(expanded.begin() + axis, 1);
  one.input(shape);
  one.scalar(random.one_in(2) ? axis : axis - int32_t(expanded.size()));
  one.output(expanded);
  return one.finish(Op::EXPAND_DIMS, "expand dims", 1);
}

template <Type T>
ForeignCase make_squeeze(Random& random) {
  MovedCase one(random, T);
  Shape shape = dims_of_rank(random, random.integer(2, 4));
  const int32_t axis = random.integer(0, int32_t(shape.size()) - 1);
  Shape squeezed = shape;
  squeezed.erase(squeezed.begin() + axis);
  shape[size_t(axis)] = 1;
  one.input(shape);
  one.output(squeezed);
  const auto options =
      format::CreateSqueezeOptions(one.flat(), one.flat().CreateVector(std::vector<int32_t>{axis}));
  return one.finish(Op::SQUEEZE, "squeeze", 1,
                    {format::BuiltinOptions::SqueezeOptions, options.Union()});
}

constexpr ForeignFamily kFamilies[] = {
    {"transpose_s8", make_transpose<Type::s8>},
    {"transpose_s16", make_transpose<Type::s16>},
    {"transpose_f32", make_transpose<Type::f32>},
    {"slice_s8", make_slice<Type::s8>},
    {"slice_s16", make_slice<Type::s16>},
    {"slice_s32", make_slice<Type::s32>},
    {"slice_bool", make_slice<Type::boolean>},
    {"slice_f32", make_slice<Type::f32>},
    {"slice_computed_s8", make_slice_computed},
    {"strided_slice_s8", make_strided_slice<Type::s8>},
    {"strided_slice_s16", make_strided_slice<Type::s16>},
    {"strided_slice_s32", make_strided_slice<Type::s32>},
    {"strided_slice_bool", make_strided_slice<Type::boolean>},
    {"strided_slice_f32", make_strided_slice<Type::f32>},
    {"strided_slice_ellipsis", make_strided_slice_ellipsis},
    {"split_s8", make_split<Type::s8>},
    {"split_s16", make_split<Type::s16>},
    {"split_s32", make_split<Type::s32>},
    {"split_f32", make_split<Type::f32>},
    {"split_v_s8", make_split_v<Type::s8>},
    {"split_v_s16", make_split_v<Type::s16>},
    {"split_v_s32", make_split_v<Type::s32>},
    {"split_v_f32", make_split_v<Type::f32>},
    {"unpack_s8", make_unpack<Type::s8>},
    {"unpack_s16", make_unpack<Type::s16>},
    {"unpack_s32", make_unpack<Type::s32>},
    {"unpack_f32", make_unpack<Type::f32>},
    {"pack_s8", make_pack<Type::s8>},
    {"pack_s16", make_pack<Type::s16>},
    {"pack_s32", make_pack<Type::s32>},
    {"pack_s64", make_pack<Type::s64>},
    {"pack_f32", make_pack<Type::f32>},
    {"concatenation_s8", make_concatenation<Type::s8>},
    {"concatenation_s16", make_concatenation<Type::s16>},
    {"concatenation_s32", make_concatenation<Type::s32>},
    {"concatenation_s64", make_concatenation<Type::s64>},
    {"concatenation_bool", make_concatenation<Type::boolean>},
    {"concatenation_f32", make_concatenation<Type::f32>},
    {"reverse_s8", make_reverse<Type::s8>},
    {"reverse_u8", make_reverse<Type::u8>},
    {"reverse_s16", make_reverse<Type::s16>},
    {"reverse_s32", make_reverse<Type::s32>},
    {"reverse_s64", make_reverse<Type::s64>},
    {"reverse_bool", make_reverse<Type::boolean>},
    {"reverse_f32", make_reverse<Type::f32>},
    {"pad_s8", make_pad<Type::s8, false>},
    {"pad_s16", make_pad<Type::s16, false>},
    {"pad_s32", make_pad<Type::s32, false>},
    {"pad_f32", make_pad<Type::f32, false>},
    {"padv2_s8", make_pad<Type::s8, true>},
    {"padv2_s16", make_pad<Type::s16, true>},
    {"padv2_s32", make_pad<Type::s32, true>},
    {"padv2_f32", make_pad<Type::f32, true>},
    {"mirror_pad_s8", make_mirror_pad<Type::s8>},
    {"mirror_pad_f32", make_mirror_pad<Type::f32>},
    {"broadcast_to_s8", make_broadcast_to<Type::s8>},
    {"broadcast_to_s16", make_broadcast_to<Type::s16>},
    {"broadcast_to_s32", make_broadcast_to<Type::s32>},
    {"broadcast_to_s64", make_broadcast_to<Type::s64>},
    {"broadcast_to_f32", make_broadcast_to<Type::f32>},
    {"tile_s8", make_tile<Type::s8>},
    {"tile_s32", make_tile<Type::s32>},
    {"tile_f32", make_tile<Type::f32>},
    {"fill_s8", make_fill<Type::s8>},
    {"fill_s32", make_fill<Type::s32>},
    {"fill_f32", make_fill<Type::f32>},
    {"expand_dims_s8", make_expand_dims<Type::s8>},
    {"expand_dims_s16", make_expand_dims<Type::s16>},
    {"expand_dims_f32", make_expand_dims<Type::f32>},
    {"squeeze_s8", make_squeeze<Type::s8>},
    {"squeeze_f32", make_squeeze<Type::f32>},
};

}  // namespace

std::span<const ForeignFamily> foreign_movement() { return kFamilies; }

}  // namespace mote::conformance
