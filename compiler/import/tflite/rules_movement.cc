// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers unchanged. See rules.h.
#include <algorithm>

#include "compiler/import/movement.h"
#include "compiler/import/tflite/rules.h"
#include "compiler/import/tflite/strided_slice.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;
using List = std::vector<int64_t>;

Movement movement(OperatorView& op) {
  return Movement(op.assembly(), op.import().prefix + op.out(0).name);
}

List dims(const Shape& shape) { return {shape.begin(), shape.end()}; }

size_t dimension(OperatorView& op, int64_t axis, size_t rank) {
  if (axis < 0) axis += int64_t(rank);
  if (axis < 0 || axis >= int64_t(rank))
    op.refuse("wrong-attribute", "its axis is none of the " + std::to_string(rank) + " dimensions");
  return size_t(axis);
}

// The only number of a constant input.
int64_t integer(OperatorView& op, size_t i) {
  const List list = op.integers(i);
  if (list.size() != 1) op.refuse("wrong-shape", "input " + std::to_string(i) + " is no number");
  return list[0];
}

// What only changes the shape: the file says the new one, which the reader has checked. Where it is
// the old one, nothing is left.
void import_reshape(OperatorView& op) {
  op.set(movement(op).reshape(op.input(0), dims(op.out().shape)));
}

// Sparse constants are dense from the reader on.
void import_densify(OperatorView& op) { op.set(op.input(0)); }

void import_concatenation(OperatorView& op) {
  const auto& options = op.options<format::ConcatenationOptions>();
  if (op.activation(options.fused_activation_function()) != "none")
    op.refuse("wrong-activation", "a concatenation with a fused activation is not taken",
              "write the activation as a layer of its own");
  op.set(movement(op).concatenate(op.inputs(), options.axis()));
}

void import_transpose(OperatorView& op) {
  op.set(movement(op).transpose(op.input(0), op.integers(1)));
}

void import_slice(OperatorView& op) {
  const ValueId x = op.input(0);
  if (!op.is_constant(op.input(1))) {
    const ValueId start = movement(op).indices(op.input(1));
    return op.set(op.add(dynamic_slice_op, {x, start}, {{"size", dims(op.out().shape)}}));
  }
  const List begin = op.integers(1);
  List size = op.integers(2);
  const Shape shape = op.value(x).shape;
  if (begin.size() != shape.size() || size.size() != shape.size())
    op.refuse("wrong-shape", "begin and size must have a number for each dimension");
  for (size_t d = 0; d < size.size(); ++d)
    if (size[d] == -1 && begin[d] >= 0 && begin[d] < shape[d]) size[d] = shape[d] - begin[d];
  op.set(movement(op).slice(x, begin, size, List(size.size(), 1)));
}

void import_strided_slice(OperatorView& op) {
  const StridedSlice part = strided_slice(op);
  Movement move = movement(op);
  op.set(move.reshape(move.slice(op.input(0), part.begin, part.size, part.step), part.shape));
}

void set_parts(OperatorView& op, const std::vector<ValueId>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) op.set(i, parts[i]);
}

void import_split(OperatorView& op) {
  const ValueId x = op.input(1);
  const Shape shape = op.value(x).shape;
  const size_t axis = dimension(op, integer(op, 0), shape.size());
  const auto parts = int64_t(op.output_count());
  if (shape[axis] % parts != 0)
    op.refuse("wrong-shape", "the dimension cannot be split into " + std::to_string(parts));
  set_parts(op, movement(op).split(x, axis, List(size_t(parts), shape[axis] / parts)));
}

void import_split_v(OperatorView& op) {
  const ValueId x = op.input(0);
  const Shape shape = op.value(x).shape;
  const size_t axis = dimension(op, integer(op, 2), shape.size());
  List sizes = op.integers(1);
  if (sizes.size() != op.output_count())
    op.refuse("wrong-shape", "there must be a size for each output");
  const auto open = std::find(sizes.begin(), sizes.end(), -1);
  if (open != sizes.end()) {
    int64_t rest = shape[axis];
    for (auto size = sizes.begin(); size != sizes.end(); ++size)
      if (size != open) rest -= std::clamp<int64_t>(*size, 0, shape[axis]);
    *open = rest;
  }
  set_parts(op, movement(op).split(x, axis, sizes));
}

