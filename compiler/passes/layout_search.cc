// SPDX-License-Identifier: Apache-2.0
// See layout_search.h.
#include "compiler/passes/layout_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "compiler/passes/min_cut.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr int64_t kImpossible = int64_t(1) << 50;
constexpr size_t kNone = SIZE_MAX;

// What a transpose or a view does: its output in its input's index.
Order turn_of(const Graph& graph, const Node& node) {
  const Value& x = graph.value(node.inputs[0]);
  if (node.op != &transpose_op) return row_major(x.elements());
  Dimensions perm = std::get<Dimensions>(node.attributes.at("perm"));
  for (int64_t& d : perm) d += d < 0 ? int64_t(perm.size()) : 0;
  return permuted(x.shape, perm);
}

// Whether a tensor of that shape can be read along each of its dimensions.
bool dimensions_meet(const Order& label, const Shape& shape) {
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d])
    if (shape[d] != 1 && !composed({{shape[d], stride}}, label)) return false;
  return true;
}

// The readers of a root that want it in one order, before and after a move.
struct Wish {
  bool always = false;          // someone wants it whatever moves
  std::vector<size_t> staying;  // who wants it while it does not move
  std::vector<size_t> moving;   // who wants it once it moves
};

// What a root costs as capacities, w = its bytes. A wish of order o costs w if a reader has it and
// the maker gives another. Both makers' orders against both kinds of readers are edges; a term that
// none can express (the maker moves away from o while readers move to it, or the other way round)
// is counted whatever the readers do. With two orders in all it does not occur, and the cut is
// exact.
class RootCapacities {
 public:
  RootCapacities(MinCut& cut, int64_t bytes, size_t maker) : cut_(cut), w_(bytes), maker_(maker) {}

  void add(const Wish& wish, bool given_before, bool given_after) {
    if (wish.always) {
      if (!given_before) cost_if_staying();
      if (!given_after) cost_if_moving();
      return;
    }
    if (!wish.staying.empty()) add_staying(wish.staying, given_before, given_after);
    if (!wish.moving.empty()) add_moving(wish.moving, given_before, given_after);
  }

 private:
  void cost_if_staying() {
    if (maker_ != kNone) cut_.add_edge(maker_, MinCut::kSink, w_);
  }
  void cost_if_moving() {
    if (maker_ != kNone) cut_.add_edge(MinCut::kSource, maker_, w_);
  }

  // A vertex that stays if one of the readers does.
  void add_staying(const std::vector<size_t>& readers, bool before, bool after) {
    if (before && after) return;
    if (after) return cost_if_staying();
    const size_t one_stays = cut_.add_vertex();
    for (size_t reader : readers) cut_.add_edge(reader, one_stays, MinCut::kInfinite);
    cut_.add_edge(one_stays, before ? maker_ : MinCut::kSink, w_);
  }
  // A vertex that moves if one of the readers does.
  void add_moving(const std::vector<size_t>& readers, bool before, bool after) {
    if (before && after) return;
    if (before) return cost_if_moving();
    const size_t one_moves = cut_.add_vertex();
    for (size_t reader : readers) cut_.add_edge(one_moves, reader, MinCut::kInfinite);
    cut_.add_edge(after ? maker_ : MinCut::kSource, one_moves, w_);
  }

  MinCut& cut_;
  int64_t w_;
  size_t maker_;
};

}  // namespace

// Nodes that may change their frame together, each with the frame it would have.
struct LayoutSearch::Move {
  std::vector<std::pair<size_t, Frame>> nodes;
  std::map<size_t, size_t> place;  // of a node in `nodes`

  void add(size_t node, Frame frame) {
    if (place.emplace(node, nodes.size()).second) nodes.emplace_back(node, std::move(frame));
  }
};

LayoutSearch::LayoutSearch(const Graph& graph, int64_t work)
    : graph_(graph),
      work_(work),
      frames_(graph.nodes.size()),
      relabel_(graph.nodes.size()),
      root_(graph.values.size()),
      label_(graph.values.size()),
      maker_(graph.values.size(), -1),
      maker_output_(graph.values.size()),
      readers_(graph.values.size()),
      outside_(graph.values.size()),
      tried_(graph.nodes.size()) {
  rules_.reserve(graph.nodes.size());
  for (const Node& node : graph.nodes) rules_.emplace_back(graph, node);
  label_values();
  collect_readers();
}

