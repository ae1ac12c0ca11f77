// SPDX-License-Identifier: Apache-2.0
// remove_dead_channels: before  a[64] = conv_2d(x); b[64] = depthwise(a); c = conv_2d(b)
//                       after   a[57] = conv_2d(x); b[57] = depthwise(a); c = conv_2d(b), other
//                       bias.
// Channels that are linked from layer to layer (channel_links.h) stay or go together, as a group.
// A group goes if every layer that sums over one of its channels can do without:
//   - all weights that meet the channel are zero: nobody reads it; or
//   - its number is known and the same everywhere (known_channels.h): (number - zero point) *
//   weight
//     goes into the bias. A tap that lies in the padding at some places would add it at others
//     only, so its weight must be zero, or the number the zero point.
// Weights of channels that are gone do not count, so this is repeated until nothing goes. Promises
// every byte of what stays, the order of nodes, and the shape of inputs and outputs. Relies on
// integer sums, which do not depend on their order; float layers are left alone. At least one
// channel of a value stays.
#include <algorithm>
#include <numeric>

#include "compiler/passes/channel_links.h"
#include "compiler/passes/channel_writer.h"
#include "compiler/passes/known_channels.h"
#include "compiler/passes/layer_weights.h"
#include "compiler/passes/passes.h"
#include "core/element_type.h"

namespace mote {
namespace {

// A channel of a value; all slots of a graph are numbered.
struct Slot {
  ValueId value;
  int32_t channel;
};

// Union-find over slots.
class Groups {
 public:
  explicit Groups(size_t slots) : parent_(slots) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t find(size_t slot) {
    while (parent_[slot] != slot) slot = parent_[slot] = parent_[parent_[slot]];
    return slot;
  }
  void unite(size_t a, size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<size_t> parent_;
};

class Remover {
 public:
  explicit Remover(const Graph& graph)
      : graph_(graph), known_(known_channels(graph)), sums_(graph.values.size()) {
    size_t slots = 0;
    for (const Value& value : graph.values) {
      first_slot_.push_back(slots);
      slots += size_t(channel_count(value));
      cut_.stays.emplace_back(size_t(channel_count(value)), true);
    }
    pinned_.resize(slots);
    collect(slots);
  }

  Graph run() {
    for (bool changed = true; changed;) {
      changed = false;
      for (auto group = groups_.rbegin(); group != groups_.rend(); ++group)
        changed = (!group->empty() && stays(group->front()) && remove(*group)) || changed;
    }
    return take_channels(graph_, cut_);
  }

 private:
  using Biases = std::map<size_t, std::vector<int64_t>>;  // by node

  size_t slot(ValueId id, int32_t channel) const {
    return first_slot_[size_t(id)] + size_t(channel);
  }
  bool stays(const Slot& s) const { return cut_.stays[size_t(s.value)][size_t(s.channel)]; }

  void pin(ValueId id) {
    if (id < 0) return;
    for (int32_t c = 0; c < channel_count(graph_.value(id)); ++c) pinned_[slot(id, c)] = true;
  }

  void collect(size_t slots) {
    Groups groups(slots);
    for (size_t i = 0; i < graph_.values.size(); ++i)
      if (graph_.values[i].kind != ValueKind::intermediate) pin(ValueId(i));
    for (ValueId id : graph_.outputs) pin(id);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) link(n, groups);
    std::vector<std::vector<Slot>> by_root(slots);
    for (size_t i = 0; i < graph_.values.size(); ++i)
      for (int32_t c = 0; c < channel_count(graph_.values[i]); ++c)
        by_root[groups.find(slot(ValueId(i), c))].push_back({ValueId(i), c});
    for (std::vector<Slot>& group : by_root)
      if (!group.empty() && std::none_of(group.begin(), group.end(), [&](const Slot& s) {
            return pinned_[slot(s.value, s.channel)];
          }))
        groups_.push_back(std::move(group));
    std::sort(groups_.begin(), groups_.end(),
              [](const auto& a, const auto& b) { return a.front().value < b.front().value; });
  }

