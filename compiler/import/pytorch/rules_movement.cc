// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers unchanged. See rules.h.
#include <algorithm>
#include <numeric>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

size_t rank_of(CallView& op, ValueId x) { return op.shape(x).size(); }
size_t axis_of(CallView& op, ValueId x, const char* name, int64_t otherwise) {
  return op.dimension(op.integer(name, otherwise), rank_of(op, x));
}

// ---- other shapes ------------------------------------------------------------------------------

void import_identity(CallView& op) { op.set(op.tensor("self")); }

// The numbers of `src`, in the shape and type of what they are copied over.
void import_copy(CallView& op) {
  const ValueId over = op.tensor("self");
  const ValueId x = op.cast(op.tensor("src"), op.value(over).type);
  op.set(op.move().broadcast_to(x, dims(op.shape(over))));
}

// Nothing is dropped in inference.
void import_dropout(CallView& op) {
  op.ignore("p");
  if (op.flag("train", true))
    op.refuse("training-mode", "it drops numbers: the model is in training mode",
              "call model.eval() before exporting");
  op.set(op.tensor("input"));
}

// What a program asserts of its own tensors is checked here anyway.
void import_assertion(CallView& op) {
  for (const char* name : {"a", "size", "stride", "dtype"}) op.ignore(name);
}

void import_view(CallView& op) {
  op.set(op.move().reshape(op.tensor("self"), op.integers(op.has("size") ? "size" : "shape")));
}
void import_view_as(CallView& op) {
  op.set(op.move().reshape(op.tensor("self"), dims(op.shape(op.tensor("other")))));
}

void import_flatten(CallView& op) {
  const ValueId x = op.tensor("self");
  const size_t begin = axis_of(op, x, "start_dim", 0), end = axis_of(op, x, "end_dim", -1);
  const List shape = dims(op.shape(x));
  if (shape.empty()) return op.set(op.move().reshape(x, {1}));
  if (end < begin) op.refuse("wrong-argument", "end_dim lies before start_dim");
  List wanted(shape.begin(), shape.begin() + int64_t(begin));
  wanted.push_back(1);
  for (size_t d = begin; d <= end; ++d) wanted.back() *= shape[d];
  wanted.insert(wanted.end(), shape.begin() + int64_t(end) + 1, shape.end());
  op.set(op.move().reshape(x, wanted));
}

void import_unflatten(CallView& op) {
  const ValueId x = op.tensor("self");
  const auto axis = int64_t(axis_of(op, x, "dim", 0));
  List wanted = dims(op.shape(x));
  const List sizes = op.integers("sizes");
  if (wanted.empty()) op.refuse("wrong-shape", "its input has no dimension");
  wanted.erase(wanted.begin() + axis);
  wanted.insert(wanted.begin() + axis, sizes.begin(), sizes.end());
  op.set(op.move().reshape(x, wanted));
}

// Dimensions that are not 1 stay.
void import_squeeze(CallView& op) {
  const ValueId x = op.tensor("self");
  const Shape shape = op.shape(x);
  const bool all = !op.has("dim");
  std::vector<bool> named(std::max<size_t>(shape.size(), 1), all);
  for (int64_t axis : op.integers("dim")) named[op.dimension(axis, shape.size())] = true;
  List wanted;
  for (size_t d = 0; d < shape.size(); ++d)
    if (!named[d] || shape[d] != 1) wanted.push_back(shape[d]);
  op.set(op.move().reshape(x, wanted));
}

void import_unsqueeze(CallView& op) {
  const ValueId x = op.tensor("self");
  List wanted = dims(op.shape(x));
  const size_t axis = op.dimension(op.integer("dim"), wanted.size() + 1);
  wanted.insert(wanted.begin() + int64_t(axis), 1);
  op.set(op.move().reshape(x, wanted));
}

void import_permute(CallView& op) {
  const ValueId x = op.tensor("self");
  List perm = op.integers("dims");
  for (int64_t& d : perm) d = int64_t(op.dimension(d, rank_of(op, x)));
  op.set(op.move().transpose(x, perm));
}

List numbered(size_t rank) {
  List list(rank);
  std::iota(list.begin(), list.end(), 0);
  return list;
}