void LayoutSearch::label_values() {
  for (size_t v = 0; v < graph_.values.size(); ++v) {
    root_[v] = ValueId(v);
    label_[v] = row_major(graph_.values[v].elements());
  }
  std::vector<bool> by_dimension(graph_.values.size(), false);  // some reader needs dimensions
  for (size_t n = 0; n < graph_.nodes.size(); ++n)
    if (rules_[n].movable() && !rules_[n].is_flat())
      for (ValueId id : graph_.nodes[n].inputs)
        if (id >= 0) by_dimension[size_t(id)] = true;
  for (size_t n = 0; n < graph_.nodes.size(); ++n) {
    const Node& node = graph_.nodes[n];
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      maker_[size_t(node.outputs[i])] = int32_t(n);
      maker_output_[size_t(node.outputs[i])] = i;
    }
    if (rules_[n].kind() != LayoutKind::relabel) continue;
    const auto y = size_t(node.outputs[0]);
    if (label_node(n) && (!by_dimension[y] || dimensions_meet(label_[y], graph_.values[y].shape)))
      continue;
    if (turn_of(graph_, node) == row_major(graph_.values[y].elements()))
      make_root(n);
    else if (break_before(n))
      label_node(n);
  }
}

// A view becomes a tensor that lies as it says.
void LayoutSearch::make_root(size_t n) {
  const ValueId y = graph_.nodes[n].outputs[0];
  relabel_[n] = false;
  root_[size_t(y)] = y;
  label_[size_t(y)] = row_major(graph_.value(y).elements());
}

// Names a transpose's or view's output; false where no one transpose makes it of the root.
bool LayoutSearch::label_node(size_t n) {
  const auto x = size_t(graph_.nodes[n].inputs[0]), y = size_t(graph_.nodes[n].outputs[0]);
  const Order plain = row_major(graph_.values[x].elements());
  const auto label = composed(turn_of(graph_, graph_.nodes[n]), label_[x]);
  if (!label || (*label != plain && !exchange(plain, *label))) return false;
  relabel_[n] = true;
  root_[y] = root_[x];
  label_[y] = *label;
  return true;
}

// Loops do not meet: the last view before node `n` becomes a root, and what follows it is told in
// that. False where there is none.
bool LayoutSearch::break_before(size_t n) {
  std::vector<size_t> path;
  for (ValueId id = graph_.nodes[n].inputs[0]; root(id) != id;
       id = graph_.nodes[path.back()].inputs[0]) {
    path.push_back(size_t(maker_[size_t(id)]));
    const Node& node = graph_.nodes[path.back()];
    if (turn_of(graph_, node) != row_major(graph_.value(id).elements())) continue;
    make_root(path.back());
    for (path.pop_back(); !path.empty(); path.pop_back()) label_node(path.back());
    return true;
  }
  return false;
}

void LayoutSearch::collect_readers() {
  for (size_t n = 0; n < graph_.nodes.size(); ++n) {
    if (relabel_[n]) continue;
    for (size_t i = 0; i < graph_.nodes[n].inputs.size(); ++i) {
      const ValueId id = graph_.nodes[n].inputs[i];
      if (id >= 0 && !is_constant(id)) readers_[size_t(root(id))].push_back({n, i});
    }
  }
  for (ValueId id : graph_.outputs)
    if (!is_constant(id)) outside_[size_t(root(id))].push_back(label(id));
}

const Frame& LayoutSearch::frame_of_maker(ValueId root) const {
  static const Frame kNatural;
  const int32_t maker = maker_[size_t(root)];
  return maker < 0 ? kNatural : frames_[size_t(maker)];
}

Order LayoutSearch::given(ValueId root, const Frame& frame) const {
  const int32_t maker = maker_[size_t(root)];
  if (maker < 0 || !is_movable(size_t(maker))) return row_major(graph_.value(root).elements());
  return rules_[size_t(maker)].of_output(frame, maker_output_[size_t(root)]);
}

std::optional<Order> LayoutSearch::wanted(size_t node, size_t i, const Frame& frame) const {
  const ValueId id = graph_.nodes[node].inputs[i];
  if (!is_movable(node) || frame.natural()) return label(id);
  return composed(rules_[node].of_input(frame, i), label(id));
}

int64_t LayoutSearch::cost_of(ValueId root) const {
  if (is_constant(root)) return 0;
  const Order here = given(root);
  std::set<Order> orders(outside_[size_t(root)].begin(), outside_[size_t(root)].end());
  for (const Reader& reader : readers_[size_t(root)]) {
    const auto order = wanted(reader.node, reader.input);
    if (!order) return kImpossible;
    orders.insert(*order);
  }
  const Order plain = row_major(graph_.value(root).elements());
  int64_t count = 0;
  bool through_plain = false;  // where no one transpose leads from here
  for (const Order& order : orders) {
    if (order == here) continue;
    ++count;
    if (exchange(here, order)) continue;
    if (!exchange(plain, order)) return kImpossible;
    through_plain = true;
  }
  if (through_plain && here != plain && !orders.count(plain)) ++count;
  return count * graph_.value(root).bytes();
}

