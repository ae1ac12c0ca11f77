// SPDX-License-Identifier: Apache-2.0
// See channel_links.h.
#include "compiler/passes/channel_links.h"

#include <algorithm>

#include "compiler/passes/layout_rules.h"
#include "ops/nn/reduce_axes.h"
#include "ops/registry.h"

namespace mote {
namespace {

class Linker {
 public:
  Linker(const Graph& graph, const Node& node) : graph_(graph), node_(node), view_(graph, node) {}

  ChannelRule run() {
    if (!node_.states.empty() || node_.outputs.size() != 1 || !has_one_scale_each()) return {};
    outputs_ = channel_count(view_.output());
    if (is_weighted(node_)) return of_weighted();
    if (node_.op == &concatenate_op) return of_concatenate();
    if (node_.op == &reshape_op) return of_reshape();
    if (keeps_channels()) return by_channel();
    return {};
  }

 private:
  const Value& input(size_t i) const { return graph_.value(node_.inputs[i]); }
  bool is_computed(size_t i) const {
    return view_.has_input(i) && input(i).kind != ValueKind::constant;
  }
  bool is_constant(size_t i) const { return !view_.has_input(i) || !is_computed(i); }

  // Of several, which channel has which would have to be followed.
  bool has_one_scale_each() const {
    for (size_t i = 0; i < node_.inputs.size(); ++i)
      if (is_computed(i) && input(i).quantization.scales.size() > 1) return false;
    return view_.output().quantization.scales.size() <= 1;
  }

  ChannelRule of_weighted() {
    const ElementType type = input(0).type;
    if (type != ElementType::s8 && type != ElementType::s16) return {};
    if (!is_computed(0) || !is_constant(1) || !is_constant(2)) return {};
    const int32_t inputs = channel_count(input(0));
    if (node_.op != &depthwise_conv_2d_op)
      return {channel_count(input(1)) == inputs ? ChannelKind::dense : ChannelKind::mixed};
    for (int32_t o = 0; o < outputs_; ++o) links_.push_back({0, o / (outputs_ / inputs), o});
    return linked();
  }

  // A part that is a constant would have to lose channels, too.
  ChannelRule of_concatenate() {
    const auto rank = int64_t(view_.output().shape.size());
    const int64_t axis = view_.integer("axis");
    if (axis != -1 && axis != rank - 1) return by_channel();
    int32_t offset = 0;
    for (size_t i = 0; i < node_.inputs.size(); ++i) {
      if (!is_computed(i)) return {};
      for (int32_t c = 0; c < channel_count(input(i)); ++c) links_.push_back({i, c, offset + c});
      offset += channel_count(input(i));
    }
    return linked();
  }

  // Where the last dimension takes in the ones before it, or parts from them.
  ChannelRule of_reshape() {
    const int32_t inputs = channel_count(input(0)), most = std::max(inputs, outputs_);
    if (!is_computed(0) || most % inputs != 0 || most % outputs_ != 0) return {};
    for (int32_t i = 0; i < most; ++i) links_.push_back({0, i % inputs, i % outputs_});
    return linked();
  }

  bool keeps_channels() const {
    const OpDef* op = node_.op;
    if (op == &average_pool_2d_op || op == &max_pool_2d_op || op == &lookup_op) return true;
    if (op == &mean_op || op == &reduce_op) return !reduced_dimensions(view_).back();
    if (op == &pad_op) {
      const auto &before = view_.integers("before"), &after = view_.integers("after");
      return !before.empty() && !after.empty() && before.back() == 0 && after.back() == 0;
    }
    return layout_row(*op)->kind == LayoutKind::each;
  }

  // One channel in an input goes into all of the output.
  ChannelRule by_channel() {
    for (size_t i = 0; i < node_.inputs.size(); ++i) {
      if (!is_computed(i)) continue;
      const int32_t inputs = channel_count(input(i));
      if (inputs != outputs_ && inputs != 1) return {};
      for (int32_t o = 0; o < outputs_; ++o) links_.push_back({i, inputs == 1 ? 0 : o, o});
    }
    return linked();
  }

  ChannelRule linked() { return {ChannelKind::linked, std::move(links_)}; }

  const Graph& graph_;
  const Node& node_;
  NodeView view_;
  int32_t outputs_ = 0;
  std::vector<ChannelLink> links_;
};

}  // namespace

int32_t channel_count(const Value& value) { return value.shape.empty() ? 1 : value.shape.back(); }

ChannelRule channel_rule(const Graph& graph, const Node& node) { return Linker(graph, node).run(); }

bool is_weighted(const Node& node) {
  return node.op == &conv_2d_op || node.op == &depthwise_conv_2d_op ||
         node.op == &fully_connected_op;
}

}  // namespace mote
