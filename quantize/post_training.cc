// SPDX-License-Identifier: Apache-2.0
// The float graph rewritten layer by layer. See post_training.h.
#include "quantize/post_training.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <set>

#include "graph/subgraph.h"
#include "graph/verify.h"

namespace mote {
namespace {

// The two operators that take real numbers and give int8; all others with a rule need int8 already.
bool takes_real_numbers(const OpDef& op) {
  return op.name == "standardize" || op.name == "quantize";
}

// Reshaping, max pooling, softmax, rules: they take what comes, and on floats behind a signal block
// they stay float.
bool moves_numbers(const OpDef& op) { return op.quantize == &quantize_same_scale; }

class PostTrainingQuantizer : public Quantizer {
 public:
  PostTrainingQuantizer(const Graph& source, const Calibration& calibration, QuantizeReport& report,
                        Diagnostics& diagnostics)
      : source_(source),
        calibration_(calibration),
        report_(report),
        diagnostics_(diagnostics),
        ids_(source.values.size(), -1) {}

  Graph run() {
    out_.name = source_.name;
    out_.classes = source_.classes;
    for (const Stream& stream : source_.streams) add_stream(stream);
    for (const Node& node : source_.nodes) rewrite(NodeView(source_, node));
    warn_of_floats();
    for (ValueId id : source_.outputs) out_.outputs.push_back(ids_.at(size_t(id)));
    name_apart();
    verify(out_, diagnostics_);
    diagnostics_.stop_if_any();
    return std::move(out_);
  }

  Graph& graph() override { return out_; }

  // A float constant stays float: what it means is the operator's to say.
  ValueId input(const NodeView& view, size_t i) override {
    if (!view.has_input(i)) return -1;
    ValueId& here = ids_[size_t(view.node().inputs[i])];
    const Value& value = view.input(i);
    if (value.kind == ValueKind::constant) {
      if (here < 0) here = copy_constant(out_, value);
      return here;
    }
    MOTE_ASSERT(here >= 0);
    if (out_.value(here).type == ElementType::f32 && !takes_real_numbers(*view.node().op))
      view.refuse("float-input", "\"" + value.name + "\" stays float, an int8 layer cannot take it",
                  "put a standardize layer between the signal blocks and the network");
    return here;
  }

  ValueRange range(const NodeView& view, size_t i) override {
    return calibrated(view.output(i).name, view.place());
  }

  Quantization activation(const NodeView& view, size_t i) override {
    return int8_over(range(view, i));
  }

  ValueId replace(const NodeView& view, const OpDef& op, std::vector<ValueId> inputs,
                  Attributes attributes) override {
    const ValueId first =
        out_.add_node(op, view.node().name, std::move(inputs), std::move(attributes));
    const std::vector<ValueId>& outputs = out_.nodes.back().outputs;
    MOTE_ASSERT(outputs.size() == view.node().outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      ids_[size_t(view.node().outputs[i])] = outputs[i];
      report(view.output(i), out_.value(outputs[i]), op.name);
    }
    return first;
  }

 private:
  ValueRange calibrated(const std::string& name, const std::string& place) {
    const Histogram* seen = calibration_.find(name);
    if (!seen || seen->count() == 0)
      fail("not-calibrated", place, "no calibration sample reached \"" + name + "\"",
           "calibrate with recordings at least one window long");
    if (seen->non_finite() > 0)
      fail("not-finite", place, "\"" + name + "\" is not finite for some calibration samples",
           "look for weights or features that overflow");
    return calibration_.range(*seen);
  }

  // Whether a layer needs the numbers of `id` as they are, directly or behind layers that only move
  // them.
  bool is_needed_as_float(ValueId id) const {
    for (const Node& node : source_.nodes) {
      if (std::find(node.inputs.begin(), node.inputs.end(), id) == node.inputs.end()) continue;
      if (!node.op->quantize || takes_real_numbers(*node.op)) return true;
      if (moves_numbers(*node.op) && is_needed_as_float(node.outputs[0])) return true;
    }
    return false;
  }

