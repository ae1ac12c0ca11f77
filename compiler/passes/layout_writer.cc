// SPDX-License-Identifier: Apache-2.0
// See layout_writer.h.
#include "compiler/passes/layout_writer.h"

#include <algorithm>
#include <map>
#include <set>

#include "ops/registry.h"

namespace mote {
namespace {

Dimensions dims(const Shape& shape) { return {shape.begin(), shape.end()}; }

// The numbers of `value` in another order.
Bytes moved(const Value& value, const Order& order) {
  const auto bytes = size_t(element_bytes(value.type));
  Bytes result;
  result.reserve(value.data->size());
  std::vector<int64_t> at(order.size(), 0);
  int64_t from = 0;
  for (int64_t i = 0; i < value.elements(); ++i) {
    const uint8_t* number = value.data->data() + size_t(from) * bytes;
    result.insert(result.end(), number, number + bytes);
    for (size_t d = order.size(); d-- > 0;) {
      from += order[d].stride;
      if (++at[d] < order[d].size) break;
      from -= order[d].size * order[d].stride;
      at[d] = 0;
    }
  }
  return result;
}

class Writer {
 public:
  Writer(const Graph& graph, const LayoutSearch& search)
      : from_(graph), search_(search), to_(graph), stored_(graph.values.size()) {
    to_.nodes.clear();
    for (const Value& value : graph.values) names_.insert(value.name);
    for (const Node& node : graph.nodes) names_.insert(node.name);
    written_.assign(graph.values.size(), false);
    is_output_.assign(graph.values.size(), false);
    for (ValueId id : graph.outputs) is_output_[size_t(id)] = true;
    for (size_t v = 0; v < graph.values.size(); ++v) {
      maker_.push_back(-1);
      if (search.root(ValueId(v)) == ValueId(v))
        written_[v] = graph.values[v].kind != ValueKind::intermediate;
      else
        aliases_[search.root(ValueId(v))].push_back(ValueId(v));
    }
    for (size_t n = 0; n < graph.nodes.size(); ++n)
      for (ValueId id : graph.nodes[n].outputs) maker_[size_t(id)] = int32_t(n);
  }

  Graph run() {
    for (size_t v = 0; v < written_.size(); ++v)
      if (written_[v]) store(ValueId(v), ValueId(v), row_major(from_.values[v].elements()));
    for (size_t n = 0; n < from_.nodes.size(); ++n)
      if (!search_.is_relabel(n)) write_node(n);
    for (ValueId id : from_.outputs) write_output(id);
    return std::move(to_);
  }

 private:
  // A value of the new graph that holds a root's numbers.
  struct Stored {
    ValueId id = -1;
    Order order;
  };

  void store(ValueId root, ValueId id, const Order& order) {
    stored_[size_t(root)].push_back({id, order});
  }

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int32_t n = 2; !names_.insert(name).second; ++n) name = wanted + "_" + std::to_string(n);
    return name;
  }

  // ---- nodes

  void write_node(size_t n) {
    const Frame& frame = search_.frame(n);
    if (!search_.rule(n).movable() || frame.natural()) return copy(n);
    const LayoutRule& rule = search_.rule(n);
    if (rule.kind() == LayoutKind::weights) return write_weights(n);
    rule.is_flat() ? write_flat(n) : write_permuted(n);
  }

  // The old node on the old values. A transpose that is a root moves only dimensions of 1.
  void copy(size_t n) {
    Node node = from_.nodes[n];
    for (ValueId& id : node.inputs)
      if (id >= 0) id = in_order(id, search_.label(id), from_.value(id).shape);
    if (search_.rule(n).kind() == LayoutKind::relabel && node.op == &transpose_op) {
      node.op = &reshape_op;
      node.attributes = {{"shape", dims(from_.value(node.outputs[0]).shape)}};
    }
    to_.nodes.push_back(node);
    mark_written(node);
  }
  void mark_written(const Node& node) {
    for (ValueId id : node.outputs) {
      written_[size_t(id)] = true;
      store(id, id, row_major(from_.value(id).elements()));
    }
  }

