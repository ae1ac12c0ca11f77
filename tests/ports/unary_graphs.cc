// SPDX-License-Identifier: Apache-2.0
// Functions of one number, reductions and normalisations, once with each of their kernels, over a
// window of the sensor. See graphs.h.
#include "ops/nn/unary/functions.h"
#include "ops/registry.h"
#include "tests/ports/graphs.h"

namespace mote::ports {
namespace {

constexpr int32_t kRows = 8;

using List = std::vector<int64_t>;

Attribute word(std::string_view text) { return std::string(text); }

struct Builder {
  Graph graph;
  ValueId window = -1;  // s16 [kRows, kAxes]

  explicit Builder(const char* name) {
    graph.name = name;
    const ValueId sensor = graph.add_stream("sensor", {{"x", "g", 1}, {"y", "g", 1}, {"z", "g", 1}},
                                            100, MissingPolicy::drop);
    window = add(framer_op, {sensor}, {{"length", int64_t(kRows)}, {"stride", int64_t(kRows)}});
  }
  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes) {
    return graph.add_node(op, op.name + std::to_string(graph.nodes.size()), inputs, attributes);
  }
  void put(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes = {}) {
    graph.outputs.push_back(add(op, inputs, attributes));
  }
  ValueId function(const char* name, ValueId x) {
    return add(unary_op, {x}, {{"function", word(name)}});
  }
  // The window's numbers, of the order of 1 but for the last axis.
  ValueId real() {
    const ValueId mean =
        graph.add_constant("mean", ElementType::f32, {kAxes}, std::vector<float>{10, -2000, 0.25f});
    const ValueId inv_std = graph.add_constant("inv_std", ElementType::f32, {kAxes},
                                               std::vector<float>{1e-4f, 2e-3f, 1});
    return add(reshape_op, {add(standardize_op, {window, mean, inv_std}, {})},
               {{"shape", List{1, kRows, kAxes}}});
  }
  // Rows of a table, chosen by the window's numbers: [1, kRows, 8].
  template <class T>
  ValueId chosen(ElementType type, const Quantization& quantization = {}) {
    const bool boolean = type == ElementType::boolean;
    std::vector<T> numbers;
    for (int32_t i = 0; i < kAxes * 4; ++i)
      numbers.push_back(boolean ? T(i * i % 3 == 0) : T(7919 * i * i * i - 40001 * i + 3));
    const ValueId table = graph.add_constant("table" + std::to_string(graph.values.size()), type,
                                             {kAxes, 4}, numbers, quantization);
    add(top_k_op, {window}, {{"k", int64_t(2)}});
    const ValueId indices = graph.nodes.back().outputs[1];
    return add(reshape_op, {add(gather_op, {table, indices}, {{"axis", int64_t(0)}})},
               {{"shape", List{1, kRows, 8}}});
  }
};

// Neighbours, all, and dimensions that lie apart.
std::vector<Attributes> axes_of(const char* function) {
  std::vector<Attributes> all;
  for (const List& axes : {List{-1}, List{}, List{0, 2}})
    all.push_back({{"function", word(function)}, {"axes", axes}});
  return all;
}

void put_reductions(Builder& b, ValueId x, const std::vector<const char*>& functions) {
  for (const char* function : functions)
    for (const Attributes& attributes : axes_of(function)) b.put(reduce_op, {x}, attributes);
}

void put_integers(Builder& b, ValueId x) {
  for (const char* function : {"abs", "neg", "sign", "square"})
    b.put(unary_op, {x}, {{"function", word(function)}});
}

void put_positions(Builder& b, ValueId x) {
  for (const char* type : {"s32", "s64"})
    b.put(arg_extreme_op, {x},
          {{"function", word("min")}, {"axis", int64_t(1)}, {"output_type", word(type)}});
}

Attributes over(const List& axes) { return {{"axes", axes}, {"output_scale", 0.07}}; }

void put_int8(Builder& b) {
  const ValueId x =
      b.add(quantize_op, {b.real()}, {{"output_scale", 0.05}, {"output_zero_point", int64_t(5)}});
  for (const UnaryFunction& function : unary_functions())
    b.put(unary_op, {x}, {{"function", word(function.name)}, {"output_scale", 0.04}});
  put_reductions(b, x, {"sum", "prod", "max", "min"});
  put_positions(b, x);
  b.put(mean_op, {x}, over({0, 2}));
  b.put(mean_op, {x}, over({1}));
  b.put(cumsum_op, {x}, {{"output_scale", 0.2}, {"reverse", int64_t(1)}});
  b.put(log_softmax_op, {x});
  b.put(l2_normalization_op, {x}, {{"axis", int64_t(1)}});
  const ValueId alpha = b.graph.add_constant(
      "slopes8", ElementType::s8, {kAxes}, std::vector<int8_t>{-90, 3, 127}, per_tensor(0.01f, 2));
  b.put(prelu_op, {x, alpha}, {{"output_scale", 0.03}});
}

void put_int16(Builder& b) {
  const ValueId x = b.chosen<int16_t>(ElementType::s16, per_tensor(3e-4f, 0));
  for (const char* function : {"abs", "leaky_relu", "rsqrt"})
    b.put(unary_op, {x}, {{"function", word(function)}, {"output_scale", 2e-4}});
  b.put(activation_op, {x}, {{"activation", word("relu_0_to_1")}, {"output_scale", 1e-4}});
  b.put(logistic_op, {x});
  b.put(tanh_op, {x});
  b.put(mean_op, {x}, over({1}));
  put_reductions(b, x, {"sum", "prod", "max", "min"});
  const ValueId alpha = b.graph.add_constant("slopes16", ElementType::s8, {kRows, 1},
                                             std::vector<int8_t>{-90, 3, 127, 0, 1, -1, 50, 70},
                                             per_tensor(0.01f, 0));
  b.put(prelu_op, {x, alpha}, {{"output_scale", 2e-4}});
}

void put_float_functions(Builder& b, ValueId real) {
  const ValueId wide = b.function("asinh", real);   // up to 12
  const ValueId unit = b.add(tanh_op, {real}, {});  // -1 .. 1
  const ValueId positive = b.function("softplus", wide);
  const ValueId above_one = b.function("cosh", wide);
  for (const UnaryFunction& function : unary_functions()) {
    const std::string_view name = function.name;
    const bool of_unit = name == "asin" || name == "acos" || name == "atanh";
    const bool of_positive =
        name == "log" || name == "sqrt" || name == "rsqrt" || name == "reciprocal";
    const bool of_wide = name == "exp" || name == "sinh" || name == "cosh" || name == "square";
    const ValueId x = of_unit           ? unit
                      : of_positive     ? positive
                      : name == "acosh" ? above_one
                      : of_wide         ? wide
                                        : real;
    b.put(unary_op, {x}, {{"function", word(name)}});
  }
}

}  // namespace