  void add_stream(const Stream& stream) {
    const Value& value = source_.value(stream.value);
    ValueId& id = ids_[size_t(stream.value)];
    if (!stream.axes.empty()) {
      id = out_.add_stream(stream.name, stream.axes, stream.rate_hz, stream.missing);
    } else if (value.type == ElementType::f32 && !is_needed_as_float(stream.value)) {
      const ValueRange range = calibrated(value.name, "stream \"" + stream.name + "\"");
      id = out_.add_tensor_stream(stream.name, ElementType::s8, value.shape, int8_over(range));
      report(value, out_.value(id), "input");
    } else {
      id = out_.add_tensor_stream(stream.name, value.type, value.shape, value.quantization);
    }
    out_.value(id).name = value.name;
    out_.streams.back().rate_hz = stream.rate_hz;
  }

  // One layer: by its rule, or as it is where it is an integer layer already, has no rule or takes
  // what comes.
  void rewrite(const NodeView& view) {
    const OpDef& op = *view.node().op;
    const bool is_float = view.input(0).type == ElementType::f32 || takes_real_numbers(op);
    if (op.quantize && is_float && !moves_numbers(op))
      op.quantize(*this, view);
    else
      copy(view);
  }

  void copy(const NodeView& view) {
    std::vector<ValueId> inputs;
    for (size_t i = 0; i < view.input_count(); ++i) inputs.push_back(as_is(view, i));
    replace(view, *view.node().op, std::move(inputs), view.node().attributes);
  }

  ValueId as_is(const NodeView& view, size_t i) {
    if (!view.has_input(i)) return -1;
    ValueId& here = ids_[size_t(view.node().inputs[i])];
    if (here < 0) here = copy_constant(out_, view.input(i));
    return here;
  }

  void report(const Value& real, const Value& integer, const std::string& op) {
    if (real.type != ElementType::f32 || integer.type != ElementType::s8) return;
    QuantizedValue row;
    row.name = real.name;
    row.op = op;
    row.scale = integer.quantization.scale();
    row.zero_point = integer.quantization.zero_point();
    if (const Histogram* seen = calibration_.find(real.name))
      row.min = seen->min(), row.max = seen->max();
    report_.values.push_back(std::move(row));
  }

  // Layers of the network that still work on floats: nothing silent.
  void warn_of_floats() {
    for (const Node& node : out_.nodes) {
      const bool is_float = out_.value(node.inputs[0]).type == ElementType::f32;
      const bool computes =
          node.op->room != "dsp" && node.op->room != "audio" && node.op->alias != Alias::view;
      if (is_float && computes && !takes_real_numbers(*node.op))
        diagnostics_.warn("stays-float", place_of(out_, node), "the layer stays in float32",
                          "put a standardize layer in front of it");
    }
  }

  // Weights that two layers share have become two constants: their scales may differ.
  void name_apart() {
    std::set<std::string> seen;
    for (Value& value : out_.values) {
      const std::string name = value.name;
      for (int32_t copy = 2; !seen.insert(value.name).second; ++copy)
        value.name = name + "#" + std::to_string(copy);
    }
  }

  const Graph& source_;
  const Calibration& calibration_;
  QuantizeReport& report_;
  Diagnostics& diagnostics_;
  Graph out_;
  std::vector<ValueId> ids_;  // of each value of the source in out_; -1: not there
};

}  // namespace

Graph quantize(const Graph& float_graph, const Calibration& calibration, QuantizeReport& report,
               Diagnostics& diagnostics) {
  report.values.clear();
  return PostTrainingQuantizer(float_graph, calibration, report, diagnostics).run();
}

Quantization int8_over(ValueRange range) {
  const double min = std::min(range.min, 0.0f), max = std::max(range.max, 0.0f);
  const double scale = max > min ? std::max((max - min) / 255, double(FLT_MIN)) : 1.0 / 255;
  const double zero_point = std::clamp(std::round(-128 - min / scale), -128.0, 127.0);
  return per_tensor(float(scale), int32_t(zero_point));
}

}  // namespace mote