void import_unpack(OperatorView& op) {
  const auto& options = op.options<format::UnpackOptions>();
  const ValueId x = op.input(0);
  const Shape shape = op.value(x).shape;
  const size_t axis = dimension(op, options.axis(), shape.size());
  if (options.num() != shape[axis] || size_t(shape[axis]) != op.output_count())
    op.refuse("wrong-shape", "there must be an output for each index of the dimension");
  Movement move = movement(op);
  List rest = dims(shape);
  rest.erase(rest.begin() + int64_t(axis));
  std::vector<ValueId> parts = move.split(x, axis, List(size_t(shape[axis]), 1));
  for (ValueId& part : parts) part = move.reshape(part, rest);
  set_parts(op, parts);
}

void import_pack(OperatorView& op) {
  const auto& options = op.options<format::PackOptions>();
  const size_t rank = op.in(0).shape.size() + 1;
  op.set(movement(op).stack(op.inputs(), dimension(op, options.axis(), rank)));
}

void import_reverse(OperatorView& op) {
  const ValueId x = op.input(0);
  std::vector<size_t> axes;
  for (int64_t axis : op.integers(1)) axes.push_back(dimension(op, axis, op.value(x).shape.size()));
  op.set(movement(op).reverse(x, axes));
}

// Rows of (before, after), a dimension each.
struct Paddings {
  List before, after;
};
Paddings paddings(OperatorView& op, size_t i, size_t count) {
  const List list = op.integers(i);
  if (list.size() != 2 * count)
    op.refuse("wrong-shape", "there must be two numbers for each dimension that is padded");
  Paddings found;
  for (size_t d = 0; d < count; ++d) {
    if (std::min(list[2 * d], list[2 * d + 1]) < 0)
      op.refuse("wrong-attribute", "it is padded by a negative number");
    found.before.push_back(list[2 * d]);
    found.after.push_back(list[2 * d + 1]);
  }
  return found;
}

// Without a value: real 0, but TFLM pads int16 with the number 0.
double pad_value(OperatorView& op, const Value x) {
  const Quantization& q = x.quantization;
  double number = x.type == ElementType::s8 || x.type == ElementType::u8 ? q.zero_point() : 0;
  if (op.has_input(2)) {
    const ValueId id = op.input(2);
    if (!op.is_constant(id)) op.refuse("computed-value", "the value that pads is computed");
    const Value& value = op.value(id);
    if (value.elements() != 1 || value.type != x.type)
      op.refuse("wrong-type", "the value that pads must be one number of the input's type");
    if (value.type == ElementType::f32) return double(*value.as<float>());
    number = double(op.assembly().integers(id)[0]);
    if (std::abs(number) > 9007199254740992.0)
      op.refuse("wrong-attribute", "the value that pads is beyond 2^53");
  }
  return (number - q.zero_point()) * double(q.scale());
}

void import_pad(OperatorView& op) {
  const ValueId x = op.input(0);
  const Paddings by = paddings(op, 1, op.value(x).shape.size());
  op.set(movement(op).pad(x, by.before, by.after, "constant", pad_value(op, op.value(x))));
}

void import_mirror_pad(OperatorView& op) {
  const ValueId x = op.input(0);
  const Shape shape = op.value(x).shape;
  const bool reflect =
      op.options<format::MirrorPadOptions>().mode() == format::MirrorPadMode::REFLECT;
  const Paddings by = paddings(op, 1, shape.size());
  for (size_t d = 0; d < shape.size(); ++d)
    if (std::max(by.before[d], by.after[d]) > shape[d] - (reflect ? 1 : 0))
      op.refuse("wrong-attribute", "it is padded by more than the input mirrors");
  op.set(movement(op).pad(x, by.before, by.after, reflect ? "reflect" : "symmetric", 0));
}

void import_broadcast_to(OperatorView& op) {
  op.set(movement(op).broadcast_to(op.input(0), op.integers(1)));
}

void import_tile(OperatorView& op) {
  op.set(op.add(tile_op, {op.input(0)}, {{"repeats", op.integers(1)}}));
}

// The indices are those of a file that has run: within range.
void import_gather(OperatorView& op) {
  const auto& options = op.options<format::GatherOptions>();
  op.set(
      op.add(gather_op, {op.input(0), movement(op).indices(op.input(1))},
             {{"axis", int64_t(options.axis())}, {"batch_dims", int64_t(options.batch_dims())}}));
}

