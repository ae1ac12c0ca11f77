// SPDX-License-Identifier: Apache-2.0
// Operators of two operands over a window of the sensor, with every kernel of every element type,
// side by side. See graphs.h.
#include "graph/text.h"
#include "ops/registry.h"
#include "tests/ports/graphs.h"

namespace mote::ports {
namespace {

using Type = ElementType;
constexpr int32_t kRows = 8;  // of the window, which is [8, 3]
constexpr Type kIntegers[] = {Type::s8,  Type::u8,  Type::s16, Type::s32,
                              Type::s64, Type::u16, Type::u32};

ValueId add(Graph& graph, const OpDef& op, std::vector<ValueId> inputs,
            Attributes attributes = {}) {
  return graph.add_node(op, op.name + std::to_string(graph.nodes.size()), std::move(inputs),
                        std::move(attributes));
}
void show(Graph& graph, const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
  graph.outputs.push_back(add(graph, op, std::move(inputs), std::move(attributes)));
}

ValueId add_window(Graph& graph) {
  const ValueId sensor = graph.add_stream("sensor", {{"x", "g", 1}, {"y", "g", 1}, {"z", "g", 1}},
                                          100, MissingPolicy::hold);
  return graph.add_node(framer_op, "window", {sensor},
                        {{"length", int64_t(kRows)}, {"stride", int64_t(kRows)}});
}

// Features of [8, 3] around 0: f32, or s8 without a float in between.
ValueId add_features(Graph& graph, ValueId window, const char* output) {
  const ValueId mean =
      graph.add_constant("mean", Type::f32, {kAxes}, std::vector<float>{10, -2000, 0.25f});
  const ValueId inv_std =
      graph.add_constant("inv_std", Type::f32, {kAxes}, std::vector<float>{1e-3f, 2e-3f, 0.1f});
  return graph.add_node(standardize_op, "features", {window, mean, inv_std},
                        {{"output", std::string(output)}});
}

// Numbers of any type; `shape` repeats along the window.
ValueId numbers(Graph& graph, Type type, const Shape& shape, std::vector<double> from,
                const Quantization& quantization = {}) {
  return with_element_type(type, [&](auto element) {
    std::vector<decltype(element)> data;
    for (int64_t i = 0; i < element_count(shape); ++i)
      data.push_back(decltype(element)(from[size_t(i) % from.size()]));
    return graph.add_constant("constant" + std::to_string(graph.values.size()), type, shape, data,
                              quantization);
  });
}

ValueId as_type(Graph& graph, ValueId x, Type type) {
  return add(graph, cast_op, {x}, {{"type", std::string(to_string(type))}});
}

// Every kernel of integers without a scale. A row, a column and one number repeat, on either side.
void add_integers(Graph& graph, ValueId x, Type type) {
  const ValueId row = numbers(graph, type, {kAxes}, {3, 0, 100});
  const ValueId column = numbers(graph, type, {kRows, 1}, {1, 2, 7, 60, 0, 5, 3, 4});
  const ValueId one = numbers(graph, type, {}, {2});
  for (const OpDef* op : {&add_op, &mul_op, &sub_op, &div_op, &squared_difference_op, &minimum_op,
                          &maximum_op, &floor_div_op, &floor_mod_op, &remainder_op, &bitwise_and_op,
                          &bitwise_or_op, &bitwise_xor_op, &equal_op, &less_op, &greater_equal_op})
    show(graph, *op, {x, row});
  for (const OpDef* op : {&sub_op, &div_op, &not_equal_op, &less_equal_op, &greater_op})
    show(graph, *op, {column, x});
  for (const OpDef* op : {&shift_left_op, &shift_right_op, &pow_op}) show(graph, *op, {x, one});
  show(graph, bitwise_not_op, {x});
}

void add_fused(Graph& graph, const std::vector<ValueId>& operands, Attributes attributes) {
  for (const char* activation : {"none", "relu6"}) {
    attributes["activation"] = std::string(activation);
    for (const OpDef* op : {&add_op, &sub_op, &mul_op}) show(graph, *op, operands, attributes);
  }
}

void add_scaled(Graph& graph, ValueId x, Type type) {
  const Quantization q = per_tensor(0.03125f, type == Type::s16 ? 0 : 3);
  const ValueId row = numbers(graph, type, {kAxes}, {20, 100, 3}, q);
  const Attributes output{{"output_scale", 0.05},
                          {"output_zero_point", q.zero_points[0] + int64_t(0)}};
  add_fused(graph, {x, row}, output);
  show(graph, squared_difference_op, {row, x}, output);
  const ValueId between = add(graph, mul_op, {x, row}, output);  // written over by the next layer
  show(graph, add_op, {add(graph, sub_op, {between, row}, output), row}, output);
  if (type != Type::s16) show(graph, div_op, {x, row}, output);
  if (type != Type::s16) show(graph, div_op, {row, x}, output);
  for (const OpDef* op :
       {&equal_op, &not_equal_op, &less_op, &less_equal_op, &greater_op, &greater_equal_op})
    show(graph, *op, {x, row});
}

ValueId requantized(Graph& graph, ValueId x, Type type) {
  const int64_t zero_point = type == Type::s8 ? -7 : type == Type::u8 ? 120 : 0;
  return add(graph, quantize_op, {x},
             {{"output_scale", 0.03},
              {"output_zero_point", zero_point},
              {"output_type", std::string(to_string(type))}});
}

void add_every_quantize(Graph& graph, ValueId x) {
  for (Type from : {Type::s8, Type::u8, Type::s16, Type::s32})
    for (Type to : {Type::s8, Type::u8, Type::s16, Type::s32})
      graph.outputs.push_back(requantized(graph, requantized(graph, x, from), to));
}

// Conditions, what they choose, and every cast of integers.
void add_logic(Graph& graph, ValueId x, const std::vector<ValueId>& integers) {
  const ValueId zero = numbers(graph, Type::s16, {}, {0});
  const ValueId positive = add(graph, greater_op, {x, zero});
  const ValueId even =
      add(graph, equal_op,
          {add(graph, bitwise_and_op, {x, numbers(graph, Type::s16, {1}, {1})}), zero});
  for (const OpDef* op : {&logical_and_op, &logical_or_op, &logical_xor_op})
    show(graph, *op, {positive, even});
  show(graph, logical_not_op, {positive});
  show(graph, equal_op, {positive, even});
  for (ValueId id : integers) {
    const Type type = graph.value(id).type;
    show(graph, where_op, {positive, id, numbers(graph, type, {kRows, 1}, {1, 2, 3})});
    show(graph, where_op, {even, numbers(graph, type, {kAxes}, {9, 8, 7}), id});
    for (Type to : kIntegers) graph.outputs.push_back(as_type(graph, id, to));
    graph.outputs.push_back(as_type(graph, id, Type::boolean));
    graph.outputs.push_back(as_type(graph, positive, type));
  }
}

void add_reals(Graph& graph, ValueId x, ValueId above) {
  const ValueId row = numbers(graph, Type::f32, {kAxes}, {0.75, -2, 3});
  const ValueId column = numbers(graph, Type::f32, {kRows, 1}, {1, 2, -1.5, 60});
  add_fused(graph, {x, row}, {});
  add_fused(graph, {column, x}, {});
  for (const OpDef* op : {&div_op, &floor_div_op, &floor_mod_op, &remainder_op, &minimum_op,
                          &maximum_op, &squared_difference_op, &atan2_op, &equal_op, &not_equal_op,
                          &less_op, &less_equal_op, &greater_op, &greater_equal_op})
    show(graph, *op, {x, row});
  show(graph, div_op, {column, above});
  show(graph, pow_op, {x, numbers(graph, Type::f32, {kAxes}, {2, 3, -1})});
  show(graph, pow_op, {above, row});
  show(graph, pow_op, {above, numbers(graph, Type::f32, {}, {0.5})});
  show(graph, add_n_op, {x, above, x});
  show(graph, where_op, {add(graph, less_op, {x, above}), x, row});
}

}  // namespace

Graph elementwise() {
  Graph graph;
  graph.name = "elementwise";
  const ValueId window = add_window(graph);
  const ValueId x = as_type(graph, window, Type::s16);
  std::vector<ValueId> integers;
  for (Type type : kIntegers) {
    integers.push_back(as_type(graph, x, type));
    add_integers(graph, integers.back(), type);
  }
  add_logic(graph, x, integers);
  const ValueId s8 = add_features(graph, window, "s8");
  for (Type type : {Type::s8, Type::u8, Type::s16})
    add_scaled(graph, requantized(graph, s8, type), type);
  const Attributes output{{"output_scale", 0.2}, {"output_zero_point", int64_t(4)}};
  show(graph, add_n_op, {s8, s8, s8}, output);
  show(graph, pow_op, {s8, numbers(graph, Type::s8, {1}, {20}, per_tensor(0.1f, 0))}, output);
  add_every_quantize(graph, s8);
  return graph;
}

Graph float_elementwise() {
  Graph graph;
  graph.name = "float_elementwise";
  const ValueId window = add_window(graph);
  const ValueId x = add_features(graph, window, "f32");
  const ValueId above = add(graph, maximum_op, {x, numbers(graph, Type::f32, {}, {0.25})});
  add_reals(graph, x, above);
  for (Type type : {Type::s8, Type::u8, Type::s16, Type::s32})
    graph.outputs.push_back(requantized(graph, x, type));
  for (Type type : {Type::s8, Type::u8, Type::s16}) {
    const ValueId scaled = requantized(graph, x, type);
    show(graph, dequantize_op, {scaled});
  }
  const ValueId s8 = requantized(graph, above, Type::s8);
  show(graph, pow_op, {s8, numbers(graph, Type::s8, {kAxes}, {20, -30, 7}, per_tensor(0.1f, 0))},
       {{"output_scale", 0.2}, {"output_zero_point", int64_t(4)}});
  for (Type type : kIntegers) {
    const ValueId whole = as_type(graph, x, type);
    graph.outputs.push_back(whole);
    graph.outputs.push_back(as_type(graph, whole, Type::f32));
  }
  graph.outputs.push_back(as_type(graph, x, Type::boolean));
  return graph;
}

}  // namespace mote::ports
