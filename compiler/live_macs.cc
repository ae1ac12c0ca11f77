// SPDX-License-Identifier: Apache-2.0
// See live_macs.h.
#include "compiler/live_macs.h"

#include <algorithm>

namespace mote {
namespace {

using Flags = std::vector<bool>;

enum class Reach : uint8_t {
  dense,      // every output channel sums over all input channels (conv_2d, fully_connected)
  depthwise,  // output channel o reads input channel o / multiplier
  channels,   // each output channel reads the same channel of its inputs
  mixed       // anything may depend on anything
};

int64_t channels_of(const Value& value) { return value.shape.empty() ? 1 : value.shape.back(); }

bool any(const Flags& flags) { return std::find(flags.begin(), flags.end(), true) != flags.end(); }

class Analysis {
 public:
  explicit Analysis(const Graph& graph) : graph_(graph) {
    for (const Value& value : graph.values) {
      live_.emplace_back(size_t(channels_of(value)), value.kind != ValueKind::constant);
      needed_.emplace_back(size_t(channels_of(value)), false);
    }
  }

  std::vector<int64_t> run() {
    for (const Node& node : graph_.nodes) forward(node);
    for (ValueId id : graph_.outputs) fill(needed_[size_t(id)]);
    for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) backward(*node);
    std::vector<int64_t> macs;
    for (const Node& node : graph_.nodes) macs.push_back(count(node));
    return macs;
  }

 private:
  static void fill(Flags& flags) { std::fill(flags.begin(), flags.end(), true); }

  Reach reach(const Node& node) const {
    const std::string& op = node.op->name;
    const bool constant_weights = node.inputs.size() > 1 && node.inputs[1] >= 0 &&
                                  graph_.value(node.inputs[1]).kind == ValueKind::constant;
    if ((op == "conv_2d" || op == "fully_connected") && constant_weights) return Reach::dense;
    if (op == "depthwise_conv_2d" && constant_weights) return Reach::depthwise;
    static constexpr const char* kByChannel[] = {"activation",  "add",      "average_pool_2d",
                                                 "max_pool_2d", "quantize", "dequantize",
                                                 "logistic",    "tanh",     "mul",
                                                 "sub"};
    const bool by_channel =
        std::find(std::begin(kByChannel), std::end(kByChannel), op) != std::end(kByChannel);
    const auto same_channels = [&](ValueId id) {
      return id < 0 || channels_of(graph_.value(id)) == channels_of(graph_.value(node.outputs[0]));
    };
    if ((by_channel || op == "reshape" || keeps_channels(node)) &&
        std::all_of(node.inputs.begin(), node.inputs.end(), same_channels))
      return Reach::channels;
    return Reach::mixed;
  }

  // A mean over height and width.
  bool keeps_channels(const Node& node) const {
    if (node.op->name != "mean") return false;
    const auto rank = int64_t(graph_.value(node.inputs[0]).shape.size());
    for (int64_t axis : std::get<std::vector<int64_t>>(node.attributes.at("axes")))
      if (axis == rank - 1 || axis == -1) return false;
    return true;
  }

  // Whether weight (output channel o, input channel c) is other than zero at any tap.
  bool connects(const Node& node, int64_t o, int64_t c) const {
    const Value& w = graph_.value(node.inputs[1]);
    const bool depthwise = node.op->name == "depthwise_conv_2d";
    const int64_t outer = depthwise ? 1 : w.shape[0];
    const int64_t inner = w.shape.back();
    const int64_t taps = w.elements() / outer / inner;
    for (int64_t t = 0; t < taps; ++t)
      if (is_set(w, depthwise ? t * inner + o : (o * taps + t) * inner + c)) return true;
    return false;
  }
  static bool is_set(const Value& w, int64_t i) {
    const int32_t channel = w.quantization.scales.size() > 1 ? 0 : w.quantization.zero_point();
    return with_element_type(w.type, [&](auto element) {
      return w.as<decltype(element)>()[i] != decltype(element)(channel);
    });
  }

