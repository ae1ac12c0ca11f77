// SPDX-License-Identifier: Apache-2.0
// See stream_over_time.h. Of each value of the whole model: how many rows it has, how many are new
// with each hop, and which values of the new graph hold its last rows. Row r of a window is row
// r + step of the window before it, because no layer that is taken pads time; so the last `step`
// rows are new, whatever stride lies between the input and them.
#include "compiler/passes/stream_over_time.h"

#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/time_rules.h"
#include "ops/registry.h"

namespace mote {
namespace {

struct Rows {
  int32_t axis = 0;
  int64_t count = 1;                // in a window
  int64_t step = 1;                 // of these, new with a hop; count: all are made every time
  std::map<int64_t, ValueId> last;  // values that hold that many of the last rows

  bool in_parts() const { return step < count; }
};

class Streamer {
 public:
  Streamer(const Graph& graph, int64_t hop) : from_(graph), to_(graph) {
    to_.nodes.clear();
    const ValueId input = graph.streams[0].value;
    Value& frames = to_.value(input);
    const int32_t axis = time_axis(frames.shape);
    const int32_t window = frames.shape[size_t(axis)];
    first_ = (window + hop - 1) / hop;
    frames.shape[size_t(axis)] = int32_t(hop);
    rows_[input] = {axis, window, hop, {{hop, input}}};
  }

  Graph run() {
    for (const Node& node : from_.nodes) add(node);
    for (ValueId& id : to_.outputs) id = all_rows(id);
    if (rows_.at(from_.streams[0].value).in_parts() && layers_in_parts_ == 0)
      fail("nothing-to-keep", needs_all_,
           "it makes all its rows anew every hop, and no layer before it has results that could be "
           "kept",
           "leave out --hop");
    return remove_unused(to_);
  }

 private:
  void add(const Node& node) {
    const NodeView view(from_, node);
    const Rows* input = common_rows(view);
    const auto reach = input ? reach_of(view) : std::nullopt;
    if (reach && reach->leaves(input->count)) refuse_padding(view);
    if (!reach || reach->rows == 1 || reach->rows * reach->stride <= input->step)
      return add_whole(node);
    if (input->step % reach->stride != 0) refuse_stride(view, *input, reach->stride);
    add_rows(view, *input, *reach);
  }

  // What all inputs that come in parts have in common; null: there are none, or they differ.
  const Rows* common_rows(const NodeView& node) const {
    const Rows* common = nullptr;
    for (ValueId id : node.node().inputs) {
      if (id < 0 || from_.value(id).kind == ValueKind::constant) continue;
      const Rows& rows = rows_.at(id);
      if (!rows.in_parts()) return nullptr;
      if (common && !alike(*common, rows)) return nullptr;
      if (!common) common = &rows;
    }
    return common;
  }

  static bool alike(const Rows& a, const Rows& b) { return a.count == b.count && a.step == b.step; }

  void add_rows(const NodeView& view, const Rows& input, const Reach& reach) {
    const Node& node = view.node();
    const int64_t step = input.step / reach.stride;
    const int64_t needed = input.count - reach.begin - reach.stride * (reach.rows - step);
    const Value& whole = view.output();
    Shape expected = whole.shape;
    expected[size_t(time_axis(expected))] = int32_t(step);
    std::vector<ValueId> inputs = node.inputs;
    for (ValueId& id : inputs)
      if (rows_.count(id)) id = last_rows(id, needed);
    Attributes attributes = attributes_of_last_rows(view, step);
    Rows rows{time_axis(whole.shape), reach.rows, step, {}};
    const bool is_input = node.op == &slice_op && to_.value(inputs[0]).shape == expected;
    rows.last[step] = is_input ? inputs[0] : add_node(node, inputs, attributes).at(0);
    MOTE_ASSERT(to_.value(rows.last[step]).shape == expected);
    layers_in_parts_ += node.op->alias != Alias::view;
    rows_[node.outputs[0]] = rows;
  }

  void add_whole(const Node& node) {
    std::vector<ValueId> inputs = node.inputs;
    for (ValueId& id : inputs) {
      if (needs_all_.empty() && rows_.count(id) && rows_[id].in_parts())
        needs_all_ = place_of(from_, node);
      id = all_rows(id);
    }
    const std::vector<ValueId> outputs = add_node(node, inputs, node.attributes);
    for (size_t i = 0; i < outputs.size(); ++i) {
      MOTE_ASSERT(to_.value(outputs[i]).shape == from_.value(node.outputs[i]).shape);
      rows_[node.outputs[i]] = {0, 1, 1, {{1, outputs[i]}}};
    }
  }

