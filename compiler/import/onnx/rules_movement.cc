// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers unchanged. See rules.h.
#include <algorithm>
#include <numeric>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// ---- other shapes ------------------------------------------------------------------------------

void import_identity(OperatorView& op) { op.set(op.input(0)); }

// 0: as in the input, -1: what is left.
void import_reshape(OperatorView& op) {
  const ValueId x = op.input(0);
  List wanted = op.integers(1);
  const Shape shape = op.shape(x);
  if (op.integer("allowzero", 0) == 0)
    for (size_t d = 0; d < wanted.size(); ++d)
      if (wanted[d] == 0 && d < shape.size()) wanted[d] = shape[d];
  op.set(op.move().reshape(x, wanted));
}

void import_flatten(OperatorView& op) {
  const ValueId x = op.input(0);
  const auto rank = int64_t(op.shape(x).size());
  int64_t axis = op.integer("axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) op.refuse("wrong-attribute", "its axis is no dimension");
  int64_t rows = 1;
  for (size_t d = 0; d < size_t(axis); ++d) rows *= op.shape(x)[d];
  op.set(op.move().reshape(x, {rows, op.value(x).elements() / rows}));
}

// Axes are an input since opset 13.
List axes_of(OperatorView& op) {
  if (op.opset() < 13) return op.integers("axes");
  return op.has_input(1) ? op.integers(1) : List{};
}

void import_squeeze(OperatorView& op) {
  const ValueId x = op.input(0);
  const Shape shape = op.shape(x);
  std::vector<bool> goes(shape.size());
  const List axes = axes_of(op);
  for (int64_t axis : axes) goes[op.dimension(axis, shape.size())] = true;
  List wanted;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (axes.empty()) goes[d] = shape[d] == 1;
    if (goes[d] && shape[d] != 1) op.refuse("wrong-shape", "it squeezes a dimension that is not 1");
    if (!goes[d]) wanted.push_back(shape[d]);
  }
  op.set(op.move().reshape(x, wanted));
}

void import_unsqueeze(OperatorView& op) {
  const ValueId x = op.input(0);
  const Shape shape = op.shape(x);
  const List axes = axes_of(op);
  if (axes.size() > 8) op.refuse("wrong-shape", "it adds more than 8 dimensions");
  List wanted(shape.size() + axes.size(), 0);
  for (int64_t axis : axes) {
    int64_t& dim = wanted[op.dimension(axis, wanted.size())];
    if (dim != 0) op.refuse("wrong-attribute", "an axis is named twice");
    dim = 1;
  }
  size_t next = 0;
  for (int64_t& dim : wanted)
    if (dim == 0) dim = shape[next++];
  op.set(op.move().reshape(x, wanted));
}

void import_transpose(OperatorView& op) {
  const ValueId x = op.input(0);
  List reversed(op.shape(x).size());
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  op.set(op.move().transpose(x, op.integers("perm", reversed)));
}

void import_expand(OperatorView& op) {
  const ValueId x = op.input(0);
  List wanted = op.integers(1);
  List shape = dims(op.shape(x));
  if (shape.size() < wanted.size()) shape.insert(shape.begin(), wanted.size() - shape.size(), 1);
  if (wanted.size() < shape.size()) wanted.insert(wanted.begin(), shape.size() - wanted.size(), 1);
  for (size_t d = 0; d < wanted.size(); ++d)
    if (wanted[d] == 1) wanted[d] = shape[d];
  op.set(op.move().broadcast_to(x, wanted));
}

void import_tile(OperatorView& op) {
  op.set(op.add(tile_op, {op.input(0)}, {{"repeats", op.integers(1)}}));
}

// ---- parts -------------------------------------------------------------------------------------

void import_concat(OperatorView& op) {
  const std::vector<ValueId> all = op.inputs();
  if (all.empty()) op.refuse("no-input", "it has no inputs");
  const auto axis = int64_t(op.dimension(op.integer("axis"), op.shape(all[0]).size()));
  op.set(op.move().concatenate(all, axis));
}

// Sizes, or equal parts whose last may be smaller.
List split_sizes(OperatorView& op, int64_t extent) {
  if (op.opset() < 13 && op.has("split")) return op.integers("split");
  if (op.opset() >= 13 && op.has_input(1)) return op.integers(1);
  const int64_t parts = op.integer("num_outputs", int64_t(op.output_count()));
  if (parts < 1 || parts != int64_t(op.output_count()))
    op.refuse("wrong-attribute", "its parts are not its outputs");
  const int64_t size = (extent + parts - 1) / parts;
  List sizes(size_t(parts), size);
  sizes.back() = extent - size * (parts - 1);
  return sizes;
}

void import_split(OperatorView& op) {
  const ValueId x = op.input(0);
  const size_t axis = op.dimension(op.integer("axis", 0), op.shape(x).size());
  const List sizes = split_sizes(op, op.shape(x)[axis]);
  if (sizes.size() != op.output_count())
    op.refuse("wrong-shape", "there must be a size for each output");
  const std::vector<ValueId> parts = op.move().split(x, axis, sizes);
  for (size_t i = 0; i < parts.size(); ++i) op.set(i, parts[i]);
}