void import_gather_nd(OperatorView& op) {
  op.set(op.add(gather_nd_op, {op.input(0), movement(op).indices(op.input(1))}));
}

// A table of int8 with a float output is dequantised behind the look-up.
void import_embedding_lookup(OperatorView& op) {
  const ValueId rows =
      op.add(gather_op, {op.input(1), movement(op).indices(op.input(0))}, {{"axis", int64_t(0)}});
  const bool hybrid =
      op.out().type == format::TensorType::FLOAT32 && op.value(rows).type == ElementType::s8;
  op.set(hybrid ? op.add(dequantize_op, {rows}, {}, "real") : rows);
}

Bytes zeros(OperatorView& op) {
  ElementType type = ElementType::f32;
  if (!element_type(op.out().type, type)) op.refuse("wrong-type", "its type is not taken");
  const int64_t bytes = element_count(op.out().shape) * element_bytes(type);
  if (bytes > 1 << 26) op.refuse("wrong-shape", "it is too large for a constant");
  return Bytes(size_t(bytes));
}

// A constant of output 0's name, type and shape.
void set_constant(OperatorView& op, const Bytes& data) {
  ElementType type = ElementType::f32;
  if (!element_type(op.out().type, type)) op.refuse("wrong-type", "its type is not taken");
  op.set(op.assembly().add_constant(op.import().prefix + op.out().name, type, op.out().shape, data,
                                    op.out().quantization));
}

// LiteRT's rule: updates of one place add up. The file says the output's shape, too.
void import_scatter_nd(OperatorView& op) {
  if (op.integers(2) != dims(op.out().shape))
    op.refuse("wrong-output", "the file gives the output another shape");
  const ValueId indices = movement(op).indices(op.input(0));
  const ValueId updates = op.input(1);
  ElementType type = ElementType::f32;
  if (!element_type(op.out().type, type) || type != op.value(updates).type)
    op.refuse("wrong-type", "the output must have the type of the updates");
  const ValueId none =
      op.assembly().add_constant(op.import().prefix + op.out().name + "/zeros", type,
                                 op.out().shape, zeros(op), op.value(updates).quantization);
  op.set(op.add(scatter_nd_op, {none, indices, updates}, {{"reduction", std::string("add")}}));
}

void import_dynamic_update_slice(OperatorView& op) {
  op.set(op.add(dynamic_update_slice_op,
                {op.input(0), op.input(1), movement(op).indices(op.input(2))}));
}

void import_one_hot(OperatorView& op) {
  Movement move = movement(op);
  const ValueId values =
      move.concatenate({move.reshape(op.input(3), {1}), move.reshape(op.input(2), {1})}, 0);
  op.set(op.add(
      one_hot_op, {move.indices(op.input(0)), values},
      {{"depth", integer(op, 1)}, {"axis", int64_t(op.options<format::OneHotOptions>().axis())}}));
}

void import_top_k(OperatorView& op) {
  set_parts(op, op.add_all(top_k_op, {op.input(0)}, {{"k", integer(op, 1)}}));
}

void import_reverse_sequence(OperatorView& op) {
  const auto& options = op.options<format::ReverseSequenceOptions>();
  op.set(op.add(reverse_sequence_op, {op.input(0), movement(op).indices(op.input(1))},
                {{"sequence_axis", int64_t(options.seq_dim())},
                 {"batch_axis", int64_t(options.batch_dim())}}));
}

void import_space_to_depth(OperatorView& op) {
  const int32_t block = op.options<format::SpaceToDepthOptions>().block_size();
  op.set(movement(op).space_to_depth(op.input(0), block));
}

void import_depth_to_space(OperatorView& op) {
  const int32_t block = op.options<format::DepthToSpaceOptions>().block_size();
  op.set(movement(op).depth_to_space(op.input(0), block));
}

// Pads with the zero point, as LiteRT does: TFLM pads with a number that it never sets.
void import_space_to_batch(OperatorView& op) {
  const List block = op.integers(1);
  const Paddings by = paddings(op, 2, block.size());
  op.set(movement(op).space_to_batch(op.input(0), block, by.before, by.after));
}