  // Number by number, in the shape in which its first input is stored.
  void write_flat(size_t n) {
    const Node& node = from_.nodes[n];
    const Frame& frame = search_.frame(n);
    const int64_t elements = from_.value(node.outputs[0]).elements();
    std::vector<ValueId> inputs(node.inputs.size(), -1);
    Shape shape;
    for (size_t i = 0; i < inputs.size() && shape.empty(); ++i) {
      const Value& x = from_.value(node.inputs[i]);
      if (x.kind == ValueKind::constant || x.elements() != elements) continue;
      const Order order = *search_.wanted(n, i);
      inputs[i] =
          in_order(node.inputs[i], order, natural_shape(search_.root(node.inputs[i]), order));
      shape = to_.value(inputs[i]).shape;
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Value& x = from_.value(node.inputs[i]);
      if (inputs[i] >= 0) continue;
      if (!search_.rule(n).follows(i))
        inputs[i] = in_order(node.inputs[i], search_.label(node.inputs[i]), x.shape);
      else if (x.kind == ValueKind::constant)
        inputs[i] = constant(node.inputs[i], search_.rule(n).of_input(frame, i),
                             x.elements() == 1 ? Shape{1} : shape);
      else
        inputs[i] =
            in_order(node.inputs[i], *search_.wanted(n, i), x.elements() == 1 ? Shape{1} : shape);
    }
    add(n, inputs, node.attributes, frame);
  }