struct Range {
  int64_t begin = 0, size = 0, step = 1;
};

// Python's rule for begin:end:step.
Range slice_range(int64_t begin, int64_t end, int64_t step, int64_t extent) {
  const int64_t least = step > 0 ? 0 : -1, most = step > 0 ? extent : extent - 1;
  const auto bounded = [&](int64_t i) {
    return std::clamp(i < 0 ? std::max(i, -extent - 1) + extent : i, least, most);
  };
  begin = bounded(begin);
  end = bounded(end);
  const int64_t span = step > 0 ? end - begin : begin - end;
  const auto stride = step > 0 ? uint64_t(step) : uint64_t(0) - uint64_t(step);
  return {begin, span <= 0 ? 0 : int64_t((uint64_t(span) - 1) / stride) + 1, step};
}

void import_slice(OperatorView& op) {
  const ValueId x = op.input(0);
  const Shape shape = op.shape(x);
  const bool by_input = op.opset() >= 10;
  const List starts = by_input ? op.integers(1) : op.integers("starts");
  const List ends = by_input ? op.integers(2) : op.integers("ends");
  List axes(starts.size()), steps(starts.size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  if (!by_input)
    axes = op.integers("axes", axes);
  else if (op.has_input(3))
    axes = op.integers(3);
  if (by_input && op.has_input(4)) steps = op.integers(4);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    op.refuse("wrong-shape", "its starts, ends, axes and steps are of different lengths");
  List begin(shape.size(), 0), size = dims(shape), step(shape.size(), 1);
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t d = op.dimension(axes[i], shape.size());
    if (steps[i] == 0) op.refuse("wrong-attribute", "a step is 0");
    const Range range = slice_range(starts[i], ends[i], steps[i], shape[d]);
    if (range.size == 0) op.refuse("empty-tensor", "nothing is left of its input");
    begin[d] = range.begin;
    size[d] = range.size;
    step[d] = range.size == 1 ? 1 : range.step;
  }
  op.set(op.move().slice(x, begin, size, step));
}

// Axes, where given, say which dimensions the numbers belong to.
void import_pad(OperatorView& op) {
  const ValueId x = op.input(0);
  const bool by_input = op.opset() >= 11;
  const List pads = by_input ? op.integers(1) : op.integers("pads");
  const size_t rank = op.shape(x).size();
  List axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (op.has_input(3)) axes = op.integers(3);
  if (pads.size() != 2 * axes.size())
    op.refuse("wrong-shape", "there must be two numbers for each dimension that is padded");
  List before(rank, 0), after(rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t d = op.dimension(axes[i], rank);
    before[d] = pads[i];
    after[d] = pads[i + axes.size()];
  }
  double number = by_input ? 0 : op.number("value", 0);
  if (by_input && op.has_input(2)) {
    const ValueId id = op.constant_input(2);
    if (op.value(id).elements() != 1) op.refuse("wrong-shape", "what it pads with is no number");
    number = op.is_float(id) ? op.floats(2)[0] : double(op.integer(2));
    const Quantization& q = op.value(x).quantization;  // ours pads with real numbers
    if (!q.empty()) number = (number - q.zero_point()) * double(q.scale());
  }
  op.set(op.move().pad(x, before, after, op.text("mode", "constant"), number));
}

// ---- by index ----------------------------------------------------------------------------------

ValueId indices(OperatorView& op, size_t i) { return op.move().indices(op.input(i)); }

void import_gather(OperatorView& op) {
  const ValueId x = op.input(0);
  const auto axis = int64_t(op.dimension(op.integer("axis", 0), op.shape(x).size()));
  op.set(op.add(gather_op, {x, indices(op, 1)}, {{"axis", axis}, {"from_last", int64_t(1)}}));
}

void import_gather_elements(OperatorView& op) {
  op.set(op.add(gather_elements_op, {op.input(0), indices(op, 1)},
                {{"axis", op.integer("axis", 0)}, {"from_last", int64_t(1)}}));
}

void import_gather_nd(OperatorView& op) {
  op.set(op.add(gather_nd_op, {op.input(0), indices(op, 1)},
                {{"batch_dims", op.integer("batch_dims", 0)}, {"from_last", int64_t(1)}}));
}

void import_scatter_elements(OperatorView& op) {
  op.set(op.add(scatter_elements_op, {op.input(0), indices(op, 1), op.input(2)},
                {{"axis", op.integer("axis", 0)},
                 {"from_last", int64_t(1)},
                 {"reduction", op.text("reduction", "none")}}));
}

void import_scatter_nd(OperatorView& op) {
  op.set(op.add(scatter_nd_op, {op.input(0), indices(op, 1), op.input(2)},
                {{"from_last", int64_t(1)}, {"reduction", op.text("reduction", "none")}}));
}