void import_batch_to_space(OperatorView& op) {
  const List block = op.integers(1);
  const Paddings by = paddings(op, 2, block.size());
  op.set(movement(op).batch_to_space(op.input(0), block, by.before, by.after));
}

List resized(OperatorView& op) {
  const Shape& shape = op.in(0).shape;
  const List size = op.integers(1);
  if (shape.size() != 4 || size.size() != 2)
    op.refuse("wrong-shape", "it takes an image [n, h, w, c] and a size [h, w]");
  return {shape[0], size[0], size[1], shape[3]};
}

void import_resize_nearest(OperatorView& op) {
  const auto& options = op.options<format::ResizeNearestNeighborOptions>();
  const bool corners = options.align_corners(), centers = options.half_pixel_centers();
  const char* coordinates = corners ? (centers ? "tf_half_pixel_align_corners" : "align_corners")
                                    : (centers ? "tf_half_pixel" : "asymmetric");
  op.set(op.add(resize_nearest_op, {op.input(0)},
                {{"size", resized(op)},
                 {"coordinates", std::string(coordinates)},
                 {"nearest", std::string(corners ? "round_prefer_ceil" : "floor")}}));
}

void import_resize_bilinear(OperatorView& op) {
  const auto& options = op.options<format::ResizeBilinearOptions>();
  if (options.align_corners() && options.half_pixel_centers())
    op.refuse("wrong-options", "align_corners and half_pixel_centers exclude each other");
  const char* coordinates = options.align_corners()        ? "align_corners"
                            : options.half_pixel_centers() ? "half_pixel"
                                                           : "asymmetric";
  op.set(op.add(resize_linear_op, {op.input(0)},
                {{"size", resized(op)}, {"coordinates", std::string(coordinates)}}));
}

// Shapes are known: what asks for one is a constant.
void set_integers(OperatorView& op, const List& list) {
  if (op.out().type == format::TensorType::INT64) {
    Bytes data(list.size() * 8);
    if (!list.empty()) std::memcpy(data.data(), list.data(), data.size());
    return set_constant(op, data);
  }
  if (op.out().type != format::TensorType::INT32)
    op.refuse("wrong-type", "its output must be int32 or int64");
  const std::vector<int32_t> narrow(list.begin(), list.end());
  Bytes data(narrow.size() * 4);
  if (!narrow.empty()) std::memcpy(data.data(), narrow.data(), data.size());
  set_constant(op, data);
}

void expect_elements(OperatorView& op, size_t count) {
  if (element_count(op.out().shape) != int64_t(count))
    op.refuse("wrong-output", "the file gives the output another size");
}

void import_shape(OperatorView& op) {
  const List shape = dims(op.in(0).shape);
  expect_elements(op, shape.size());
  set_integers(op, shape);
}

void import_rank(OperatorView& op) {
  expect_elements(op, 1);
  set_integers(op, {int64_t(op.in(0).shape.size())});
}

void import_broadcast_args(OperatorView& op) {
  List a = op.integers(0), b = op.integers(1);
  if (a.size() < b.size()) std::swap(a, b);
  b.insert(b.begin(), a.size() - b.size(), 1);
  for (size_t d = 0; d < a.size(); ++d) {
    if (a[d] != b[d] && a[d] != 1 && b[d] != 1)
      op.refuse("wrong-shape", "the shapes cannot be broadcast to one");
    if (a[d] == 1) a[d] = b[d];
  }
  expect_elements(op, a.size());
  set_integers(op, a);
}

// The number 0, whatever it stands for: TFLM's rule.
void import_zeros_like(OperatorView& op) { set_constant(op, zeros(op)); }

void import_fill(OperatorView& op) {
  Movement move = movement(op);
  const List shape = op.integers(0);
  if (element_count(op.in(1).shape) != 1) op.refuse("wrong-shape", "it fills with one number");
  op.set(move.broadcast_to(move.reshape(op.input(1), {1}), shape.empty() ? List{1} : shape));
}

// The places of what is not 0, where that is known: their number is a shape.
void import_where(OperatorView& op) {
  const List condition = op.integers(0);
  const Shape shape = op.in(0).shape;
  List places;
  for (size_t i = 0; i < condition.size(); ++i) {
    if (condition[i] == 0) continue;
    int64_t inner = int64_t(condition.size()), rest = int64_t(i);
    for (int32_t extent : shape) {
      inner /= extent;
      places.push_back(rest / inner);
      rest %= inner;
    }
  }
  expect_elements(op, places.size());
  set_integers(op, places);
}