void swapped(CallView& op, const char* first, const char* second) {
  const ValueId x = op.tensor("self");
  if (op.shape(x).empty()) return op.set(x);
  List perm = numbered(rank_of(op, x));
  std::swap(perm[axis_of(op, x, first, 0)], perm[axis_of(op, x, second, 1)]);
  op.set(op.move().transpose(x, perm));
}
void import_transpose(CallView& op) { swapped(op, "dim0", "dim1"); }
void import_swapaxes(CallView& op) { swapped(op, "axis0", "axis1"); }

// All dimensions the other way round; of t at most two.
void import_reversed(CallView& op) {
  const ValueId x = op.tensor("self");
  List perm = numbered(rank_of(op, x));
  std::reverse(perm.begin(), perm.end());
  op.set(op.move().transpose(x, perm));
}

void import_move_dimension(CallView& op) {
  const ValueId x = op.tensor("self");
  if (op.shape(x).empty()) return op.set(x);
  List perm = numbered(rank_of(op, x));
  const auto from = int64_t(axis_of(op, x, "source", 0));
  const auto to = int64_t(axis_of(op, x, "destination", 0));
  perm.erase(perm.begin() + from);
  perm.insert(perm.begin() + to, from);
  op.set(op.move().transpose(x, perm));
}

// -1: as in the input.
void expand(CallView& op, ValueId x, List wanted) {
  List shape = dims(op.shape(x));
  if (shape.size() > wanted.size()) op.refuse("wrong-shape", "it expands to fewer dimensions");
  shape.insert(shape.begin(), wanted.size() - shape.size(), 1);
  for (size_t d = 0; d < wanted.size(); ++d)
    if (wanted[d] == -1) wanted[d] = shape[d];
  op.set(op.move().broadcast_to(x, wanted));
}
void import_expand(CallView& op) { expand(op, op.tensor("self"), op.integers("size")); }
void import_expand_as(CallView& op) {
  expand(op, op.tensor("self"), dims(op.shape(op.tensor("other"))));
}

void import_repeat(CallView& op) {
  const ValueId x = op.tensor("self");
  List repeats = op.integers(op.has("repeats") ? "repeats" : "dims");
  List shape = dims(op.shape(x));
  if (repeats.size() > 8) op.refuse("wrong-shape", "it makes more than 8 dimensions");
  if (repeats.size() > shape.size()) shape.insert(shape.begin(), repeats.size() - shape.size(), 1);
  if (repeats.size() < shape.size())
    repeats.insert(repeats.begin(), shape.size() - repeats.size(), 1);
  op.set(op.add(tile_op, {op.move().reshape(x, shape)}, {{"repeats", repeats}}));
}

// ---- parts -------------------------------------------------------------------------------------

void import_cat(CallView& op) {
  const std::vector<ValueId> all = op.tensors("tensors");
  if (all.empty() || std::count(all.begin(), all.end(), -1))
    op.refuse("wrong-argument", "it joins no tensors");
  op.set(op.move().concatenate(all, int64_t(axis_of(op, all[0], "dim", 0))));
}

void import_stack(CallView& op) {
  const std::vector<ValueId> all = op.tensors("tensors");
  if (all.empty() || std::count(all.begin(), all.end(), -1))
    op.refuse("wrong-argument", "it joins no tensors");
  const size_t axis = op.dimension(op.integer("dim", 0), rank_of(op, all[0]) + 1);
  op.set(op.move().stack(all, axis));
}

// Python's rule for begin:end:step, which never goes backwards here.
struct SlicedRange {
  int64_t begin, count, step;
};
SlicedRange sliced_range(CallView& op, int64_t extent) {
  const int64_t step = op.integer("step", 1);
  if (step < 1) op.refuse("wrong-argument", "its step is below 1");
  const auto bounded = [&](int64_t i) {
    return std::clamp<int64_t>(i < 0 ? std::max(i, -extent) + extent : i, 0, extent);
  };
  const int64_t begin = bounded(op.integer("start", 0));
  const int64_t end = bounded(op.integer("end", extent));
  if (end <= begin) op.refuse("empty-tensor", "nothing is left of its input");
  return {begin, (end - begin - 1) / step + 1, step};
}
void import_slice(CallView& op) {
  const ValueId x = op.tensor("self");
  const size_t axis = axis_of(op, x, "dim", 0);
  const SlicedRange range = sliced_range(op, op.shape(x).at(axis));
  List begins(rank_of(op, x), 0), sizes = dims(op.shape(x)), steps(sizes.size(), 1);
  begins[axis] = range.begin;
  sizes[axis] = range.count;
  steps[axis] = range.count == 1 ? 1 : range.step;
  op.set(op.move().slice(x, begins, sizes, steps));
}

