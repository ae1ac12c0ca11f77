// SPDX-License-Identifier: Apache-2.0
// See row_loop.h. What a step needs of a value follows from its readers, from the last layer to the
// first: rows stride * (end - fresh) + begin .. of a reader whose rows end - fresh .. end - 1 are
// made.
#include "compiler/plan/row_loop.h"

#include <algorithm>

#include "compiler/passes/time_rules.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr int64_t kWord = 4;

int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

bool is_image(const Value& value) { return value.shape.size() == 4 && time_axis(value.shape) == 1; }

std::vector<ValueId> computed_inputs(const Graph& graph, const Node& node) {
  std::vector<ValueId> computed;
  for (ValueId id : node.inputs)
    if (id >= 0 && graph.value(id).kind != ValueKind::constant) computed.push_back(id);
  return computed;
}

// How the layer takes rows of images; none: it does not.
std::optional<Reach> image_reach(const Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  if (node.op->alias != Alias::none || node.outputs.size() != 1 || !node.states.empty() ||
      node.op == &slice_op || node.op == &pad_op || !is_image(graph.value(node.outputs[0])))
    return std::nullopt;
  const std::vector<ValueId> inputs = computed_inputs(graph, node);
  if (inputs.empty() || !std::all_of(inputs.begin(), inputs.end(),
                                     [&](ValueId id) { return is_image(graph.value(id)); }))
    return std::nullopt;
  const auto reach = reach_of(view);
  return reach && attributes_of_padded_rows(view, 1) ? reach : std::nullopt;
}

// The byte of which a row of zero points is made; none: they have several.
std::optional<uint8_t> zero_byte(const Value& value) {
  if (value.type == ElementType::s8) return uint8_t(value.quantization.zero_point());
  if (value.quantization.zero_point() == 0) return uint8_t{0};
  return std::nullopt;
}

class Maker {
 public:
  Maker(const Graph& graph, const RowLoopRequest& request) : graph_(graph), request_(request) {
    loop_.first = request.first, loop_.last = request.last;
  }

  std::optional<RowLoop> run() {
    for (int32_t l = loop_.first; l <= loop_.last; ++l)
      if (!take(l)) return std::nullopt;
    if (source_ < 0 || !is_only_read_here()) return std::nullopt;
    const Value& result = graph_.value(node(loop_.last).outputs[0]);
    if (result.shape[1] % request_.rows != 0) return std::nullopt;
    loop_.end = int32_t(result.shape[1] / request_.rows);
    needs_[node(loop_.last).outputs[0]] = {request_.rows, request_.rows, 0, 0};
    for (int32_t l = loop_.last; l >= loop_.first; --l)
      if (!add_window(node(l).outputs[0]) || !demand(l)) return std::nullopt;
    if (!add_window(source_)) return std::nullopt;
    std::reverse(loop_.values.begin(), loop_.values.end());
    return is_word_wise() ? std::optional(loop_) : std::nullopt;
  }

 private:
  struct Need {
    int64_t fresh = 0;
    int64_t end = 0;
    int64_t begin = 0;   // of the rows that step 0 reads
    int64_t lowest = 0;  // of all rows that are read
    bool is_padded = false;
  };

  const Node& node(int32_t layer) const { return graph_.nodes[size_t(layer)]; }
  bool is_made_here(ValueId id) const {
    for (int32_t l = loop_.first; l <= loop_.last; ++l)
      if (node(l).outputs[0] == id) return true;
    return false;
  }

  // Whether the layer takes rows, and besides the loop's values only one other.
  bool take(int32_t layer) {
    const auto reach = image_reach(graph_, node(layer));
    if (!reach) return false;
    reaches_.push_back(*reach);
    for (ValueId id : computed_inputs(graph_, node(layer))) {
      if (is_made_here(id)) continue;
      if (source_ >= 0 && source_ != id) return false;
      source_ = id;
    }
    return true;
  }

  // Of the loop's values only the last is read by others.
  bool is_only_read_here() const {
    const ValueId result = node(loop_.last).outputs[0];
    const auto is_inner = [&](ValueId id) { return id != result && is_made_here(id); };
    if (std::any_of(graph_.outputs.begin(), graph_.outputs.end(), is_inner)) return false;
    for (int32_t n = 0; n < int32_t(graph_.nodes.size()); ++n)
      if (!loop_.has(n) && std::any_of(node(n).inputs.begin(), node(n).inputs.end(), is_inner))
        return false;
    return true;
  }

  // What the layer's rows of a step ask of its inputs; false: its readers step differently.
  bool demand(int32_t layer) {
    const Reach& reach = reaches_[size_t(layer - loop_.first)];
    const Need out = needs_.at(node(layer).outputs[0]);
    for (ValueId id : computed_inputs(graph_, node(layer))) {
      const bool is_padded = reach.leaves(graph_.value(id).shape[1]);
      const Need need{out.fresh * reach.stride,
                      reach.stride * (out.end - 1) + reach.begin + reach.span,
                      reach.stride * (out.end - out.fresh) + reach.begin,
                      is_padded ? std::min<int64_t>(reach.begin, 0) : 0, is_padded};
      const auto [found, is_new] = needs_.emplace(id, need);
      if (is_new) continue;
      Need& all = found->second;
      if (all.fresh != need.fresh) return false;
      all.end = std::max(all.end, need.end);
      all.begin = std::min(all.begin, need.begin);
      all.lowest = std::min(all.lowest, need.lowest);
      all.is_padded = all.is_padded || need.is_padded;
    }
    return true;
  }

