// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers unchanged. See rules.h.
#include <algorithm>
#include <numeric>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// ---- other shapes ------------------------------------------------------------------------------

// Of a tensor without elements: its type, another shape without elements.
void set_empty_like(OperatorView& op, ValueId x, const List& shape, size_t output = 0) {
  bool none = false;
  for (int64_t d : shape) {
    if (d < 0 || d > INT32_MAX) op.refuse("wrong-shape", "its shape is not known");
    none = none || d == 0;
  }
  if (!none) op.refuse("empty-tensor", "its input has no elements, its output would have some");
  op.set_empty(output, op.value(x).type, shape);
}

void import_identity(OperatorView& op) { op.set(op.any_input(0)); }

// 0: as in the input, -1: what is left.
void import_reshape(OperatorView& op) {
  const ValueId x = op.any_input(0);
  List wanted = op.integers(1);
  const Shape shape = op.shape(x);
  if (op.integer("allowzero", 0) == 0)
    for (size_t d = 0; d < wanted.size(); ++d)
      if (wanted[d] == 0 && d < shape.size()) wanted[d] = shape[d];
  if (!op.is_empty(0)) return op.set(op.move().reshape(x, wanted));
  set_empty_like(op, x, wanted);
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
  if (op.input_count() == 0) op.refuse("no-input", "it has no inputs");
  const ValueId first = op.any_input(0);
  const size_t axis = op.dimension(op.integer("axis"), op.shape(first).size());
  std::vector<ValueId> some;  // those with elements
  List shape = dims(op.shape(first));
  shape[axis] = 0;
  for (size_t i = 0; i < op.input_count(); ++i) {
    if (op.shape(op.any_input(i)).size() != shape.size())
      op.refuse("wrong-shape", "its inputs have different numbers of dimensions");
    shape[axis] += op.shape(op.any_input(i))[axis];
    if (!op.is_empty(i)) some.push_back(op.input(i));
  }
  if (some.empty()) return set_empty_like(op, first, shape);
  op.set(op.move().concatenate(some, int64_t(axis)));
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
  const ValueId x = op.any_input(0);
  const List shape = dims(op.shape(x));
  const size_t axis = op.dimension(op.integer("axis", 0), shape.size());
  const List sizes = split_sizes(op, shape[axis]);
  if (sizes.size() != op.output_count())
    op.refuse("wrong-shape", "there must be a size for each output");
  List some;  // the parts that have elements
  for (int64_t size : sizes)
    if (size != 0 && !op.is_empty(0)) some.push_back(size);
  const std::vector<ValueId> parts =
      some.empty() ? std::vector<ValueId>() : op.move().split(x, axis, some);
  for (size_t i = 0, next = 0; i < sizes.size(); ++i) {
    List part = shape;
    part[axis] = sizes[i];
    if (sizes[i] != 0 && !op.is_empty(0))
      op.set(i, parts[next++]);
    else
      set_empty_like(op, x, part, i);
  }
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
  const ValueId x = op.any_input(0);
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
    begin[d] = range.begin;
    size[d] = range.size;
    step[d] = range.size == 1 ? 1 : range.step;
  }
  if (std::count(size.begin(), size.end(), 0)) return set_empty_like(op, x, size);
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

// ---- others ------------------------------------------------------------------------------------

void import_trilu(OperatorView& op) {
  const ValueId x = op.any_input(0);
  const int64_t diagonal = op.has_input(1) ? op.integer(1) : 0;
  op.ignore("upper");
  if (op.is_empty(0)) return op.set(x);
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
  op.set(op.add(reverse_sequence_op, {op.input(0), op.move().indices(op.input(1))},
                {{"sequence_axis", op.integer("time_axis", 0)},
                 {"batch_axis", op.integer("batch_axis", 1)}}));
}

// Nothing is dropped in inference.
void import_dropout(OperatorView& op) {
  op.ignore("ratio");
  op.ignore("seed");
  const bool training = op.has_input(2) && op.integer(2) != 0;
  if (training && (!op.has_input(1) || op.floats(1) != std::vector<double>{0}))
    op.refuse("wrong-input", "it is in training mode", "export the model for inference");
  const ValueId x = op.input(0);
  op.set(x);
  if (op.has_output(1))
    op.set(1, op.constant(ElementType::boolean, op.shape(x),
                          Bytes(size_t(op.value(x).elements()), 1)));
}

// Of tensors: what is given is there.
void import_optional_has_element(OperatorView& op) {
  op.set(op.constant(ElementType::boolean, Shape{}, Bytes{uint8_t(op.has_input(0))}));
}

constexpr ImportRule kRules[] = {
    {"Concat", import_concat},
    {"DepthToSpace", import_depth_to_space},
    {"Dropout", import_dropout},
    {"Expand", import_expand},
    {"Flatten", import_flatten},
    {"Identity", import_identity},
    {"OptionalGetElement", import_identity, "of tensors"},
    {"OptionalHasElement", import_optional_has_element, "of tensors"},
    {"Pad", import_pad},
    {"Reshape", import_reshape},
    {"ReverseSequence", import_reverse_sequence},
    {"Slice", import_slice},
    {"SpaceToDepth", import_space_to_depth},
    {"Split", import_split},
    {"Squeeze", import_squeeze},
    {"Tile", import_tile},
    {"Transpose", import_transpose},
    {"Trilu", import_trilu},
    {"Unsqueeze", import_unsqueeze},
};

}  // namespace

std::span<const ImportRule> movement_rules() { return kRules; }

}  // namespace mote::onnx
