// SPDX-License-Identifier: Apache-2.0
// The golden run of model_self_test(): a fixed input through the host's evaluation. See cpp.h.
#include <fmt/format.h>

#include <cstring>

#include "compiler/emit/cpp.h"
#include "core/crc32.h"
#include "graph/evaluator.h"

namespace mote {

namespace {

// What self_test_value() of the same type writes as C++.
Bytes self_test_element(ElementType type, uint32_t x) {
  if (type == ElementType::f32) {
    const float value = float(int32_t(x) >> 8) * 0x1p-23f;
    std::memcpy(&x, &value, sizeof x);
  }
  const size_t size = size_t(element_bytes(type));
  MOTE_ASSERT(size <= 4);
  Bytes bytes;
  for (size_t i = 4 - size; i < 4; ++i) bytes.push_back(uint8_t(x >> (8 * i)));
  return bytes;
}

}  // namespace

std::string self_test_value(ElementType type) {
  if (type == ElementType::f32) return "(float)((int32_t)x >> 8) * (1.0f / 8388608.0f)";
  return fmt::format("({})(x >> {})", c_type(type), 32 - 8 * element_bytes(type));
}

Bytes self_test_sample(const Value& sample, uint32_t& x) {
  Bytes bytes;
  for (int64_t i = 0; i < sample.elements(); ++i) {
    x = x * 1664525u + 1013904223u;
    const Bytes element = self_test_element(sample.type, x);
    bytes.insert(bytes.end(), element.begin(), element.end());
  }
  return bytes;
}

std::vector<const Bytes*> tables_of(const Plan& plan, int32_t index) {
  std::vector<const Bytes*> tables;
  const Layer& layer = plan.layers[size_t(index)];
  const Node& node = plan.graph.nodes[size_t(layer.node)];
  for (const KernelArgument& argument : layer.call.arguments) {
    if (argument.kind == KernelArgument::Kind::constant)
      tables.push_back(&layer.call.constants.at(size_t(argument.index)).data);
    if (argument.kind != KernelArgument::Kind::input) continue;
    const Value& value = plan.graph.value(node.inputs.at(size_t(argument.index)));
    if (value.kind == ValueKind::constant) tables.push_back(value.data.get());
  }
  return tables;
}

GoldenRun golden_run(const Plan& plan) {
  const Graph& graph = plan.graph;
  GoldenRun golden;
  golden.layer_crcs.assign(graph.nodes.size(), 0);
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    for (const Bytes* table : tables_of(plan, int32_t(i)))
      golden.layer_crcs[i] = crc32(golden.layer_crcs[i], table->data(), table->size());
  Evaluator evaluator(graph);
  evaluator.observe([&](int32_t node, std::span<const uint8_t> output) {
    uint32_t& crc = golden.layer_crcs[size_t(node)];
    crc = crc32(crc, output.data(), output.size());
  });
  // Every output has to come once; a model whose heads never meet would not end, so the clocks
  // bound the steps.
  uint32_t limit = 0;
  for (ValueId out : graph.outputs) {
    const Clock& clock = graph.value(out).clock;
    limit = std::max(limit, uint32_t(clock.phase.num / clock.phase.den) + 1);
  }
  uint32_t x = 12345;
  for (; golden.steps < limit; ++golden.steps)
    for (size_t s = 0; s < graph.streams.size(); ++s)
      evaluator.push(int32_t(s), self_test_sample(graph.value(graph.streams[s].value), x).data());
  return golden;
}

}  // namespace mote