  std::vector<ValueId> add_node(const Node& node, const std::vector<ValueId>& inputs,
                                const Attributes& attributes) {
    const bool variable = node.op->variable != VariableUse::none;
    to_.add_node(*node.op, node.name, inputs, attributes, variable ? node.states[0] : -1);
    const std::vector<ValueId> outputs = to_.nodes.back().outputs;
    for (size_t i = 0; i < outputs.size(); ++i)
      to_.value(outputs[i]).name = from_.value(node.outputs[i]).name;
    return outputs;
  }

  ValueId all_rows(ValueId id) {
    const auto found = rows_.find(id);
    return found == rows_.end() ? id : last_rows(id, found->second.count);
  }

  // The value that holds the last `count` rows of `id`.
  ValueId last_rows(ValueId id, int64_t count) {
    Rows& rows = rows_.at(id);
    const auto found = rows.last.find(count);
    if (found != rows.last.end()) return found->second;
    const ValueId fresh = rows.last.at(rows.step);
    const std::string name = from_.value(id).name + "/last_" + std::to_string(count);
    return rows.last[count] = count > rows.step ? add_window(name, rows, count)
                                                : add_tail(name, rows, fresh, count);
  }

  // A window of all rows waits until a whole window of the model has been pushed.
  ValueId add_window(const std::string& name, const Rows& rows, int64_t count) {
    return to_.add_node(sliding_window_op, name, {rows.last.at(rows.step)},
                        {{"axis", int64_t(rows.axis)},
                         {"rows", count},
                         {"first", count == rows.count ? first_ : int64_t(1)}});
  }

  ValueId add_tail(const std::string& name, const Rows& rows, ValueId fresh, int64_t count) {
    const Shape& shape = to_.value(fresh).shape;
    std::vector<int64_t> begin(shape.size(), 0), size(shape.begin(), shape.end());
    begin[size_t(rows.axis)] = rows.step - count;
    size[size_t(rows.axis)] = count;
    return to_.add_node(slice_op, name, {fresh}, {{"begin", begin}, {"size", size}});
  }

  [[noreturn]] void refuse_stride(const NodeView& node, const Rows& input, int64_t stride) const {
    const int64_t hop =
        to_.value(to_.streams[0].value).shape[size_t(rows_.at(from_.streams[0].value).axis)];
    const int64_t before = hop / input.step;  // frames between two rows of the input
    node.refuse("wrong-hop",
                "it steps over " + std::to_string(before * stride) +
                    " frames of the input at a time, which --hop " + std::to_string(hop) +
                    " is no multiple of",
                "use --hop " + std::to_string(before * stride) + " or a multiple of it");
  }

  const Graph& from_;
  Graph to_;
  int64_t first_ = 1;             // the hop that completes the first window
  std::map<ValueId, Rows> rows_;  // of the values of from_ that are computed
  int32_t layers_in_parts_ = 0;
  std::string needs_all_;  // the first layer that cannot take rows in parts
};

// Rows and columns of pixels.
bool is_image(const Shape& shape) {
  return shape.size() == 4 && shape[0] == 1 && shape[1] > 1 && shape[1] == shape[2];
}

void check(const Graph& graph, int64_t hop) {
  const auto refuse = [](const std::string& message, const std::string& remedy) {
    fail("wrong-hop", "--hop", message, remedy);
  };
  if (hop < 1)
    refuse("a hop of " + std::to_string(hop) + " frames is none",
           "give the number of new frames between two answers, 1 or more");
  if (graph.streams.size() != 1 || !graph.streams[0].more.empty() || !graph.streams[0].axes.empty())
    refuse("the model has several inputs", "leave out --hop: one input slides");
  if (!graph.variables.empty())
    refuse("the model keeps variables of its own from push to push: its input is a hop already",
           "leave out --hop");
  const Value& input = graph.value(graph.streams[0].value);
  const int32_t axis = time_axis(input.shape);
  if (axis < 0)
    refuse("input \"" + input.name + "\" has no time axis: no dimension is larger than 1",
           "leave out --hop");
  if (is_image(input.shape))
    refuse("input \"" + input.name + "\" is an image, as high as it is wide, and no time series",
           "leave out --hop");
  const int32_t window = input.shape[size_t(axis)];
  if (hop > window)
    refuse("a hop of " + std::to_string(hop) + " frames is more than the window's " +
               std::to_string(window),
           "use a hop of 1 to " + std::to_string(window));
}

}  // namespace

Graph stream_over_time(const Graph& graph, int64_t hop) {
  check(graph, hop);
  return Streamer(graph, hop).run();
}

}  // namespace mote