  void write_permuted(size_t n) {
    const Node& node = from_.nodes[n];
    const LayoutRule& rule = search_.rule(n);
    Frame frame = search_.frame(n);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id < 0 || from_.value(id).kind == ValueKind::constant) continue;
      const Stored* here = find(search_.root(id), *search_.wanted(n, i));
      if (here) frame = rule.respelled(frame, i, to_.value(here->id).shape);
      break;
    }
    std::vector<ValueId> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id < 0 || !rule.follows(i)) {
        inputs.push_back(id < 0 ? id : in_order(id, search_.label(id), from_.value(id).shape));
        continue;
      }
      const Shape shape = rule.stored_input(frame, i);
      inputs.push_back(from_.value(id).kind == ValueKind::constant
                           ? constant(id, rule.of_input(frame, i), shape)
                           : in_order(id, *search_.wanted(n, i), shape));
    }
    add(n, inputs, rule.attributes(frame), frame);
  }

  // The columns of the weights in the order in which the input comes.
  void write_weights(size_t n) {
    Node node = from_.nodes[n];
    const Frame& frame = search_.frame(n);
    const Shape& shape = from_.value(node.inputs[1]).shape;
    const Order rows = permuted(shape, {0});
    Order order = rows;
    order.insert(order.end(), frame.order.begin(), frame.order.end());
    node.inputs[0] =
        in_order(node.inputs[0], *search_.wanted(n, 0), from_.value(node.inputs[0]).shape);
    node.inputs[1] = constant(node.inputs[1], order, shape);
    to_.nodes.push_back(node);
    mark_written(node);
  }

  // A node in its frame. Outputs that are as they were keep their identity; an output of the graph
  // that is not leaves its name to the transpose behind.
  void add(size_t n, const std::vector<ValueId>& inputs, const Attributes& attributes,
           const Frame& frame) {
    const Node& old = from_.nodes[n];
    const size_t first = to_.values.size();
    to_.add_node(*old.op, old.name, inputs, attributes);
    Node& node = to_.nodes.back();
    bool same = true, named = false;
    for (size_t i = 0; i < old.outputs.size(); ++i) {
      const Value& value = from_.value(old.outputs[i]);
      same = same && to_.value(node.outputs[i]).shape == value.shape &&
             search_.rule(n).of_output(frame, i) == row_major(value.elements());
      named = named || is_output_[size_t(old.outputs[i])];
    }
    if (same) {
      to_.values.resize(first);
      node.outputs = old.outputs;
      return mark_written(node);
    }
    if (named) {
      node.name = unique(node.name + "/stored");
      for (ValueId id : node.outputs) to_.value(id).name = unique(to_.value(id).name + "/stored");
    }
    for (size_t i = 0; i < old.outputs.size(); ++i)
      store(old.outputs[i], node.outputs[i], search_.rule(n).of_output(frame, i));
  }

  ValueId constant(ValueId id, const Order& order, const Shape& shape) {
    const Value value = from_.value(id);
    if (order == row_major(value.elements()) && shape == value.shape) return id;
    ValueId& made = constants_[{id, order, shape}];
    if (made == 0)
      made = 1 + to_.add_constant(unique(value.name + "/stored"), value.type, shape,
                                  moved(value, order), value.quantization);
    return made - 1;
  }

  // ---- values in a wanted order and shape

  const Stored* find(ValueId root, const Order& order, const Shape* shape = nullptr) const {
    for (const Stored& stored : stored_[size_t(root)])
      if (stored.order == order && (!shape || to_.value(stored.id).shape == *shape)) return &stored;
    return nullptr;
  }

  // The root of `id` in `order`, which is told in the root's index, as a tensor of `shape`.
  ValueId in_order(ValueId id, const Order& order, const Shape& shape) {
    if (from_.value(id).kind == ValueKind::constant) return id;
    const ValueId root = search_.root(id);
    if (const Stored* there = find(root, order, &shape)) return there->id;
    if (const Stored* viewed = find(root, order))
      return relabelled(reshape_op, viewed->id, {{"shape", dims(shape)}}, {id, order, shape});
    return transposed(id, order, shape);
  }

  // A value to be, whose name follows that of the old value `id`.
  struct Target {
    ValueId id;
    Order order;
    Shape shape;
  };

  ValueId transposed(ValueId id, const Order& order, const Shape& shape) {
    const ValueId root = search_.root(id);
    Stored from = stored_[size_t(root)].front();
    if (!mote::exchange(from.order, order)) {  // loops that do not meet: in two steps
      const Order plain = row_major(from_.value(root).elements());
      from = {in_order(root, plain, from_.value(root).shape), plain};
    }
    const Shape& have = to_.value(from.id).shape;
    if (const auto perm = direct(have, from.order, shape, order))
      return relabelled(transpose_op, from.id, {{"perm", *perm}}, {id, order, shape});
    // Through a view that the graph had.
    for (ValueId alias : aliases_[root]) {
      const Shape& viewed = from_.value(alias).shape;
      if (search_.label(alias) != from.order || viewed == have) continue;
      const auto perm = direct(viewed, from.order, shape, order);
      if (!perm) continue;
      const ValueId view = in_order(alias, from.order, viewed);
      return relabelled(transpose_op, view, {{"perm", *perm}}, {id, order, shape});
    }
    const auto way = mote::exchange(from.order, order);
    MOTE_ASSERT(way.has_value());
    const ValueId view = in_order(id, from.order, way->shape);
    Shape shape_there;
    for (int64_t d : way->perm) shape_there.push_back(way->shape[size_t(d)]);
    const ValueId there =
        relabelled(transpose_op, view, {{"perm", way->perm}}, {id, order, shape_there});
    return shape_there == shape ? there : in_order(id, order, shape);
  }

  // The permutation from one tensor's dimensions to the other's, where they are the same ones.
  static std::optional<Dimensions> direct(const Shape& from, const Order& from_order,
                                          const Shape& to, const Order& to_order) {
    const auto have = digits_of(from, from_order), want = digits_of(to, to_order);
    if (!have || !want || from.size() != to.size()) return std::nullopt;
    Dimensions perm;
    std::vector<bool> used(from.size(), false);
    for (const Digit& digit : *want) {
      size_t d = 0;
      while (d < have->size() && (used[d] || (*have)[d] != digit)) ++d;
      if (d == have->size()) return std::nullopt;
      used[d] = true;
      perm.push_back(int64_t(d));
    }
    return perm;
  }

  // A view or transpose; under the old name and identity of a value that is the same, if there is
  // one that is not in use.
  ValueId relabelled(const OpDef& op, ValueId input, Attributes attributes, const Target& target) {
    const ValueId old = unused_value(target);
    if (old < 0) {
      to_.add_node(op, unique(from_.value(target.id).name + "/stored"), {input}, attributes);
      store(search_.root(target.id), to_.nodes.back().outputs[0], target.order);
      return to_.nodes.back().outputs[0];
    }
    write_as(old, op, input, std::move(attributes));
    return old;
  }
  void write_as(ValueId old, const OpDef& op, ValueId input, Attributes attributes) {
    Node node;
    node.op = &op;
    node.name = from_.nodes[size_t(maker_[size_t(old)])].name;
    if (search_.root(old) == old) node.name = from_.value(old).name;
    node.inputs = {input};
    node.outputs = {old};
    node.attributes = std::move(attributes);
    to_.nodes.push_back(std::move(node));
    written_[size_t(old)] = true;
    store(search_.root(old), old, search_.label(old));
  }

  ValueId unused_value(const Target& target) const {
    const auto fits = [&](ValueId id) {
      return !written_[size_t(id)] && search_.label(id) == target.order &&
             from_.value(id).shape == target.shape;
    };
    const ValueId root = search_.root(target.id);
    if (is_output_[size_t(root)] && fits(root)) return root;
    if (root != target.id && fits(target.id)) return target.id;
    const auto others = aliases_.find(root);
    if (others == aliases_.end()) return -1;
    const auto found = std::find_if(others->second.begin(), others->second.end(), fits);
    return found == others->second.end() ? -1 : *found;
  }

  // The shape of a value that has this order as its own; else what is stored already.
  Shape natural_shape(ValueId root, const Order& order) const {
    if (const Stored* stored = find(root, order)) return to_.value(stored->id).shape;
    const auto others = aliases_.find(root);
    if (others != aliases_.end())
      for (ValueId id : others->second)
        if (search_.label(id) == order) return from_.value(id).shape;
    if (order == row_major(from_.value(root).elements())) return from_.value(root).shape;
    auto way = mote::exchange(stored_[size_t(root)].front().order, order);
    if (!way) way = mote::exchange(row_major(from_.value(root).elements()), order);
    MOTE_ASSERT(way.has_value());
    Shape shape;
    for (int64_t d : way->perm) shape.push_back(way->shape[size_t(d)]);
    return shape;
  }

  // An output is its own value, under its own name.
  void write_output(ValueId id) {
    if (written_[size_t(id)]) return;
    const ValueId there = in_order(id, search_.label(id), from_.value(id).shape);
    if (there != id) write_as(id, reshape_op, there, {{"shape", dims(from_.value(id).shape)}});
  }

  const Graph& from_;
  const LayoutSearch& search_;
  Graph to_;
  std::vector<std::vector<Stored>> stored_;  // of a root; first as its maker gives it
  std::vector<bool> written_;                // old values that a node of the new graph gives
  std::vector<bool> is_output_;
  std::vector<int32_t> maker_;
  std::map<ValueId, std::vector<ValueId>> aliases_;                 // of a root
  std::map<std::tuple<ValueId, Order, Shape>, ValueId> constants_;  // plus 1
  std::set<std::string> names_;
};

}  // namespace

Graph write_layout(const Graph& graph, const LayoutSearch& search) {
  return Writer(graph, search).run();
}

}  // namespace mote