// The numbers of a dimension that a constant condition names; of all, flattened, without an axis.
void import_compress(OperatorView& op) {
  ValueId x = op.input(0);
  size_t axis = 0;
  if (op.has("axis"))
    axis = op.dimension(op.integer("axis", 0), op.shape(x).size());
  else
    x = op.move().reshape(x, {op.value(x).elements()});
  std::vector<int32_t> chosen;
  const List condition = op.integers(1);
  for (size_t i = 0; i < condition.size(); ++i)
    if (condition[i] != 0) chosen.push_back(int32_t(i));
  if (chosen.empty()) op.refuse("empty-tensor", "nothing is left of its input");
  if (chosen.back() >= op.shape(x)[axis]) op.refuse("wrong-shape", "its condition is too long");
  const ValueId list = op.constant(ElementType::s32, Shape{int32_t(chosen.size())}, chosen);
  op.set(op.add(gather_op, {x, list}, {{"axis", int64_t(axis)}}));
}

void import_one_hot(OperatorView& op) {
  const ValueId values = op.input(2), index = op.input(0);
  const List depth =
      op.is_float(op.constant_input(1)) ? List{int64_t(op.floats(1).at(0))} : op.integers(1);
  if (depth.size() != 1) op.refuse("wrong-shape", "its depth must be one number");
  const ValueId whole = op.is_float(index) ? op.cast(index, ElementType::s32) : index;
  op.set(
      op.add(one_hot_op, {op.move().indices(whole), values},
             {{"depth", depth[0]}, {"axis", op.integer("axis", -1)}, {"from_last", int64_t(1)}}));
}

// Ours works along the last dimension and gives s32 indices.
void import_top_k(OperatorView& op) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size(), axis = op.dimension(op.integer("axis", -1), rank);
  const int64_t k = op.opset() < 10 ? op.integer("k") : op.integer(1);
  const int64_t smallest = op.integer("largest", 1) == 0;
  op.ignore("sorted");  // sorted numbers are one of the orders that it allows
  List perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[axis], perm.back());
  Movement move = op.move();
  const std::vector<ValueId> best =
      op.add_all(top_k_op, {move.transpose(x, perm)}, {{"k", k}, {"smallest", smallest}});
  if (op.has_output(0)) op.set(0, move.transpose(best[0], perm));
  if (op.has_output(1)) op.set(1, op.cast(move.transpose(best[1], perm), ElementType::s64));
}

// ---- others ------------------------------------------------------------------------------------

void import_trilu(OperatorView& op) {
  const ValueId x = op.input(0);
  const int64_t diagonal = op.has_input(1) ? op.integer(1) : 0;
  op.set(op.add(trilu_op, {x}, {{"upper", op.integer("upper", 1)}, {"diagonal", diagonal}}));
}

void import_depth_to_space(OperatorView& op) {
  const std::string mode = op.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") op.refuse("wrong-attribute", "mode is \"" + mode + "\"");
  op.set(op.move().depth_to_space_nchw(op.input(0), op.integer("blocksize"), mode == "CRD"));
}

void import_space_to_depth(OperatorView& op) {
  op.set(op.move().space_to_depth_nchw(op.input(0), op.integer("blocksize")));
}

void import_reverse_sequence(OperatorView& op) {
  op.set(op.add(reverse_sequence_op, {op.input(0), indices(op, 1)},
                {{"sequence_axis", op.integer("time_axis", 0)},
                 {"batch_axis", op.integer("batch_axis", 1)}}));
}

// Nothing is dropped in inference.
void import_dropout(OperatorView& op) {
  op.ignore("ratio");
  op.ignore("seed");
  if (op.has_input(2) && op.integer(2) != 0)
    op.refuse("wrong-input", "it is in training mode", "export the model for inference");
  const ValueId x = op.input(0);
  op.set(x);
  if (op.has_output(1))
    op.set(1, op.constant(ElementType::boolean, op.shape(x),
                          Bytes(size_t(op.value(x).elements()), 1)));
}

constexpr ImportRule kRules[] = {
    {"Compress", import_compress},
    {"Concat", import_concat},
    {"DepthToSpace", import_depth_to_space},
    {"Dropout", import_dropout},
    {"Expand", import_expand},
    {"Flatten", import_flatten},
    {"Gather", import_gather},
    {"GatherElements", import_gather_elements},
    {"GatherND", import_gather_nd},
    {"Identity", import_identity},
    {"OneHot", import_one_hot},
    {"Pad", import_pad},
    {"Reshape", import_reshape},
    {"ReverseSequence", import_reverse_sequence},
    {"Scatter", import_scatter_elements},
    {"ScatterElements", import_scatter_elements},
    {"ScatterND", import_scatter_nd},
    {"Slice", import_slice},
    {"SpaceToDepth", import_space_to_depth},
    {"Split", import_split},
    {"Squeeze", import_squeeze},
    {"Tile", import_tile},
    {"TopK", import_top_k},
    {"Transpose", import_transpose},
    {"Trilu", import_trilu},
    {"Unsqueeze", import_unsqueeze},
};

}  // namespace

std::span<const ImportRule> movement_rules() { return kRules; }

}  // namespace mote::onnx