  // All readers were asked.
  bool add_window(ValueId id) {
    const auto found = needs_.find(id);
    if (found == needs_.end()) return false;
    Need& need = found->second;
    if (request_.is_aligned) need.end = -floor_div(-need.end, need.fresh) * need.fresh;
    const Value& value = graph_.value(id);
    const int64_t kept = std::max<int64_t>(0, need.end - need.fresh - need.begin);
    const auto zero = zero_byte(value);
    if (need.is_padded && !zero) return false;
    const RowWindow window{int32_t(value.bytes() / value.shape[1]),
                           value.shape[1],
                           int32_t(need.fresh),
                           int32_t(need.end),
                           int32_t(kept),
                           zero.value_or(0)};
    loop_.values.push_back({id, window, need.is_padded});
    const int64_t begin = floor_div(need.lowest - need.end + need.fresh, need.fresh);
    loop_.begin = std::min(loop_.begin, int32_t(begin));
    return true;
  }

  // Kernels find their rows at multiples of a word.
  bool is_word_wise() const {
    if (loop_.result().window.fresh_bytes() % kWord != 0) return false;
    for (int32_t l = loop_.first; l <= loop_.last; ++l) {
      if (loop_.of_layer(l).window.kept_bytes() % kWord != 0) return false;
      for (ValueId id : computed_inputs(graph_, node(l)))
        if (rows_read(graph_, loop_, l, id).offset % kWord != 0) return false;
    }
    return true;
  }

  const Graph& graph_;
  const RowLoopRequest& request_;
  RowLoop loop_;
  ValueId source_ = -1;
  std::vector<Reach> reaches_;  // of the layers
  std::map<ValueId, Need> needs_;
};

}  // namespace

const RowValue* RowLoop::in_window(ValueId value) const {
  for (size_t v = 0; v + 1 < values.size(); ++v)
    if (values[v].value == value) return &values[v];
  return nullptr;
}

std::optional<RowLoop> make_row_loop(const Graph& graph, const RowLoopRequest& request) {
  return Maker(graph, request).run();
}

bool may_come_by_rows(const Graph& graph, const RowLoop& loop) {
  const ValueId source = loop.source().value;
  if (graph.streams.size() != 1 || graph.streams[0].value != source ||
      !graph.streams[0].axes.empty() || !graph.streams[0].more.empty() || loop.first != 0)
    return false;
  for (size_t n = size_t(loop.last) + 1; n < graph.nodes.size(); ++n)
    for (ValueId id : graph.nodes[n].inputs)
      if (id == source) return false;
  return std::find(graph.outputs.begin(), graph.outputs.end(), source) == graph.outputs.end();
}

RowsRead rows_read(const Graph& graph, const RowLoop& loop, int32_t layer, ValueId input) {
  const Reach reach = *reach_of(NodeView(graph, graph.nodes[size_t(layer)]));
  const RowWindow& out = loop.of_layer(layer).window;
  const RowWindow& in = loop.in_window(input)->window;
  const int64_t begin = reach.stride * (out.end - out.fresh) + reach.begin;
  const int64_t kept = begin - (in.end - in.fresh - in.kept);
  return {reach, reach.stride * (out.fresh - 1) + reach.span, kept * in.row_bytes};
}

KernelCandidate lower_rows(const Graph& graph, const RowLoop& loop, int32_t layer,
                           const RowKernel& wanted) {
  const Node& node = graph.nodes[size_t(layer)];
  const RowWindow& window = loop.of_layer(layer).window;
  Graph alone;
  std::vector<ValueId> inputs = node.inputs;
  for (ValueId& id : inputs) {
    if (id < 0) continue;
    alone.values.push_back(graph.value(id));
    if (loop.in_window(id))
      alone.values.back().shape[1] = int32_t(rows_read(graph, loop, layer, id).rows);
    id = ValueId(alone.values.size()) - 1;
  }
  const ValueId out =
      alone.add_node(*node.op, node.name, inputs,
                     attributes_of_padded_rows(NodeView(graph, node), window.fresh).value());
  const Value& whole = graph.value(node.outputs[0]);
  MOTE_ASSERT(alone.value(out).bytes() == window.fresh_bytes() &&
              alone.value(out).type == whole.type &&
              alone.value(out).quantization == whole.quantization);
  return find_kernel(wanted.core, NodeView(alone, alone.nodes[0]), wanted.name);
}

AccessOrder order_of(const RowLoop& loop) {
  const RowWindow &in = loop.source().window, &out = loop.result().window;
  AccessOrder order;
  for (int32_t step = loop.begin; step < loop.end; ++step) {
    const int64_t read = int64_t(in.first_row(step)) * in.row_bytes;
    const int64_t write = int64_t(out.first_row(step)) * out.row_bytes;
    AccessStep s;
    if (in.has_rows(step)) {
      s.read_begin = read + in.above(step) * in.row_bytes;
      s.read_end = read + in.inside_end(step) * in.row_bytes;
    }
    if (out.has_rows(step)) s.write_begin = write, s.write_end = write + out.fresh_bytes();
    order.runs.push_back({s, 1, 0, 0});
  }
  return order;
}

int64_t macs_by_rows(const Graph& graph, const RowLoop& loop, int32_t layer) {
  const Node& node = graph.nodes[size_t(layer)];
  const RowWindow& window = loop.of_layer(layer).window;
  if (!node.op->macs) return 0;
  int64_t rows = 0;
  for (int32_t step = loop.begin; step < loop.end; ++step)
    rows += window.has_rows(step) ? window.fresh : 0;
  return node.op->macs(NodeView(graph, node)) / window.rows * rows;
}

}  // namespace mote