// self, but for the numbers of `src` where slice() would have taken some.
void import_slice_scatter(CallView& op) {
  const ValueId x = op.tensor("self"), part = op.tensor("src");
  const size_t axis = axis_of(op, x, "dim", 0);
  const SlicedRange range = sliced_range(op, op.shape(x).at(axis));
  if (range.step != 1) op.refuse("unsupported-argument", "its step is not 1");
  if (op.shape(part).size() != rank_of(op, x) || op.shape(part)[axis] != range.count)
    op.refuse("wrong-shape", "what it puts in is not of the size of what it replaces");
  const int64_t end = range.begin + range.count, rest = op.shape(x)[axis] - end;
  std::vector<ValueId> parts;
  if (range.begin > 0) parts.push_back(op.move().slice_axis(x, axis, 0, range.begin));
  parts.push_back(part);
  if (rest > 0) parts.push_back(op.move().slice_axis(x, axis, end, rest));
  op.set(op.move().concatenate(parts, int64_t(axis)));
}

void narrow(CallView& op, ValueId x, size_t axis, int64_t start, int64_t length) {
  const int64_t extent = op.shape(x).at(axis);
  if (start < 0) start += extent;
  if (start < 0 || length < 1 || length > extent || start > extent - length)
    op.refuse("wrong-argument", "it takes what lies outside of its input");
  op.set(op.move().slice_axis(x, axis, start, length));
}
void import_narrow(CallView& op) {
  const ValueId x = op.tensor("self");
  narrow(op, x, axis_of(op, x, "dim", 0), op.integer("start"), op.integer("length"));
}

ValueId selected(CallView& op, ValueId x, size_t axis, int64_t index) {
  List shape = dims(op.shape(x));
  if (shape.empty()) op.refuse("wrong-shape", "its input has no dimension");
  if (index < 0) index += shape[axis];
  if (index < 0 || index >= shape[axis])
    op.refuse("wrong-argument", "its index lies outside of its input");
  const ValueId part = op.move().slice_axis(x, axis, index, 1);
  shape.erase(shape.begin() + int64_t(axis));
  return op.move().reshape(part, shape);
}
void import_select(CallView& op) {
  const ValueId x = op.tensor("self");
  op.set(selected(op, x, axis_of(op, x, "dim", 0), op.integer("index")));
}
void import_unbind(CallView& op) {
  const ValueId x = op.tensor("self");
  const size_t axis = axis_of(op, x, "dim", 0);
  if (op.shape(x).empty() || size_t(op.shape(x)[axis]) != op.output_count())
    op.refuse("wrong-shape", "its parts are not its outputs");
  for (size_t i = 0; i < op.output_count(); ++i)
    if (op.has_output(i)) op.set(i, selected(op, x, axis, int64_t(i)));
}

void split(CallView& op, const List& sizes) {
  const ValueId x = op.tensor("self");
  const size_t axis = axis_of(op, x, "dim", 0);
  if (sizes.size() != op.output_count()) op.refuse("wrong-shape", "its parts are not its outputs");
  const std::vector<ValueId> parts = op.move().split(x, axis, sizes);
  for (size_t i = 0; i < parts.size(); ++i) op.set(i, parts[i]);
}