Graph reductions() {
  Builder b("reductions");
  put_integers(b, b.window);
  put_positions(b, b.add(reshape_op, {b.window}, {{"shape", List{1, kRows, kAxes}}}));
  put_int8(b);
  put_int16(b);
  const ValueId s32 = b.chosen<int32_t>(ElementType::s32);
  const ValueId s64 = b.chosen<int64_t>(ElementType::s64);
  for (ValueId x : {s32, s64}) {
    put_integers(b, x);
    put_reductions(b, x, {"sum", "prod", "max", "min"});
    put_positions(b, x);
    b.put(cumsum_op, {x}, {{"exclusive", int64_t(1)}});
  }
  put_positions(b, b.chosen<uint8_t>(ElementType::u8));
  put_reductions(b, b.chosen<uint8_t>(ElementType::boolean), {"any", "all"});
  return b.graph;
}

Graph float_reductions() {
  Builder b("float_reductions");
  const ValueId real = b.real();
  put_float_functions(b, real);
  const ValueId positive = b.function("softplus", b.function("asinh", real));
  put_reductions(b, positive,
                 {"sum", "prod", "max", "min", "l1", "l2", "sum_square", "log_sum", "log_sum_exp"});
  put_positions(b, real);
  for (const List& axes : {List{1}, List{0, 2}}) {
    b.put(mean_op, {real}, {{"axes", axes}});
    b.put(normalize_op, {real}, {{"axes", axes}, {"subtract_mean", int64_t(axes.size() == 1)}});
  }
  b.put(cumsum_op, {real}, {{"axis", int64_t(1)}});
  b.put(log_softmax_op, {b.function("asinh", real)});
  b.put(l2_normalization_op, {real});
  b.put(local_response_normalization_op, {real}, {{"before", int64_t(1)}, {"after", int64_t(1)}});
  const ValueId alpha = b.graph.add_constant("slopes", ElementType::f32, {kRows, 1},
                                             std::vector<float>{-1, 2, 0.5f, 0, 3, 0.1f, 1, -0.2f});
  b.put(prelu_op, {real, alpha});
  return b.graph;
}

}  // namespace mote::ports