  void link(size_t n, Groups& groups) {
    const Node& node = graph_.nodes[n];
    const ChannelRule rule = channel_rule(graph_, node);
    for (const ChannelLink& l : rule.links)
      groups.unite(slot(node.inputs[l.input], l.from), slot(node.outputs[0], l.to));
    if (rule.kind == ChannelKind::dense) sums_[size_t(node.inputs[0])].push_back(n);
    if (rule.kind != ChannelKind::mixed) return;
    for (ValueId id : node.inputs) pin(id);
    for (ValueId id : node.outputs) pin(id);
  }

  bool remove(const std::vector<Slot>& group) {
    Biases biases;
    if (empties_a_value(group)) return false;
    for (const Slot& s : group)
      for (size_t n : sums_[size_t(s.value)])
        if (!fold(s, n, biases)) return false;
    for (const Slot& s : group) cut_.stays[size_t(s.value)][size_t(s.channel)] = false;
    for (auto& [n, bias] : biases) cut_.biases[n] = std::move(bias);
    return true;
  }

  bool empties_a_value(const std::vector<Slot>& group) const {
    std::map<ValueId, int64_t> goes;
    for (const Slot& s : group) ++goes[s.value];
    return std::any_of(goes.begin(), goes.end(), [&](const auto& entry) {
      const std::vector<bool>& flags = cut_.stays[size_t(entry.first)];
      return std::count(flags.begin(), flags.end(), true) <= entry.second;
    });
  }

  // What the channel adds to the sums of node n, into its biases; false if that is no constant.
  bool fold(const Slot& s, size_t n, Biases& biases) const {
    const Node& node = graph_.nodes[n];
    const LayerWeights weights(graph_, node);
    const std::vector<bool>& outputs = cut_.stays[size_t(node.outputs[0])];
    const std::optional<int32_t> number = number_everywhere(s);
    for (int32_t o = 0; o < weights.outputs(); ++o) {
      if (!outputs[size_t(o)] || !weights.connects(o, s.channel)) continue;
      if (!number) return false;
      int64_t sum = 0;
      for (int32_t t = 0; t < weights.taps(); ++t) {
        const int64_t product = int64_t(*number) * weights.at(o, t, s.channel);
        if (product != 0 && !weights.is_inside(t)) return false;
        sum += product;
      }
      int64_t& bias = biases_of(n, weights, biases)[size_t(o)];
      bias += sum;
      if (!weights.fits_bias(bias)) return false;
    }
    return true;
  }

  std::vector<int64_t>& biases_of(size_t n, const LayerWeights& weights, Biases& biases) const {
    const auto found = biases.find(n);
    if (found != biases.end()) return found->second;
    std::vector<int64_t>& all = biases[n];
    const auto before = cut_.biases.find(n);
    if (before != cut_.biases.end()) return all = before->second;
    for (int32_t o = 0; o < weights.outputs(); ++o) all.push_back(weights.bias(o));
    return all;
  }

  // Less the zero point.
  std::optional<int32_t> number_everywhere(const Slot& s) const {
    const Value& value = graph_.value(s.value);
    const KnownChannels& known = known_[size_t(s.value)];
    if (!known.known[size_t(s.channel)]) return std::nullopt;
    const size_t channels = known.known.size();
    const auto at = [&](size_t i) -> int32_t {
      if (value.type == ElementType::s8) return int8_t(known.numbers[i]);
      return reinterpret_cast<const int16_t*>(known.numbers.data())[i];
    };
    const auto first = size_t(s.channel);
    for (size_t i = first; i < size_t(value.elements()); i += channels)
      if (at(i) != at(first)) return std::nullopt;
    return at(first) - value.quantization.zero_point();
  }

  const Graph& graph_;
  const std::vector<KnownChannels> known_;
  std::vector<size_t> first_slot_;         // of each value
  std::vector<bool> pinned_;               // slots
  std::vector<std::vector<Slot>> groups_;  // that may go
  std::vector<std::vector<size_t>> sums_;  // of each value: nodes that sum over its channels
  ChannelCut cut_;
};

}  // namespace

Graph remove_dead_channels(const Graph& graph) { return Remover(graph).run(); }

}  // namespace mote