// Parts of one size; the last may be smaller.
List parts_of(CallView& op, int64_t size) {
  const ValueId x = op.tensor("self");
  if (op.shape(x).empty()) op.refuse("wrong-shape", "its input has no dimension");
  const int64_t extent = op.shape(x)[axis_of(op, x, "dim", 0)];
  if (size < 1) op.refuse("wrong-argument", "its parts are empty");
  List sizes;
  for (int64_t at = 0; at < extent; at += size) sizes.push_back(std::min(size, extent - at));
  return sizes;
}
void import_split(CallView& op) { split(op, parts_of(op, op.integer("split_size"))); }
void import_split_sizes(CallView& op) {
  split(op, op.integers(op.has("split_sizes") ? "split_sizes" : "split_size"));
}
void import_chunk(CallView& op) {
  const ValueId x = op.tensor("self");
  const int64_t chunks = op.integer("chunks");
  if (chunks < 1 || op.shape(x).empty()) op.refuse("wrong-argument", "its parts are empty");
  const int64_t extent = op.shape(x)[axis_of(op, x, "dim", 0)];
  const auto most = std::min(chunks, extent);
  split(op, parts_of(op, chunks > extent ? 1 : (extent + most - 1) / most));
}

// ---- by index ----------------------------------------------------------------------------------

void gather(CallView& op, ValueId x, ValueId index, size_t axis) {
  op.set(op.add(gather_op, {x, op.move().indices(index)},
                {{"axis", int64_t(axis)}, {"from_last", int64_t(1)}}));
}
void import_embedding(CallView& op) {
  op.ignore("padding_idx");  // of training
  op.ignore("scale_grad_by_freq");
  op.ignore("sparse");
  gather(op, op.tensor("weight"), op.tensor("indices"), 0);
}
void import_index_select(CallView& op) {
  const ValueId x = op.tensor("self");
  gather(op, x, op.tensor("index"), axis_of(op, x, "dim", 0));
}

// x[:, index]: one dimension by a list of indices.
void import_index(CallView& op) {
  const ValueId x = op.tensor("self");
  const std::vector<ValueId> lists = op.tensors("indices");
  const auto given = std::find_if(lists.begin(), lists.end(), [](ValueId id) { return id >= 0; });
  if (given == lists.end() ||
      std::count(lists.begin(), lists.end(), -1) + 1 != int64_t(lists.size()))
    op.refuse("unsupported-argument", "it indexes more than one dimension by tensors",
              "index one dimension after the other");
  if (op.value(*given).type == ElementType::boolean)
    op.refuse("dynamic-shape", "it chooses by a mask: the size depends on the input",
              "use torch.where");
  const auto axis = size_t(given - lists.begin());
  if (axis >= rank_of(op, x)) op.refuse("wrong-argument", "it indexes a dimension too many");
  gather(op, x, *given, axis);
}

void import_gather(CallView& op) {
  const ValueId x = op.tensor("self");
  op.ignore("sparse_grad");
  op.set(op.add(gather_elements_op, {x, op.move().indices(op.tensor("index"))},
                {{"axis", int64_t(axis_of(op, x, "dim", 0))}, {"from_last", int64_t(1)}}));
}

void import_one_hot(CallView& op) {
  const int64_t depth = op.integer("num_classes", -1);
  if (depth < 1)
    op.refuse("dynamic-shape", "its number of classes depends on the input", "give num_classes");
  const ValueId values = op.constant(ElementType::s64, Shape{2}, List{0, 1});
  op.set(op.add(one_hot_op, {op.move().indices(op.tensor("self")), values}, {{"depth", depth}}));
}

void import_flip(CallView& op) {
  const ValueId x = op.tensor("self");
  std::vector<size_t> axes;
  for (int64_t axis : op.integers("dims")) axes.push_back(op.dimension(axis, rank_of(op, x)));
  op.set(op.shape(x).empty() ? x : op.move().reverse(x, axes));
}

