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
template <class T>
T self_test_element(ElementType type, uint32_t x) {
  if constexpr (std::is_same_v<T, float>) return float(int32_t(x) >> 8) * 0x1p-23f;
  if (type == ElementType::boolean) return T(x >> 31);
  return T(x >> (32 - 8 * std::min<size_t>(sizeof(T), 4)));
}

}  // namespace

void fill_self_test(const Value& value, uint32_t& x, uint8_t* to) {
  with_element_type(value.type, [&](auto element) {
    for (int64_t i = 0; i < value.elements(); ++i) {
      x = x * 1664525u + 1013904223u;
      element = self_test_element<decltype(element)>(value.type, x);
      std::memcpy(to + size_t(i) * sizeof element, &element, sizeof element);
    }
  });
}

std::string self_test_value(ElementType type) {
  if (type == ElementType::f32) return "(float)((int32_t)x >> 8) * (1.0f / 8388608.0f)";
  const int32_t bits = type == ElementType::boolean ? 1 : 8 * std::min(element_bytes(type), 4);
  return fmt::format("({})(x >> {})", c_type(type), 32 - bits);
}

Bytes self_test_sample(const Graph& graph, const Stream& stream, uint32_t& x) {
  Bytes bytes(size_t(sample_bytes(graph, stream)));
  for (const SamplePart& part : sample_parts(graph, stream))
    fill_self_test(graph.value(part.value), x, bytes.data() + part.offset);
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
      evaluator.push(int32_t(s), self_test_sample(graph, graph.streams[s], x).data());
  return golden;
}

}  // namespace mote