int64_t LayoutSearch::cost() const {
  int64_t bytes = 0;
  for (size_t v = 0; v < graph_.values.size(); ++v)
    if (root_[v] == ValueId(v)) bytes += cost_of(ValueId(v));
  return bytes;
}

// Of what a node reads and gives; each once.
std::vector<ValueId> LayoutSearch::roots_of(size_t node) const {
  std::set<ValueId> roots(graph_.nodes[node].outputs.begin(), graph_.nodes[node].outputs.end());
  for (ValueId id : graph_.nodes[node].inputs)
    if (id >= 0 && !is_constant(id)) roots.insert(root(id));
  return {roots.begin(), roots.end()};
}

std::optional<Frame> LayoutSearch::maker_frame(ValueId root, const Order& order) const {
  const int32_t maker = maker_[size_t(root)];
  if (maker < 0) return std::nullopt;
  return rules_[size_t(maker)].from_output(order, maker_output_[size_t(root)]);
}

std::optional<Frame> LayoutSearch::reader_frame(const Reader& reader, const Order& order) const {
  if (!is_movable(reader.node)) return std::nullopt;
  const ValueId id = graph_.nodes[reader.node].inputs[reader.input];
  const auto own = composed(order, inverse(label(id)));
  if (!own) return std::nullopt;
  return rules_[reader.node].from_input(*own, reader.input, frames_[reader.node]);
}

// ---- moves of many nodes -----------------------------------------------------------------------

void LayoutSearch::run() {
  while (work_ > 0 && improve()) {
  }
  while (work_ > 0 && descend()) {
  }
}

// Tries a move from every transpose that is left; true after the first that paid.
bool LayoutSearch::improve() {
  for (size_t v = 0; v < root_.size() && work_ > 0; ++v) {
    --work_;
    if (is_constant(ValueId(v)) || root_[v] != ValueId(v) || cost_of(ValueId(v)) == 0) continue;
    const Order here = given(ValueId(v));
    std::set<Order> orders(outside_[v].begin(), outside_[v].end());
    for (const Reader& reader : readers_[v])
      if (const auto order = wanted(reader.node, reader.input)) orders.insert(*order);
    orders.insert(here);
    work_ -= int64_t(readers_[v].size());
    for (const Order& order : orders) {
      const auto frame = order == here ? std::nullopt : maker_frame(ValueId(v), order);
      if (frame && try_from(size_t(maker_[v]), *frame)) return true;
      for (const Reader& reader : readers_[v]) {
        if (--work_ < 0) return false;
        const auto other = reader_frame(reader, order);
        if (other && try_from(reader.node, *other)) return true;
      }
    }
  }
  return false;
}

bool LayoutSearch::try_from(size_t node, const Frame& frame) {
  const auto known = [](const auto& list, const Frame& f) {
    return std::any_of(list.begin(), list.end(),
                       [&](const auto& pair) { return pair.second == f; });
  };
  if (frame == frames_[node] || known(tried_[node], frame)) return false;
  Move move = spread(node, frame);
  for (const auto& [n, f] : move.nodes)
    if (!known(tried_[n], f)) tried_[n].emplace_back(n, f);
  if (!cut(move)) return false;
  work_ -= int64_t(tried_.size()) / 16;
  for (auto& list : tried_) list.clear();
  return true;
}

// `node` in `frame`, and every neighbour in the frame that spares a transpose between them.
LayoutSearch::Move LayoutSearch::spread(size_t node, const Frame& frame) {
  Move move;
  move.add(node, frame);
  for (size_t at = 0; at < move.nodes.size() && work_ > 0; ++at) {
    const auto [n, own] = move.nodes[at];
    const Node& here = graph_.nodes[n];
    for (size_t i = 0; i < here.inputs.size(); ++i) {
      if (here.inputs[i] < 0 || is_constant(here.inputs[i])) continue;
      if (const auto order = wanted(n, i, own)) spread_over(root(here.inputs[i]), *order, move);
    }
    for (ValueId id : here.outputs) spread_over(id, given(id, own), move);
  }
  return move;
}

void LayoutSearch::spread_over(ValueId root, const Order& order, Move& move) {
  const auto offer = [&](size_t node, const std::optional<Frame>& frame) {
    if (frame && *frame != frames_[node]) move.add(node, *frame);
  };
  const int32_t maker = maker_[size_t(root)];
  if (maker >= 0 && !move.place.count(size_t(maker)))
    offer(size_t(maker), maker_frame(root, order));
  for (const Reader& reader : readers_[size_t(root)]) {
    if (--work_ < 0) return;
    if (is_movable(reader.node) && !move.place.count(reader.node))
      offer(reader.node, reader_frame(reader, order));
  }
}