// What leaves a dimension behind comes in again in front.
void import_roll(CallView& op) {
  ValueId x = op.tensor("self");
  const List shape = dims(op.shape(x)), shifts = op.integers("shifts"), axes = op.integers("dims");
  if (shape.empty()) return op.set(x);
  if (axes.empty()) x = op.move().reshape(x, {op.value(x).elements()});
  if (shifts.size() != std::max<size_t>(axes.size(), 1))
    op.refuse("wrong-argument", "its shifts are not one a dimension");
  for (size_t i = 0; i < shifts.size(); ++i) {
    const size_t axis = axes.empty() ? 0 : op.dimension(axes[i], rank_of(op, x));
    const int64_t extent = op.shape(x)[axis];
    const int64_t shift = (shifts[i] % extent + extent) % extent;
    if (shift == 0) continue;
    const ValueId front = op.move().slice_axis(x, axis, extent - shift, shift);
    const ValueId back = op.move().slice_axis(x, axis, 0, extent - shift);
    x = op.move().concatenate({front, back}, int64_t(axis));
  }
  op.set(op.move().reshape(x, shape));
}

// ---- borders, triangles, channels --------------------------------------------------------------

// Two numbers a dimension, the last one first.
void pad(CallView& op, const List& pads, const std::string& mode, double number) {
  const ValueId x = op.tensor("self");
  const size_t rank = rank_of(op, x);
  if (pads.size() % 2 != 0 || pads.size() / 2 > rank)
    op.refuse("wrong-argument", "its padding is not two numbers a dimension");
  List before(rank, 0), after(rank, 0);
  for (size_t i = 0; i < pads.size() / 2; ++i) {
    before[rank - 1 - i] = pads[2 * i];
    after[rank - 1 - i] = pads[2 * i + 1];
  }
  op.set(op.move().pad(x, before, after, mode, number));
}
void import_constant_pad(CallView& op) {
  pad(op, op.integers("pad"), "constant", op.number("value", 0));
}
void import_reflection_pad(CallView& op) { pad(op, op.integers("padding"), "reflect", 0); }
void import_replication_pad(CallView& op) { pad(op, op.integers("padding"), "edge", 0); }
void import_pad(CallView& op) {
  const std::string mode = op.text("mode", "constant");
  constexpr std::pair<std::string_view, const char*> kModes[] = {{"constant", "constant"},
                                                                 {"reflect", "reflect"},
                                                                 {"replicate", "edge"},
                                                                 {"circular", "wrap"}};
  for (const auto& [theirs, ours] : kModes)
    if (theirs == mode) return pad(op, op.integers("pad"), ours, op.number("value", 0));
  op.refuse("wrong-argument", "its mode is \"" + mode + "\"");
}

template <bool kUpper>
void import_triangle(CallView& op) {
  op.set(op.add(trilu_op, {op.tensor("self")},
                {{"upper", int64_t(kUpper)}, {"diagonal", op.integer("diagonal", 0)}}));
}

void import_pixel_shuffle(CallView& op) {
  op.set(op.move().depth_to_space_nchw(op.tensor("self"), op.integer("upscale_factor"), true));
}
void import_pixel_unshuffle(CallView& op) {
  const ValueId x = op.tensor("self");
  const List d = dims(op.shape(x));
  const int64_t block = op.integer("downscale_factor");
  if (d.size() != 4 || block < 1 || d[2] % block != 0 || d[3] % block != 0)
    op.refuse("wrong-shape", "its image is no multiple of its factor");
  Movement move = op.move();
  const ValueId split = move.reshape(x, {d[0], d[1], d[2] / block, block, d[3] / block, block});
  op.set(move.reshape(move.transpose(split, {0, 1, 3, 5, 2, 4}),
                      {d[0], d[1] * block * block, d[2] / block, d[3] / block}));
}
void import_channel_shuffle(CallView& op) {
  const ValueId x = op.tensor("self");
  const List d = dims(op.shape(x));
  const int64_t groups = op.integer("groups");
  if (d.size() < 2 || groups < 1 || d[1] % groups != 0)
    op.refuse("wrong-shape", "its channels are no multiple of its groups");
  Movement move = op.move();
  const int64_t rest = op.value(x).elements() / d[0] / d[1];
  const ValueId split = move.reshape(x, {d[0], groups, d[1] / groups, rest});
  op.set(move.reshape(move.transpose(split, {0, 2, 1, 3}), d));
}