  int64_t multiplier(const Node& node) const {
    return std::max<int64_t>(
        1, channels_of(graph_.value(node.outputs[0])) / channels_of(graph_.value(node.inputs[0])));
  }

  void forward(const Node& node) {
    const Flags& in = live_[size_t(std::max<ValueId>(node.inputs[0], 0))];
    Flags& out = live_[size_t(node.outputs[0])];
    switch (reach(node)) {
      case Reach::dense:
        for (size_t o = 0; o < out.size(); ++o) {
          out[o] = false;
          for (size_t c = 0; c < in.size() && !out[o]; ++c)
            out[o] = in[c] && connects(node, int64_t(o), int64_t(c));
        }
        return;
      case Reach::depthwise:
        for (size_t o = 0; o < out.size(); ++o)
          out[o] = in[o / size_t(multiplier(node))] && connects(node, int64_t(o), 0);
        return;
      case Reach::channels:
        for (size_t o = 0; o < out.size(); ++o) {
          out[o] = false;
          for (ValueId id : node.inputs) out[o] = out[o] || (id >= 0 && live_[size_t(id)][o]);
        }
        return;
      case Reach::mixed: {
        bool live = false;
        for (ValueId id : node.inputs) live = live || (id >= 0 && any(live_[size_t(id)]));
        for (ValueId id : node.outputs)
          std::fill(live_[size_t(id)].begin(), live_[size_t(id)].end(), live);
      }
    }
  }

  void backward(const Node& node) {
    const Flags wanted = used(node);
    if (!any(wanted)) return;
    Flags& in = needed_[size_t(std::max<ValueId>(node.inputs[0], 0))];
    switch (reach(node)) {
      case Reach::dense:
        for (size_t c = 0; c < in.size(); ++c)
          for (size_t o = 0; o < wanted.size() && !in[c]; ++o)
            in[c] = wanted[o] && connects(node, int64_t(o), int64_t(c));
        return;
      case Reach::depthwise:
        for (size_t o = 0; o < wanted.size(); ++o)
          if (wanted[o] && connects(node, int64_t(o), 0)) in[o / size_t(multiplier(node))] = true;
        return;
      case Reach::channels:
        for (ValueId id : node.inputs)
          for (size_t o = 0; id >= 0 && o < wanted.size(); ++o)
            if (wanted[o]) needed_[size_t(id)][o] = true;
        return;
      case Reach::mixed:
        for (ValueId id : node.inputs)
          if (id >= 0) fill(needed_[size_t(id)]);
    }
  }

  // Channels of output 0 that depend on the input and that somebody reads.
  Flags used(const Node& node) const {
    const auto id = size_t(node.outputs[0]);
    Flags both(live_[id].size());
    for (size_t i = 0; i < both.size(); ++i) both[i] = live_[id][i] && needed_[id][i];
    if (node.outputs.size() > 1) fill(both);
    return both;
  }

  int64_t count(const Node& node) const {
    if (!node.op->macs) return 0;
    const int64_t all = node.op->macs(NodeView(graph_, node));
    const Flags out = used(node);
    const auto live_out = std::count(out.begin(), out.end(), true);
    const auto id = size_t(std::max<ValueId>(node.inputs[0], 0));
    int64_t live_in = 0;
    for (size_t c = 0; c < live_[id].size(); ++c) live_in += live_[id][c] && needed_[id][c];
    switch (reach(node)) {
      case Reach::dense:
        return all / int64_t(out.size()) / int64_t(live_[id].size()) * live_out * live_in;
      case Reach::depthwise:
        return all / int64_t(out.size()) * live_out;
      default:
        return any(out) ? all : 0;
    }
  }

  const Graph& graph_;
  std::vector<Flags> live_;    // of each value's channels: depends on the input
  std::vector<Flags> needed_;  // is read
};

}  // namespace

std::vector<int64_t> live_macs(const Graph& graph) { return Analysis(graph).run(); }

}  // namespace mote
