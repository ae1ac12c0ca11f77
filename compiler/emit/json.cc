// SPDX-License-Identifier: Apache-2.0
// model.json: the plan's table for the runner, the report and other tools (docs/formats/model.md).
#include <nlohmann/json.hpp>

#include "compiler/emit/cpp.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

ordered_json value_json(const Plan& plan, ValueId id) {
  const Value& value = plan.graph.value(id);
  ordered_json json{{"name", value.name}, {"type", to_string(value.type)}, {"shape", value.shape}};
  if (!value.quantization.empty()) {
    json["scale"] = value.quantization.scale();
    json["zero_point"] = value.quantization.zero_point();
  }
  return json;
}

ordered_json stream_json(const Plan& plan, const Stream& stream) {
  ordered_json axes = ordered_json::array();
  for (const StreamAxis& axis : stream.axes)
    axes.push_back({{"name", axis.name}, {"unit", axis.unit}, {"scale", axis.scale}});
  ordered_json json = value_json(plan, stream.value);
  json["rate_hz"] = stream.rate_hz;
  json["axes"] = axes;
  return json;
}

int64_t weight_bytes(const Plan& plan, const Layer& layer) {
  int64_t bytes = 0;
  const Node& node = plan.graph.nodes[size_t(layer.node)];
  for (const KernelArgument& argument : layer.call.arguments) {
    if (argument.kind != KernelArgument::Kind::input) continue;
    const Value& value = plan.graph.value(node.inputs.at(size_t(argument.index)));
    if (value.kind == ValueKind::constant) bytes += value.bytes();
  }
  for (const KernelConstant& c : layer.call.constants) bytes += int64_t(c.data.size());
  return bytes;
}

ordered_json layer_json(const Plan& plan, size_t index) {
  const Layer& layer = plan.layers[index];
  const Node& node = plan.graph.nodes[size_t(layer.node)];
  const Location& out = plan.locations[size_t(node.outputs[0])];
  const bool in_arena = out.region == Region::arena;
  const Clock& clock = plan.graph.value(node.outputs[0]).clock;
  return {{"index", index},
          {"name", node.name},
          {"operator", node.op->name},
          {"function", identifier(plan.graph.name) + "_" + layer_function(plan, int32_t(index))},
          {"output", value_json(plan, node.outputs[0])},
          {"macs", layer.macs},
          {"weight_bytes", weight_bytes(plan, layer)},
          {"period", double(clock.period.num) / double(clock.period.den)},
          {"arena_begin", in_arena ? out.offset : 0},
          {"arena_end", in_arena ? out.offset + plan.bytes_at_location(node.outputs[0]) : 0}};
}

}  // namespace

std::string emit_json(const Plan& plan, const std::string& model_id) {
  ordered_json json{{"format", 1},
                    {"name", identifier(plan.graph.name)},
                    {"model_id", model_id},
                    {"model_bytes", plan.model_bytes},
                    {"far_bytes", plan.far_bytes()},
                    {"arena_bytes", plan.arena_bytes},
                    {"state_bytes", plan.state_bytes},
                    {"saved_bytes", plan.saved_bytes},
                    {"output_bytes", plan.output_bytes},
                    {"classes", plan.graph.classes}};
  json["streams"] = ordered_json::array();
  for (const Stream& stream : plan.graph.streams)
    json["streams"].push_back(stream_json(plan, stream));
  json["outputs"] = ordered_json::array();
  for (ValueId id : plan.graph.outputs) json["outputs"].push_back(value_json(plan, id));
  json["layers"] = ordered_json::array();
  for (size_t i = 0; i < plan.layers.size(); ++i) json["layers"].push_back(layer_json(plan, i));
  json["blocks"] = ordered_json::array();
  for (const ArenaBlock& b : plan.blocks)
    json["blocks"].push_back({{"name", b.name},
                              {"begin", b.begin},
                              {"end", b.end},
                              {"first", b.first},
                              {"last", b.last},
                              {"accesses", b.accesses}});
  return json.dump(1) + "\n";
}

}  // namespace mote
