// SPDX-License-Identifier: Apache-2.0
// See inspect.h.
#include "project/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "compiler/budget.h"
#include "graph/op_def.h"
#include "graph/text.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

std::string scale_text(const Value& value) {
  const Quantization& q = value.quantization;
  if (q.empty()) return "";
  if (q.zero_point() == 0) return fmt::format("{:.6g} * q", q.scale());
  return fmt::format("{:.6g} * (q {} {})", q.scale(), q.zero_point() < 0 ? '+' : '-',
                     std::abs(q.zero_point()));
}

std::string tensor_text(const Value& value) {
  const std::string scale = scale_text(value);
  return value.name + " " + print_type(value.type, value.shape) +
         (scale.empty() ? "" : " " + scale);
}

// By the layers' names, before dead channels were removed.
std::map<std::string, int64_t> macs_of_layers(const Graph& model) {
  std::map<std::string, int64_t> macs;
  for (const Node& node : model.nodes)
    macs[node.name] = node.op->macs ? node.op->macs(NodeView(model, node)) : 0;
  return macs;
}

int64_t alive_bytes(const Plan& plan, int32_t layer) {
  std::vector<bool> alive(size_t(plan.arena_bytes));  // blocks may overlap
  for (const ArenaBlock& block : plan.blocks)
    if (block.first <= layer && layer <= block.last)
      std::fill(alive.begin() + block.begin, alive.begin() + block.end, true);
  return std::count(alive.begin(), alive.end(), true);
}

LayerInspection inspect_layer(const Plan& plan, int32_t index, std::set<Bytes>& tables,
                              int64_t macs) {
  const Layer& layer = plan.layers[size_t(index)];
  const Node& node = plan.graph.nodes[size_t(layer.node)];
  const Value& out = plan.graph.value(node.outputs[0]);
  LayerInspection row{index,
                      node.name,
                      node.op->name,
                      print_type(out.type, out.shape),
                      scale_text(out),
                      macs,
                      layer.macs,
                      0,
                      alive_bytes(plan, index)};
  for (const Bytes* table : tables_of(plan, index))
    if (tables.insert(*table).second) row.constant_bytes += int64_t(table->size());
  return row;
}

}  // namespace

Inspection inspect(const Compiled& compiled, const LayoutReport& layout) {
  const Plan& plan = compiled.plan;
  const Graph& graph = plan.graph;
  Inspection all;
  all.name = graph.name;
  all.layout = layout;
  for (const Stream& stream : graph.streams)
    for (const SamplePart& part : sample_parts(graph, stream))
      all.inputs.push_back(tensor_text(graph.value(part.value)));
  for (ValueId id : graph.outputs) all.outputs.push_back(tensor_text(graph.value(id)));
  const std::map<std::string, int64_t> macs = macs_of_layers(compiled.model());
  std::set<Bytes> tables;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    all.layers.push_back(inspect_layer(plan, int32_t(i), tables, macs.at(graph.nodes[i].name)));
    all.macs += all.layers.back().macs;
    all.live_macs += all.layers.back().live_macs;
    all.constant_bytes += all.layers.back().constant_bytes;
  }
  all.arena_bytes = plan.arena_bytes;
  all.arena_bound = plan.arena_bound;
  all.state_bytes = plan.state_bytes;
  all.model_bytes = plan.model_bytes;
  all.rows = words_of_rows(plan);
  return all;
}

std::string to_text(const Inspection& all) {
  std::string text = all.name + "\n";
  for (const std::string& input : all.inputs) text += "  input   " + input + "\n";
  for (const std::string& output : all.outputs) text += "  output  " + output + "\n";
  text += fmt::format("\n  {:>3} {:18} {:20} {:>10} {:>10} {:>9} {:>8}  {:24} {}\n", "nr",
                      "operator", "output", "MACs", "live", "constants", "arena", "scale", "layer");
  for (const LayerInspection& l : all.layers)
    text += fmt::format("  {:>3} {:18} {:20} {:>10} {:>10} {:>9} {:>8}  {:24} {}\n", l.index, l.op,
                        l.output, l.macs, l.live_macs, l.constant_bytes, l.arena_bytes,
                        l.quantization, l.name);
  text += fmt::format(
      "\n  MACs       {} ({} live: without channels that do not depend on the input or that nobody "
      "reads)\n",
      all.macs, all.live_macs);
  if (all.window_macs)
    text +=
        fmt::format("  a hop      {} MACs of a whole window's {}\n", all.macs, *all.window_macs);
  const LayoutReport& t = all.layout;
  if (t.transposes_before > 0)
    text += fmt::format("  transposes {} -> {}, bytes moved {} -> {}\n", t.transposes_before,
                        t.transposes_after, t.bytes_before, t.bytes_after);
  text += fmt::format("  RAM        {} bytes: arena {}, state {}, outputs {}; and the stack\n",
                      all.model_bytes, all.arena_bytes, all.state_bytes,
                      all.model_bytes - all.arena_bytes - all.state_bytes);
  text += fmt::format("  arena      {}\n", arena_quality(all.arena_bytes, all.arena_bound));
  if (!all.rows.empty()) text += "  rows       " + all.rows + "\n";
  return text +
         fmt::format(
             "  flash      {} bytes of constants; and the code, which `mote compile --board` "
             "measures\n",
             all.constant_bytes);
}

std::string to_json(const Inspection& all) {
  ordered_json json{{"name", all.name},
                    {"inputs", all.inputs},
                    {"outputs", all.outputs},
                    {"macs", all.macs},
                    {"live_macs", all.live_macs},
                    {"constant_bytes", all.constant_bytes},
                    {"model_bytes", all.model_bytes},
                    {"arena_bytes", all.arena_bytes},
                    {"arena_bound_bytes", all.arena_bound.this_order},
                    {"arena_any_order_bytes", all.arena_bound.any_order},
                    {"state_bytes", all.state_bytes}};
  if (all.window_macs) json["window_macs"] = *all.window_macs;
  if (!all.rows.empty()) json["rows"] = all.rows;
  json["transposes"] = {{"before", all.layout.transposes_before},
                        {"after", all.layout.transposes_after},
                        {"bytes_before", all.layout.bytes_before},
                        {"bytes_after", all.layout.bytes_after}};
  json["layers"] = ordered_json::array();
  for (const LayerInspection& l : all.layers)
    json["layers"].push_back({{"index", l.index},
                              {"name", l.name},
                              {"operator", l.op},
                              {"output", l.output},
                              {"quantization", l.quantization},
                              {"macs", l.macs},
                              {"live_macs", l.live_macs},
                              {"constant_bytes", l.constant_bytes},
                              {"arena_bytes", l.arena_bytes}});
  return json.dump(1) + "\n";
}

}  // namespace mote