// The nodes of the move that pay, if any.
bool LayoutSearch::cut(Move& move) {
  MinCut division;
  std::vector<size_t> vertex;
  std::set<ValueId> roots;
  for (const auto& [node, frame] : move.nodes) {
    vertex.push_back(division.add_vertex());
    for (ValueId id : roots_of(node)) roots.insert(id);
  }
  for (ValueId root : roots) {
    std::map<Order, Wish> wishes;
    for (const Order& order : outside_[size_t(root)]) wishes[order].always = true;
    for (const Reader& reader : readers_[size_t(root)]) {
      --work_;
      const auto moves = move.place.find(reader.node);
      const auto before = wanted(reader.node, reader.input);
      auto after = before;
      if (moves != move.place.end())
        after = wanted(reader.node, reader.input, move.nodes[moves->second].second);
      if (before && before == after) wishes[*before].always = true;
      if (before == after) continue;
      const size_t v = vertex[moves->second];
      if (before) wishes[*before].staying.push_back(v);
      if (after) wishes[*after].moving.push_back(v);
      if (!after) division.add_edge(MinCut::kSource, v, MinCut::kInfinite);
    }
    const int32_t maker = maker_[size_t(root)];
    const auto moves = maker < 0 ? move.place.end() : move.place.find(size_t(maker));
    const bool stays = moves == move.place.end();
    const Order before = given(root);
    const Order after = stays ? before : given(root, move.nodes[moves->second].second);
    RootCapacities capacities(division, graph_.value(root).bytes(),
                              stays ? kNone : vertex[moves->second]);
    for (const auto& [order, wish] : wishes) capacities.add(wish, order == before, order == after);
  }
  if (!division.solve(work_)) return false;
  std::vector<bool> moved;
  for (size_t v : vertex) moved.push_back(division.on_sink_side(v));
  return apply(move, moved);
}

// Keeps the move only if it lowers the cost itself, of which the cut may have seen a bound.
bool LayoutSearch::apply(const Move& move, const std::vector<bool>& moved) {
  std::set<ValueId> roots;
  for (size_t i = 0; i < moved.size(); ++i)
    if (moved[i])
      for (ValueId id : roots_of(move.nodes[i].first)) roots.insert(id);
  const auto sum = [&] {
    int64_t bytes = 0;
    for (ValueId id : roots) bytes += cost_of(id), work_ -= int64_t(readers_[size_t(id)].size());
    return bytes;
  };
  const auto exchange_frames = [&](std::vector<Frame>& with) {
    for (size_t i = 0; i < moved.size(); ++i)
      if (moved[i]) std::swap(frames_[move.nodes[i].first], with[i]);
  };
  std::vector<Frame> frames;
  for (const auto& [node, frame] : move.nodes) frames.push_back(frame);
  const int64_t before = sum();
  exchange_frames(frames);
  if (sum() < before) return true;
  exchange_frames(frames);
  return false;
}

// ---- moves of one node -------------------------------------------------------------------------

std::vector<Frame> LayoutSearch::alternatives(size_t node) const {
  std::vector<Frame> frames;
  const auto offer = [&](const std::optional<Frame>& frame) {
    if (frame && std::find(frames.begin(), frames.end(), *frame) == frames.end())
      frames.push_back(*frame);
  };
  if (!is_movable(node)) return frames;
  offer(Frame{});
  for (const Frame& frame : rules_[node].permutations()) offer(frame);
  for (ValueId id : roots_of(node)) {
    std::set<Order> orders(outside_[size_t(id)].begin(), outside_[size_t(id)].end());
    orders.insert(given(id));
    for (const Reader& reader : readers_[size_t(id)])
      if (const auto order = wanted(reader.node, reader.input)) orders.insert(*order);
    for (const Order& order : orders) {
      if (maker_[size_t(id)] == int32_t(node)) offer(maker_frame(id, order));
      for (const Reader& reader : readers_[size_t(id)])
        if (reader.node == node) offer(reader_frame(reader, order));
    }
  }
  std::erase(frames, frames_[node]);
  return frames;
}

bool LayoutSearch::descend() {
  bool paid = false;
  for (size_t n = 0; n < frames_.size() && work_ > 0; ++n) {
    --work_;
    if (!is_movable(n)) continue;
    const std::vector<ValueId> roots = roots_of(n);
    int64_t readers = 0;
    for (ValueId id : roots) readers += int64_t(readers_[size_t(id)].size());
    if ((work_ -= readers) < 0) break;
    const auto sum = [&] {
      int64_t bytes = 0;
      for (ValueId id : roots) bytes += cost_of(id);
      return bytes;
    };
    int64_t best = sum();
    if (best == 0) continue;
    for (const Frame& frame : alternatives(n)) {
      work_ -= readers + 1;
      Frame old = std::exchange(frames_[n], frame);
      const int64_t bytes = sum();
      if (bytes < best)
        best = bytes, paid = true;
      else
        frames_[n] = std::move(old);
    }
  }
  return paid;
}

}  // namespace mote