template <class T>
void set_range(OperatorView& op, T start, T step) {
  const auto count = size_t(element_count(op.out().shape));
  std::vector<T> numbers;
  for (size_t i = 0; i < count; ++i, start = T(start + step)) numbers.push_back(start);
  Bytes data(count * sizeof(T));
  if (count > 0) std::memcpy(data.data(), numbers.data(), data.size());
  set_constant(op, data);
}

// Constants alone: the number of numbers is a shape.
void import_range(OperatorView& op) {
  if (zeros(op).empty()) op.refuse("wrong-shape", "the range is empty");
  if (op.in(0).type == format::TensorType::FLOAT32) {
    for (size_t i : {0, 1, 2})
      if (!op.is_constant(op.input(i)) || op.value(op.input(i)).elements() != 1)
        op.refuse("dynamic-shape", "the range is computed");
    const float start = *op.value(op.input(0)).as<float>();
    return set_range<float>(op, start, *op.value(op.input(2)).as<float>());
  }
  const int64_t start = integer(op, 0), limit = integer(op, 1), step = integer(op, 2);
  const int64_t most = INT32_MAX;
  if (step == 0 || std::max({start, limit, step}) > most || std::min({start, limit, step}) < -most)
    op.refuse("wrong-attribute", "the range does not end");
  const int64_t steps = (limit - start + step - (step > 0 ? 1 : -1)) / step;
  expect_elements(op, size_t(std::max<int64_t>(0, steps)));
  if (op.out().type == format::TensorType::INT64) return set_range<int64_t>(op, start, step);
  if (op.out().type != format::TensorType::INT32) op.refuse("wrong-type", "its type is not taken");
  set_range<int32_t>(op, int32_t(start), int32_t(step));
}

constexpr ImportRule kRules[] = {
    {Op::BATCH_TO_SPACE_ND, import_batch_to_space},
    {Op::BROADCAST_ARGS, import_broadcast_args},
    {Op::BROADCAST_TO, import_broadcast_to},
    {Op::CONCATENATION, import_concatenation},
    {Op::DENSIFY, import_densify},
    {Op::DEPTH_TO_SPACE, import_depth_to_space},
    {Op::DYNAMIC_UPDATE_SLICE, import_dynamic_update_slice},
    {Op::EMBEDDING_LOOKUP, import_embedding_lookup},
    {Op::EXPAND_DIMS, import_reshape},
    {Op::FILL, import_fill},
    {Op::GATHER, import_gather},
    {Op::GATHER_ND, import_gather_nd},
    {Op::MIRROR_PAD, import_mirror_pad},
    {Op::ONE_HOT, import_one_hot},
    {Op::PACK, import_pack},
    {Op::PAD, import_pad},
    {Op::PADV2, import_pad},
    {Op::RANGE, import_range},
    {Op::RANK, import_rank},
    {Op::RESHAPE, import_reshape},
    {Op::RESIZE_BILINEAR, import_resize_bilinear},
    {Op::RESIZE_NEAREST_NEIGHBOR, import_resize_nearest},
    {Op::REVERSE_SEQUENCE, import_reverse_sequence},
    {Op::REVERSE_V2, import_reverse},
    {Op::SCATTER_ND, import_scatter_nd},
    {Op::SHAPE, import_shape},
    {Op::SLICE, import_slice},
    {Op::SPACE_TO_BATCH_ND, import_space_to_batch},
    {Op::SPACE_TO_DEPTH, import_space_to_depth},
    {Op::SPLIT, import_split},
    {Op::SPLIT_V, import_split_v},
    {Op::SQUEEZE, import_reshape},
    {Op::STRIDED_SLICE, import_strided_slice},
    {Op::TILE, import_tile},
    {Op::TOPK_V2, import_top_k},
    {Op::TRANSPOSE, import_transpose},
    {Op::UNPACK, import_unpack},
    {Op::WHERE, import_where},
    {Op::ZEROS_LIKE, import_zeros_like},
};

}  // namespace

std::span<const ImportRule> movement_rules() { return kRules; }

}  // namespace mote::tflite
