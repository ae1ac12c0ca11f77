// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers, once with each of their kernels, over a window of the sensor. See
// graphs.h.
#include "ops/registry.h"
#include "tests/ports/graphs.h"

namespace mote::ports {
namespace {

constexpr int32_t kRows = 8;

using List = std::vector<int64_t>;

Attribute word(const char* text) { return std::string(text); }

// The window as each element type, [kRows, kAxes], and indices 0 .. kAxes - 1, [kRows, 2].
struct Tensors {
  Graph graph;
  ValueId s16, f32, s8, s32, s64, indices;

  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes) {
    return graph.add_node(op, op.name + std::to_string(graph.nodes.size()), inputs, attributes);
  }
  void put(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes) {
    graph.outputs.push_back(add(op, inputs, attributes));
  }
};

template <class T>
ValueId add_numbers(Graph& graph, ElementType type, const Shape& shape) {
  std::vector<T> numbers;
  for (int64_t i = 0; i < element_count(shape); ++i) numbers.push_back(T(7 * i * i - 40 * i + 3));
  return graph.add_constant("numbers" + std::to_string(graph.values.size()), type, shape, numbers);
}

void add_types(Tensors& t) {
  Graph& graph = t.graph;
  const ValueId sensor = graph.add_stream("sensor", {{"x", "g", 1}, {"y", "g", 1}, {"z", "g", 1}},
                                          100, MissingPolicy::drop);
  t.s16 = t.add(framer_op, {sensor}, {{"length", int64_t(kRows)}, {"stride", int64_t(kRows)}});
  const ValueId mean =
      graph.add_constant("mean", ElementType::f32, {kAxes}, std::vector<float>{10, -2000, 0.25f});
  const ValueId inv_std =
      graph.add_constant("inv_std", ElementType::f32, {kAxes}, std::vector<float>{1e-4f, 2e-3f, 1});
  const ValueId real = t.add(standardize_op, {t.s16, mean, inv_std}, {});
  t.f32 = t.add(reshape_op, {real}, {{"shape", List{kRows, kAxes}}});
  t.s8 = t.add(quantize_op, {t.f32}, {{"output_scale", 0.05}, {"output_zero_point", int64_t(5)}});
  t.put(top_k_op, {t.s16}, {{"k", int64_t(2)}});
  t.indices = graph.nodes.back().outputs[1];
  // Rows of constants that the window chooses.
  const Attributes first = {{"axis", int64_t(0)}};
  const ValueId wide = add_numbers<int64_t>(graph, ElementType::s64, {kAxes, kAxes});
  const ValueId narrow = add_numbers<int32_t>(graph, ElementType::s32, {kAxes, kAxes});
  const Attributes flat = {{"shape", List{2 * kRows, kAxes}}};
  t.s64 = t.add(reshape_op, {t.add(gather_op, {wide, t.indices}, first)}, flat);
  t.s32 = t.add(reshape_op, {t.add(gather_op, {narrow, t.indices}, first)}, flat);
}

void add_copies(Tensors& t) {
  for (ValueId x : {t.s8, t.s16, t.f32, t.s64}) {
    t.put(transpose_op, {x}, {{"perm", List{1, 0}}});
    t.put(pad_op, {x}, {{"before", List{1, 2}}, {"after", List{-1, 1}}, {"value", 3.0}});
    t.put(pad_op, {x}, {{"before", List{2, 1}}, {"after", List{3, 2}}, {"mode", word("reflect")}});
  }
  t.put(slice_op, {t.s8}, {{"begin", List{6, 2}}, {"size", List{4, 2}}, {"step", List{-2, -1}}});
  t.put(tile_op, {t.s16}, {{"repeats", List{2, 3}}});
  t.put(broadcast_to_op, {t.s32}, {{"shape", List{2, 2 * kRows, kAxes}}});
  t.put(trilu_op, {t.s8}, {{"diagonal", int64_t(-1)}});
}

void add_indexed(Tensors& t) {
  const Attributes rows = {{"axis", int64_t(0)}};
  t.put(gather_nd_op, {t.f32, t.indices}, {});
  t.put(gather_elements_op, {t.s8, t.indices}, rows);
}

void add_scattered(Tensors& t) {
  const List pairs{kRows, 2};
  for (ValueId x : {t.f32, t.s8, t.s32, t.s64}) {
    const ValueId data =
        t.add(slice_op, {x}, {{"begin", List{0, 0}}, {"size", List{kRows, kAxes}}});
    const ValueId updates = t.add(slice_op, {x}, {{"begin", List{0, 1}}, {"size", pairs}});
    const ValueId numbers = t.add(slice_op, {x}, {{"begin", List{0, 2}}, {"size", List{kRows, 1}}});
    const ValueId list = t.add(reshape_op, {numbers}, {{"shape", List{kRows}}});
    const Attribute reduction = word(x == t.s8 ? "max" : x == t.s32 ? "mul" : "add");
    for (const Attribute& how : {word("none"), reduction}) {
      t.put(scatter_elements_op, {data, t.indices, updates},
            {{"axis", int64_t(1)}, {"reduction", how}});
      t.put(scatter_nd_op, {data, t.indices, list}, {{"reduction", how}});
    }
    if (x != t.s8) t.put(top_k_op, {data}, {{"k", int64_t(3)}, {"smallest", int64_t(1)}});
  }
}

void add_starts(Tensors& t) {
  const ValueId start = t.add(
      reshape_op, {t.add(slice_op, {t.indices}, {{"begin", List{2, 0}}, {"size", List{1, 2}}})},
      {{"shape", List{2}}});
  t.put(dynamic_slice_op, {t.s8, start}, {{"size", List{5, 2}}});
  const ValueId part = t.add(slice_op, {t.f32}, {{"begin", List{0, 0}}, {"size", List{3, 2}}});
  t.put(dynamic_update_slice_op, {t.f32, part, start}, {});
  t.put(reverse_sequence_op,
        {t.s16,
         t.add(reshape_op,
               {t.add(slice_op, {t.indices}, {{"begin", List{0, 1}}, {"size", List{kRows, 1}}})},
               {{"shape", List{kRows}}})},
        {{"sequence_axis", int64_t(1)}, {"batch_axis", int64_t(0)}});
  const ValueId off_on =
      t.graph.add_constant("off_on", ElementType::s32, {2}, std::vector<int32_t>{-5, 70000});
  t.put(one_hot_op, {t.indices, off_on}, {{"depth", int64_t(kAxes)}});
  t.put(top_k_op, {t.s8}, {{"k", int64_t(1)}});
}

void add_resized(Tensors& t) {
  const Attribute half = word("half_pixel");
  for (ValueId x : {t.s8, t.f32}) {
    t.put(resize_linear_op, {x}, {{"size", List{13, 5}}, {"coordinates", half}});
    t.put(resize_nearest_op, {x}, {{"size", List{3, 7}}});
  }
  t.put(resize_cubic_op, {t.f32}, {{"size", List{5, 7}}, {"coordinates", half}});
}

}  // namespace

Graph movement() {
  Tensors t;
  t.graph.name = "movement";
  add_types(t);
  add_copies(t);
  add_indexed(t);
  add_scattered(t);
  add_starts(t);
  add_resized(t);
  return t.graph;
}

}  // namespace mote::ports
