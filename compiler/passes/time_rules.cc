// SPDX-License-Identifier: Apache-2.0
// See time_rules.h. What an operator does with its dimensions stands in layout_rules.cc, a row an
// operator; windows are added here.
#include "compiler/passes/time_rules.h"

#include <algorithm>

#include "compiler/passes/layout_rules.h"
#include "ops/nn/movement.h"
#include "ops/nn/window_2d.h"
#include "ops/registry.h"

namespace mote {
namespace {

using Dimensions64 = std::vector<int64_t>;

// A layer whose kernel moves over height and width.
std::optional<Window2d> moving_window(const NodeView& node) {
  const OpDef* op = node.node().op;
  if (op == &conv_2d_op || op == &depthwise_conv_2d_op) {
    const Shape& kernel = node.input(1).shape;
    return window_2d(node, kernel[1], kernel[2], Dilation::attribute);
  }
  if (op == &average_pool_2d_op || op == &max_pool_2d_op || op == &l2_pool_2d_op)
    return window_2d(node, extent(node, "filter_h"), extent(node, "filter_w"), Dilation::none);
  return std::nullopt;
}

std::optional<Reach> reach_of_window(const Window2d& w, size_t axis) {
  if (axis == 1)
    return Reach{-w.pad_top, w.stride_h, int64_t(w.kernel_h - 1) * w.dilation_h + 1, w.output_h};
  if (axis == 2)
    return Reach{-w.pad_left, w.stride_w, int64_t(w.kernel_w - 1) * w.dilation_w + 1, w.output_w};
  return std::nullopt;
}

std::optional<Reach> reach_of_slice(const NodeView& node, size_t axis) {
  const size_t rank = node.input(0).shape.size();
  const int64_t step = list_attribute(node, "step", rank, 1)[axis];
  if (step < 1) return std::nullopt;
  return Reach{list_attribute(node, "begin", rank, 0)[axis], step, 1,
               list_attribute(node, "size", rank, 1)[axis]};
}

bool names_axis(const NodeView& node, const char* attribute, size_t axis) {
  const auto rank = int64_t(node.input(0).shape.size());
  const Attribute& given = node.node().attributes.at(attribute);
  const auto is_axis = [&](int64_t d) { return (d < 0 ? d + rank : d) == int64_t(axis); };
  if (const auto* one = std::get_if<int64_t>(&given)) return is_axis(*one);
  const auto& many = std::get<Dimensions64>(given);
  return many.empty() || std::any_of(many.begin(), many.end(), is_axis);
}

bool names_axis(const NodeView& node, const LayoutRow& row, size_t axis) {
  return std::any_of(row.attributes.begin(), row.attributes.end(),
                     [&](const char* name) { return names_axis(node, name, axis); });
}

// Operands are aligned at their last dimensions and repeated along those of 1. Rows of all computed
// ones must meet; a constant with a number for each row would have to move with the window.
bool rows_meet(const NodeView& node) {
  const Shape& out = node.output().shape;
  const int32_t axis = time_axis(out);
  for (size_t i = 0; i < node.input_count(); ++i) {
    const Value& x = node.input(i);
    const auto own = axis - int32_t(out.size() - x.shape.size());
    if (x.kind != ValueKind::constant ? time_axis(x.shape) != own
                                      : own >= 0 && x.shape[size_t(own)] != 1)
      return false;
  }
  return true;
}

bool only_first_is_computed(const NodeView& node) {
  for (size_t i = 0; i < node.input_count(); ++i)
    if (node.has_input(i) && (node.input(i).kind == ValueKind::constant) == (i == 0)) return false;
  return true;
}

bool pads(const NodeView& node, size_t axis) {
  const size_t rank = node.input(0).shape.size();
  return list_attribute(node, "before", rank, 0)[axis] != 0 ||
         list_attribute(node, "after", rank, 0)[axis] != 0;
}

// Whether the view keeps whole rows: time stays what lies outermost.
bool keeps_rows(const NodeView& node, size_t axis) {
  const Shape& out = node.output().shape;
  const int32_t outermost = time_axis(out);
  return outermost >= 0 && out[size_t(outermost)] == node.input(0).shape[axis];
}

bool is_row_by_row(const NodeView& node, const LayoutRow& row, size_t axis) {
  switch (row.kind) {
    case LayoutKind::one:
      return true;
    case LayoutKind::last:
    case LayoutKind::weights:
      return axis + 1 != node.input(0).shape.size();
    case LayoutKind::along:
    case LayoutKind::reduction:
    case LayoutKind::together:
      return !names_axis(node, row, axis);
    case LayoutKind::relabel:
      return row.op == &reshape_op && keeps_rows(node, axis);
    case LayoutKind::lists:
      if (row.op == &pad_op && pads(node, axis)) refuse_padding(node);
      return row.op == &pad_op;
    default:
      return false;
  }
}

// Zeros left and right of the image that its windows reach, given as borders.
Attributes with_side_borders(const NodeView& node, const Window2d& w) {
  const int64_t span = int64_t(w.kernel_w - 1) * w.dilation_w + 1;
  const int64_t end = int64_t(w.output_w - 1) * w.stride_w - w.pad_left + span;
  Attributes attributes = node.node().attributes;
  attributes["padding"] = std::string("given");
  attributes["borders"] =
      Dimensions64{0, 0, w.pad_left, std::max<int64_t>(0, end - node.input(0).shape[2])};
  return attributes;
}

}  // namespace

void refuse_padding(const NodeView& node) {
  node.refuse("pads-time",
              "it pads the time axis, so the rows at both ends of a window are no others' rows",
              "leave out --hop, or train the model with \"valid\" padding");
}

int32_t time_axis(const Shape& shape) {
  const auto found = std::find_if(shape.begin(), shape.end(), [](int32_t d) { return d > 1; });
  return found == shape.end() ? -1 : int32_t(found - shape.begin());
}

std::optional<Reach> reach_of(const NodeView& node) {
  const Node& n = node.node();
  const LayoutRow* row = layout_row(*n.op);
  const Shape& out = node.output().shape;
  if (!row || n.outputs.size() != 1 || !n.states.empty() || time_axis(out) < 0) return std::nullopt;
  if (row->kind == LayoutKind::each || n.op == &concatenate_op) {
    const int32_t axis = time_axis(out);
    if (!rows_meet(node) || (n.op == &concatenate_op && names_axis(node, *row, size_t(axis))))
      return std::nullopt;
    return Reach{0, 1, 1, out[size_t(axis)]};
  }
  if (!only_first_is_computed(node)) return std::nullopt;
  const auto axis = size_t(time_axis(node.input(0).shape));
  if (const auto window = moving_window(node)) return reach_of_window(*window, axis);
  if (n.op == &slice_op) return reach_of_slice(node, axis);
  if (!is_row_by_row(node, *row, axis)) return std::nullopt;
  return Reach{0, 1, 1, node.input(0).shape[axis]};
}

Attributes attributes_of_last_rows(const NodeView& node, int64_t rows) {
  Attributes attributes = node.node().attributes;
  const Shape& in = node.input(0).shape;
  if (node.node().op == &slice_op) {
    const auto axis = size_t(time_axis(in));
    Dimensions64 begin = list_attribute(node, "begin", in.size(), 0);
    Dimensions64 size = list_attribute(node, "size", in.size(), 1);
    begin[axis] = 0;
    size[axis] = rows;
    attributes["begin"] = begin;
    attributes["size"] = size;
  }
  if (node.node().op == &reshape_op) {
    const Shape& out = node.output().shape;
    Dimensions64 shape(out.begin(), out.end());
    shape[size_t(time_axis(out))] = rows;
    attributes["shape"] = shape;
  }
  return attributes;
}

std::optional<Attributes> attributes_of_padded_rows(const NodeView& node, int64_t rows) {
  const auto window = moving_window(node);
  if (!window) return attributes_of_last_rows(node, rows);
  if (node.node().attributes.count("borders") > 0) return with_side_borders(node, *window);
  const Reach across = *reach_of_window(*window, 2), down = *reach_of_window(*window, 1);
  const Shape& image = node.input(0).shape;
  if (down.leaves(image[1]) || across.leaves(image[2])) return std::nullopt;
  Attributes attributes = node.node().attributes;
  attributes["padding"] = std::string("valid");
  return attributes;
}

}  // namespace mote
