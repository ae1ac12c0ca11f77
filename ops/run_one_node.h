// SPDX-License-Identifier: Apache-2.0
// For tests: a graph of one operator, run by the evaluator. In: element type, shape and numbers of
// the first input, constants for the others, attributes. Out: the output's numbers.
#pragma once
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <random>

#include "graph/evaluator.h"
#include "ops/registry.h"

namespace mote {

template <class T>
constexpr ElementType element_type_of() {
  if constexpr (std::is_same_v<T, float>)
    return ElementType::f32;
  else if constexpr (std::is_same_v<T, int8_t>)
    return ElementType::s8;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return ElementType::u8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return ElementType::s16;
  else if constexpr (std::is_same_v<T, int64_t>)
    return ElementType::s64;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return ElementType::u32;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return ElementType::u64;
  else
    return ElementType::s32;
}

struct OneNode {
  Graph graph;
  ValueId input = -1;

  template <class T>
  static OneNode make(Shape shape, Quantization quantization = {}) {
    OneNode one;
    one.input = one.graph.add_tensor_stream("x", element_type_of<T>(), std::move(shape),
                                            std::move(quantization));
    return one;
  }
  template <class T>
  ValueId constant(const std::string& name, Shape shape, const std::vector<T>& data,
                   Quantization quantization = {}) {
    return graph.add_constant(name, element_type_of<T>(), std::move(shape), data,
                              std::move(quantization));
  }
  // Adds the operator; `more` are the inputs after the first.
  ValueId add(const OpDef& op, Attributes attributes = {}, const std::vector<ValueId>& more = {}) {
    std::vector<ValueId> inputs{input};
    inputs.insert(inputs.end(), more.begin(), more.end());
    graph.outputs = {graph.add_node(op, "node", std::move(inputs), std::move(attributes))};
    return graph.outputs[0];
  }
  template <class T>
  std::vector<T> numbers(const Evaluator& evaluator) const {
    const auto bytes = evaluator.bytes(graph.outputs[0]);
    std::vector<T> out(bytes.size() / sizeof(T));
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
  template <class Out, class In>
  std::vector<Out> run(const std::vector<In>& x) const {
    Evaluator evaluator(graph);
    evaluator.push(0, x.data());
    return numbers<Out>(evaluator);
  }
  const Value& output() const { return graph.value(graph.outputs[0]); }
};

// The code of the first diagnostic that `action` fails with; "" if it does not fail.
template <class Action>
std::string code_of_failure(Action action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.diagnostics().at(0).code;
  }
  return "";
}

// Seeded numbers for property tests; the seed is printed, MOTE_SEED sets it.
class Numbers {
 public:
  explicit Numbers(uint32_t seed = 1) {
    if (const char* given = std::getenv("MOTE_SEED"))
      seed = uint32_t(std::strtoul(given, nullptr, 10));
    std::cout << "seed " << seed << '\n';
    engine_.seed(seed);
  }
  int32_t integer(int32_t low, int32_t high) {
    return std::uniform_int_distribution<int32_t>(low, high)(engine_);
  }
  float real(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(engine_);
  }
  template <class T>
  std::vector<T> many(int64_t count, int32_t low, int32_t high) {
    std::vector<T> out;
    for (int64_t i = 0; i < count; ++i) out.push_back(T(integer(low, high)));
    return out;
  }
  std::vector<float> reals(int64_t count, float low, float high) {
    std::vector<float> out;
    for (int64_t i = 0; i < count; ++i) out.push_back(real(low, high));
    return out;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace mote