constexpr ImportRule kRules[] = {
    {"aten._assert_tensor_metadata.default", "a size stride dtype device layout", import_assertion},
    {"aten._unsafe_view.default", "self size", import_view},
    {"aten.alias.default", "self", import_identity},
    {"aten.cat.default", "tensors dim", import_cat},
    {"aten.channel_shuffle.default", "self groups", import_channel_shuffle},
    {"aten.chunk.default", "self chunks dim", import_chunk},
    {"aten.clone.default", "self memory_format", import_identity},
    {"aten.concat.default", "tensors dim", import_cat},
    {"aten.constant_pad_nd.default", "self pad value", import_constant_pad},
    {"aten.contiguous.default", "self memory_format", import_identity},
    {"aten.copy.default", "self src non_blocking", import_copy},
    {"aten.detach.default", "self", import_identity},
    {"aten.dropout.default", "input p train", import_dropout},
    {"aten.embedding.default", "weight indices padding_idx scale_grad_by_freq sparse",
     import_embedding},
    {"aten.expand.default", "self size implicit", import_expand},
    {"aten.expand_as.default", "self other", import_expand_as},
    {"aten.feature_dropout.default", "input p train", import_dropout},
    {"aten.flatten.using_ints", "self start_dim end_dim", import_flatten},
    {"aten.flip.default", "self dims", import_flip},
    {"aten.gather.default", "self dim index sparse_grad", import_gather},
    {"aten.index.Tensor", "self indices", import_index},
    {"aten.index_select.default", "self dim index", import_index_select},
    {"aten.lift_fresh_copy.default", "self", import_identity},
    {"aten.movedim.int", "self source destination", import_move_dimension},
    {"aten.narrow.default", "self dim start length", import_narrow},
    {"aten.numpy_T.default", "self", import_reversed},
    {"aten.one_hot.default", "self num_classes", import_one_hot},
    {"aten.pad.default", "self pad mode value", import_pad},
    {"aten.permute.default", "self dims", import_permute},
    {"aten.pixel_shuffle.default", "self upscale_factor", import_pixel_shuffle},
    {"aten.pixel_unshuffle.default", "self downscale_factor", import_pixel_unshuffle},
    {"aten.reflection_pad1d.default", "self padding", import_reflection_pad},
    {"aten.reflection_pad2d.default", "self padding", import_reflection_pad},
    {"aten.repeat.default", "self repeats", import_repeat},
    {"aten.replication_pad1d.default", "self padding", import_replication_pad},
    {"aten.replication_pad2d.default", "self padding", import_replication_pad},
    {"aten.reshape.default", "self shape", import_view},
    {"aten.reshape_as.default", "self other", import_view_as},
    {"aten.roll.default", "self shifts dims", import_roll},
    {"aten.select.int", "self dim index", import_select},
    {"aten.slice.Tensor", "self dim start end step", import_slice},
    {"aten.slice_scatter.default", "self src dim start end step", import_slice_scatter},
    {"aten.split.Tensor", "self split_size dim", import_split},
    {"aten.split.sizes", "self split_size dim", import_split_sizes},
    {"aten.split_with_sizes.default", "self split_sizes dim", import_split_sizes},
    {"aten.squeeze.default", "self", import_squeeze},
    {"aten.squeeze.dim", "self dim", import_squeeze},
    {"aten.squeeze.dims", "self dim", import_squeeze},
    {"aten.stack.default", "tensors dim", import_stack},
    {"aten.swapaxes.default", "self axis0 axis1", import_swapaxes},
    {"aten.t.default", "self", import_reversed},
    {"aten.tile.default", "self dims", import_repeat},
    {"aten.transpose.int", "self dim0 dim1", import_transpose},
    {"aten.tril.default", "self diagonal", import_triangle<false>},
    {"aten.triu.default", "self diagonal", import_triangle<true>},
    {"aten.unbind.int", "self dim", import_unbind},
    {"aten.unflatten.int", "self dim sizes", import_unflatten},
    {"aten.unsqueeze.default", "self dim", import_unsqueeze},
    {"aten.view.default", "self size", import_view},
    {"aten.view_as.default", "self other", import_view_as},
    {"cortex_m.transpose.default", "self dims", import_permute},
    {"dim_order_ops._clone_dim_order.default", "self non_blocking dim_order", import_identity},
};

}  // namespace

std::span<const ImportRule> movement_rules() { return kRules; }

}  // namespace mote::pytorch
