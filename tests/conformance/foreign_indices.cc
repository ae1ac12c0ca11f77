// SPDX-License-Identifier: Apache-2.0
// Foreign operators that move numbers by indices, in blocks, or between sizes. See foreign.h.
#include <algorithm>

#include "tests/conformance/foreign_parts.h"

namespace mote::conformance {
namespace {

using Type = ElementType;

constexpr NumberRange kAny8{-128, 127};
NumberRange any_of(Type type) { return type == Type::f32 ? NumberRange{-10, 10} : kAny8; }

std::vector<int32_t> random_indices(Random& random, int64_t count, int32_t extent) {
  std::vector<int32_t> list;
  for (int64_t i = 0; i < count; ++i) list.push_back(random.integer(0, extent - 1));
  return list;
}

Shape joined(const Shape& a, const Shape& b, const Shape& c) {
  Shape all = a;
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

template <Type T>
ForeignCase make_gather(Random& random) {
  MovedCase one(random, T);
  const Shape x = dims_of_rank(random, random.integer(1, 4));
  const int32_t axis = random.integer(0, int32_t(x.size()) - 1);
  const int32_t batch_dims = random.integer(0, axis);
  Shape indices(x.begin(), x.begin() + batch_dims);
  for (int32_t d = random.integer(batch_dims == 0 ? 1 : 0, 2); d > 0; --d)
    indices.push_back(random.integer(1, 4));
  const int32_t extent = x[size_t(axis)];
  one.input(x);
  const bool computed = random.one_in(2);
  if (computed)
    one.parts().input(Type::s32, indices);
  else
    one.integers(random_indices(random, element_count(indices), extent), indices);
  one.output(joined({x.begin(), x.begin() + axis}, {indices.begin() + batch_dims, indices.end()},
                    {x.begin() + axis + 1, x.end()}));
  const auto options = format::CreateGatherOptions(
      one.flat(), random.one_in(2) ? axis : axis - int32_t(x.size()), batch_dims);
  ForeignCase made = one.finish(Op::GATHER, "gather " + std::to_string(batch_dims), 2,
                                {format::BuiltinOptions::GatherOptions, options.Union()});
  made.ranges = {any_of(T), {0, double(extent - 1)}};
  return made;
}

template <Type T>
ForeignCase make_gather_nd(Random& random) {
  MovedCase one(random, T);
  const Shape x = dims_of_rank(random, random.integer(1, 4));
  const int32_t depth = random.integer(1, int32_t(x.size()));
  const Shape leading = dims_of_rank(random, random.integer(0, 2));
  const int32_t smallest = *std::min_element(x.begin(), x.begin() + depth);
  const Shape indices = joined(leading, {depth}, {});
  one.input(x);
  if (random.one_in(2))
    one.parts().input(Type::s32, indices);
  else
    one.integers(random_indices(random, element_count(indices), smallest), indices);
  one.output(joined(leading, {x.begin() + depth, x.end()}, {}));
  ForeignCase made = one.finish(Op::GATHER_ND, "gather_nd", 2);
  made.ranges = {any_of(T), {0, double(smallest - 1)}};
  return made;
}

ForeignCase make_scatter_nd(Random& random) {
  MovedCase one(random, Type::f32);
  const Shape shape = dims_of_rank(random, random.integer(1, 3));
  const int32_t depth = random.integer(1, int32_t(shape.size()));
  const Shape leading = {random.integer(1, 6)};
  const Shape indices = joined(leading, {depth}, {});
  const int32_t smallest = *std::min_element(shape.begin(), shape.begin() + depth);
  one.integers(random_indices(random, element_count(indices), smallest), indices);
  one.input(joined(leading, {shape.begin() + depth, shape.end()}, {}));
  one.integers(shape);
  one.output(shape);
  ForeignCase made = one.finish(Op::SCATTER_ND, "scatter_nd", 1);
  made.against = Against::litert_tolerance;
  return made;
}

template <Type T>
ForeignCase make_dynamic_update_slice(Random& random) {
  MovedCase one(random, T);
  const Shape x = dims_of_rank(random, random.integer(1, 4));
  Shape update;
  for (int32_t d : x) update.push_back(random.integer(1, d));
  one.input(x);
  one.input(update);
  one.parts().input(Type::s32, {int32_t(x.size())});
  one.output(x);
  ForeignCase made = one.finish(Op::DYNAMIC_UPDATE_SLICE, "dynamic update slice", 1);
  made.ranges = {any_of(T), any_of(T), {-2, 6}};
  return made;
}

template <Type T>
ForeignCase make_embedding_lookup(Random& random) {
  MovedCase one(random, T);
  const Shape table = dims_of_rank(random, random.integer(2, 4), 9);
  const int32_t count = random.integer(1, 9);
  one.parts().input(Type::s32, {count});
  one.input(table);
  Shape rows = table;
  rows[0] = count;
  one.output(rows);
  ForeignCase made = one.finish(Op::EMBEDDING_LOOKUP, "embedding lookup", 2);
  made.ranges = {{0, double(table[0] - 1)}, any_of(T)};
  return made;
}

ForeignCase make_embedding_lookup_hybrid(Random& random) {
  MovedCase one(random, Type::f32);
  const Shape table = dims_of_rank(random, random.integer(2, 4), 9);
  const int32_t count = random.integer(1, 9);
  one.parts().input(Type::s32, {count});
  std::vector<int8_t> numbers;
  for (int64_t i = element_count(table); i > 0; --i)
    numbers.push_back(int8_t(random.integer(-127, 127)));
  one.parts().constant(Type::s8, table, numbers, per_tensor(random.scale(1e-3f, 1), 0));
  Shape rows = table;
  rows[0] = count;
  one.output(rows);
  ForeignCase made = one.finish(Op::EMBEDDING_LOOKUP, "embedding lookup hybrid", 3);
  made.ranges = {{0, double(table[0] - 1)}};
  made.against = Against::micro_tolerance;
  return made;
}

ForeignCase make_one_hot(Random& random) {
  MovedCase one(random, Type::f32);
  const Shape indices = dims_of_rank(random, random.integer(1, 3));
  const int32_t depth = random.integer(1, 6);
  const int32_t axis = random.integer(-1, int32_t(indices.size()));
  one.parts().input(Type::s32, indices);
  one.scalar(depth);
  one.parts().constant(Type::f32, {}, std::vector<float>{random.scale(0.1f, 9)});
  one.parts().constant(Type::f32, {}, std::vector<float>{-random.scale(0.1f, 9)});
  Shape shape = indices;
  shape.insert(axis < 0 ? shape.end() : shape.begin() + axis, depth);
  one.output(shape);
  const auto options = format::CreateOneHotOptions(one.flat(), axis);
  ForeignCase made = one.finish(Op::ONE_HOT, "one hot", 1,
                                {format::BuiltinOptions::OneHotOptions, options.Union()});
  made.ranges = {{-2, double(depth)}};
  made.against = Against::litert_tolerance;
  return made;
}

// Few different numbers: ties.
template <Type T>
ForeignCase make_top_k(Random& random) {
  MovedCase one(random, T);
  Shape shape = dims_of_rank(random, random.integer(1, 3));
  shape.back() = random.integer(1, 20);
  const int32_t k = random.integer(1, shape.back());
  one.input(shape);
  one.scalar(k);
  shape.back() = k;
  one.output(shape);
  one.output(Type::s32, shape);
  ForeignCase made = one.finish(Op::TOPK_V2, "top k", 2);
  made.ranges = {random.one_in(2) ? NumberRange{-3, 3} : any_of(T)};
  made.against = Against::litert_tolerance;
  return made;
}

template <Type T>
ForeignCase make_reverse_sequence(Random& random) {
  MovedCase one(random, T);
  const Shape shape = dims_of_rank(random, random.integer(2, 4));
  const auto rank = int32_t(shape.size());
  const int32_t sequence = random.integer(0, rank - 1);
  const int32_t batch = (sequence + random.integer(1, rank - 1)) % rank;
  one.input(shape);
  one.parts().input(Type::s32, {shape[size_t(batch)]});
  one.output(shape);
  const auto options = format::CreateReverseSequenceOptions(one.flat(), sequence, batch);
  ForeignCase made = one.finish(Op::REVERSE_SEQUENCE, "reverse sequence", 1,
                                {format::BuiltinOptions::ReverseSequenceOptions, options.Union()});
  made.ranges = {any_of(T), {0, double(shape[size_t(sequence)])}};
  made.against = Against::litert_tolerance;
  return made;
}

template <Type T>
ForeignCase make_space_to_depth(Random& random) {
  MovedCase one(random, T);
  const Shape deep = dims_of_rank(random, 4, 4);
  const int32_t b = random.integer(1, 3);
  one.input({deep[0], deep[1] * b, deep[2] * b, deep[3]});
  one.output({deep[0], deep[1], deep[2], deep[3] * b * b});
  const auto options = format::CreateSpaceToDepthOptions(one.flat(), b);
  return one.finish(Op::SPACE_TO_DEPTH, "space to depth", 2,
                    {format::BuiltinOptions::SpaceToDepthOptions, options.Union()});
}

template <Type T>
ForeignCase make_depth_to_space(Random& random) {
  MovedCase one(random, T);
  const Shape deep = dims_of_rank(random, 4, 4);
  const int32_t b = random.integer(1, 3);
  one.input({deep[0], deep[1], deep[2], deep[3] * b * b});
  one.output({deep[0], deep[1] * b, deep[2] * b, deep[3]});
  const auto options = format::CreateDepthToSpaceOptions(one.flat(), b);
  return one.finish(Op::DEPTH_TO_SPACE, "depth to space", 1,
                    {format::BuiltinOptions::DepthToSpaceOptions, options.Union()});
}

// Batches and images with borders; of rank 3 there is one spatial dimension.
struct Blocks {
  std::vector<int32_t> block, borders;
  Shape image, batches;
};
Blocks random_blocks(Random& random, bool with_borders) {
  Blocks blocks;
  const int32_t spatial = random.integer(1, 2), depth = random.integer(1, 4);
  const int32_t images = random.integer(1, 3);
  blocks.image = blocks.batches = {images};
  for (int32_t s = 0; s < spatial; ++s) {
    const int32_t block = random.integer(1, 3), padded = block * random.integer(2, 4);
    const int32_t before = with_borders ? random.integer(0, 1) : 0;
    const int32_t after = with_borders ? random.integer(0, 1) : 0;
    blocks.block.push_back(block);
    blocks.borders.insert(blocks.borders.end(), {before, after});
    blocks.image.push_back(std::max(1, padded - before - after));
    if (blocks.image.back() != padded - before - after) return random_blocks(random, with_borders);
    blocks.batches.push_back(padded / block);
    blocks.batches[0] *= block;
  }
  blocks.image.push_back(depth);
  blocks.batches.push_back(depth);
  return blocks;
}

// TFLM pads with a number that it never sets (see the rule): with borders LiteRT says it.
template <Type T>
ForeignCase make_space_to_batch(Random& random) {
  MovedCase one(random, T);
  const bool borders = random.one_in(2);
  const Blocks blocks = random_blocks(random, borders);
  one.input(blocks.image);
  one.integers(blocks.block);
  one.integers(blocks.borders, {int32_t(blocks.block.size()), 2});
  one.output(blocks.batches);
  ForeignCase made = one.finish(Op::SPACE_TO_BATCH_ND, "space to batch", 2);
  if (borders) made.against = Against::litert_tolerance;
  return made;
}

template <Type T>
ForeignCase make_batch_to_space(Random& random) {
  MovedCase one(random, T);
  const Blocks blocks = random_blocks(random, true);
  one.input(blocks.batches);
  one.integers(blocks.block);
  one.integers(blocks.borders, {int32_t(blocks.block.size()), 2});
  one.output(blocks.image);
  return one.finish(Op::BATCH_TO_SPACE_ND, "batch to space", 2);
}

// An image, its new size, and how they relate.
struct Resized {
  Shape from, to;
  bool corners, centers;
};
Resized random_resize(Random& random, int32_t most) {
  Resized r{dims_of_rank(random, 4, most), {}, false, false};
  r.to = {r.from[0], random.integer(1, 2 * most), random.integer(1, 2 * most), r.from[3]};
  const int32_t kind = random.integer(0, 2);
  r.corners = kind == 1;
  r.centers = kind == 2;
  return r;
}

template <Type T>
ForeignCase make_resize_nearest(Random& random) {
  MovedCase one(random, T);
  const Resized r = random_resize(random, random.one_in(4) ? 20 : 7);
  one.input(r.from);
  one.integers({r.to[1], r.to[2]});
  one.output(r.to);
  const auto options = format::CreateResizeNearestNeighborOptions(one.flat(), r.corners, r.centers);
  return one.finish(Op::RESIZE_NEAREST_NEIGHBOR,
                    r.corners   ? "nearest, corners"
                    : r.centers ? "nearest, centers"
                                : "nearest",
                    4, {format::BuiltinOptions::ResizeNearestNeighborOptions, options.Union()});
}

template <Type T>
ForeignCase make_resize_bilinear(Random& random) {
  MovedCase one(random, T);
  const Resized r = random_resize(random, random.one_in(4) ? 20 : 7);
  one.input(r.from);
  one.integers({r.to[1], r.to[2]});
  one.output(r.to);
  const auto options = format::CreateResizeBilinearOptions(one.flat(), 0, 0, r.corners, r.centers);
  ForeignCase made =
      one.finish(Op::RESIZE_BILINEAR,
                 r.corners   ? "linear, corners"
                 : r.centers ? "linear, centers"
                             : "linear",
                 4, {format::BuiltinOptions::ResizeBilinearOptions, options.Union()});
  if (T == Type::f32) made.against = Against::micro_tolerance;
  return made;
}

constexpr ForeignFamily kFamilies[] = {
    {"gather_s8", make_gather<Type::s8>},
    {"gather_f32", make_gather<Type::f32>},
    {"gather_nd_s8", make_gather_nd<Type::s8>},
    {"gather_nd_f32", make_gather_nd<Type::f32>},
    {"scatter_nd_f32", make_scatter_nd},
    {"dynamic_update_slice_s8", make_dynamic_update_slice<Type::s8>},
    {"dynamic_update_slice_s16", make_dynamic_update_slice<Type::s16>},
    {"dynamic_update_slice_s32", make_dynamic_update_slice<Type::s32>},
    {"dynamic_update_slice_f32", make_dynamic_update_slice<Type::f32>},
    {"embedding_lookup_s8", make_embedding_lookup<Type::s8>},
    {"embedding_lookup_f32", make_embedding_lookup<Type::f32>},
    {"embedding_lookup_hybrid", make_embedding_lookup_hybrid},
    {"one_hot_f32", make_one_hot},
    {"top_k_f32", make_top_k<Type::f32>},
    {"top_k_s8", make_top_k<Type::s8>},
    {"top_k_s32", make_top_k<Type::s32>},
    {"top_k_s64", make_top_k<Type::s64>},
    {"reverse_sequence_f32", make_reverse_sequence<Type::f32>},
    {"reverse_sequence_s32", make_reverse_sequence<Type::s32>},
    {"space_to_depth_s8", make_space_to_depth<Type::s8>},
    {"space_to_depth_f32", make_space_to_depth<Type::f32>},
    {"depth_to_space_s8", make_depth_to_space<Type::s8>},
    {"depth_to_space_f32", make_depth_to_space<Type::f32>},
    {"space_to_batch_s8", make_space_to_batch<Type::s8>},
    {"space_to_batch_f32", make_space_to_batch<Type::f32>},
    {"batch_to_space_s8", make_batch_to_space<Type::s8>},
    {"batch_to_space_f32", make_batch_to_space<Type::f32>},
    {"resize_nearest_s8", make_resize_nearest<Type::s8>},
    {"resize_nearest_s16", make_resize_nearest<Type::s16>},
    {"resize_nearest_f32", make_resize_nearest<Type::f32>},
    {"resize_bilinear_s8", make_resize_bilinear<Type::s8>},
    {"resize_bilinear_f32", make_resize_bilinear<Type::f32>},
};

}  // namespace

std::span<const ForeignFamily> foreign_indices() { return kFamilies; }

}  // namespace mote::conformance
