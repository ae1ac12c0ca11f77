// SPDX-License-Identifier: Apache-2.0
// See movement.h.
#include "ops/nn/movement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/take.h"
#include "ops/registry.h"

namespace mote {

bool moves_numbers(const OpDef& op) {
  const OpDef* const movers[] = {&reshape_op,        &transpose_op,      &slice_op,
                                 &tile_op,           &broadcast_to_op,   &gather_op,
                                 &gather_nd_op,      &dynamic_slice_op,  &reverse_sequence_op,
                                 &resize_nearest_op, &gather_elements_op};
  return std::find(std::begin(movers), std::end(movers), &op) != std::end(movers);
}

Shape checked_shape(const NodeView& node, const std::vector<int64_t>& dims) {
  if (dims.size() > size_t(kMostLoops))
    node.refuse("wrong-shape", std::to_string(dims.size()) + " dimensions are more than 8");
  Shape shape;
  int64_t elements = 1;
  for (int64_t d : dims) {
    if (d < 1 || d > INT32_MAX / 8 / elements)
      node.refuse("wrong-shape", "a dimension of " + std::to_string(d) +
                                     (d < 1 ? " holds nothing" : " makes the tensor too large"));
    elements *= d;
    shape.push_back(int32_t(d));
  }
  return shape;
}

void expect_movable(const NodeView& node, size_t input) {
  if (!node.has_input(input))
    node.refuse("missing-input", "input " + std::to_string(input) + " is not given");
  const Shape& shape = node.input(input).shape;
  checked_shape(node, std::vector<int64_t>(shape.begin(), shape.end()));
}

size_t axis_attribute(const NodeView& node, const std::string& name, size_t rank) {
  const int64_t axis = node.integer(name);
  if (axis < -int64_t(rank) || axis >= int64_t(rank))
    node.refuse("wrong-attribute", name + " is " + std::to_string(axis) + " of " +
                                       std::to_string(rank) + " dimensions");
  return size_t(axis < 0 ? axis + int64_t(rank) : axis);
}

std::vector<int64_t> list_attribute(const NodeView& node, const std::string& name, size_t count,
                                    int64_t otherwise) {
  std::vector<int64_t> list = node.integers(name);
  if (list.empty()) list.assign(count, otherwise);
  if (list.size() != count)
    node.refuse("wrong-attribute", name + " has " + std::to_string(list.size()) +
                                       " numbers, the tensor has " + std::to_string(count) +
                                       " dimensions");
  return list;
}

bool flag_attribute(const NodeView& node, const std::string& name) {
  const int64_t flag = node.integer(name);
  if (flag != 0 && flag != 1) node.refuse("wrong-attribute", name + " must be 0 or 1");
  return flag == 1;
}

Inference moved(const NodeView& node, Shape shape) {
  expect_movable(node, 0);
  const Value& input = node.input(0);
  if (input.quantization.scales.size() > 1)
    node.refuse("wrong-quantization", "a tensor quantised per channel cannot be moved",
                "give it one scale");
  return {{{input.type, std::move(shape), input.quantization, joint_clock(node)}}, {}};
}

void expect_indices(const NodeView& node, size_t input) {
  expect_movable(node, input);
  if (node.input(input).type != ElementType::s32)
    node.refuse("wrong-type", "indices are " + std::string(to_string(node.input(input).type)),
                "cast them to s32");
}

void expect_like_data(const NodeView& node, size_t input) {
  expect_movable(node, input);
  const Value& data = node.input(0);
  const std::string which = "input " + std::to_string(input);
  if (node.input(input).type != data.type)
    node.refuse("wrong-type", which + " is " + to_string(node.input(input).type) + ", input 0 is " +
                                  to_string(data.type));
  if (!(node.input(input).quantization == data.quantization))
    node.refuse("wrong-quantization", which + " has another scale or zero point than input 0",
                "put a quantize layer in front of it");
}

int32_t product(const Shape& shape, size_t first, size_t last) {
  int64_t n = 1;
  for (size_t d = first; d < last; ++d) n *= shape.at(d);
  return int32_t(n);
}

std::vector<int64_t> strides_of(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

Nest joined(const std::vector<Loop>& loops) {
  Nest nest;
  for (const Loop& loop : loops) {
    if (loop.count == 1) continue;
    Loop* outer = nest.loops.empty() ? nullptr : &nest.loops.back();
    if (outer && outer->in == loop.in * loop.count && outer->out == loop.out * loop.count)
      *outer = {outer->count * loop.count, loop.in, loop.out};
    else
      nest.loops.push_back(loop);
  }
  if (!nest.loops.empty() && nest.loops.back().in == 1 && nest.loops.back().out == 1) {
    nest.run = nest.loops.back().count;
    nest.loops.pop_back();
  }
  return nest;
}

void refuse_deep(const NodeView& node, size_t loops) {
  if (loops > size_t(kMostLoops))
    node.refuse("wrong-shape", "the copy needs " + std::to_string(loops) + " loops, 8 are possible",
                "do it in two steps");
}

namespace {

struct KernelsByBytes {
  Kernel of_1, of_2, of_4, of_8;

  Kernel of(ElementType type) const {
    const int32_t bytes = element_bytes(type);
    return bytes == 1 ? of_1 : bytes == 2 ? of_2 : bytes == 4 ? of_4 : of_8;
  }
};

}  // namespace

KernelCall strided_copy_call(const NodeView& node, const std::vector<Loop>& loops,
                             int64_t in_offset) {
  StridedCopyParams params{};
  params.in_offset = int32_t(in_offset);
  set_loops(node, loops, params);
  const KernelsByBytes kernels{MOTE_KERNEL(strided_copy_1), MOTE_KERNEL(strided_copy_2),
                               MOTE_KERNEL(strided_copy_4), MOTE_KERNEL(strided_copy_8)};
  return make_kernel_call("ops/nn/strided_copy.h", kernels.of(node.input(0).type),
                          "StridedCopyParams", params)
      .input_bytes(0)
      .output();
}

namespace {

using Indices = std::vector<int32_t>;

bool is_identity(const Indices& indices, int32_t extent) {
  if (int32_t(indices.size()) != extent) return false;
  for (int32_t i = 0; i < extent; ++i)
    if (indices[size_t(i)] != i) return false;
  return true;
}

struct TakeTables {
  TakeParams params{};
  std::vector<int32_t> offsets{0};  // first the offset of loops that are not needed
  int32_t loops = 0;

  // One more loop around those that are there.
  void wrap(const Indices& indices, int64_t stride) {
    const int32_t d = kMostLoops - 1 - loops++;
    params.dims[d] = int32_t(indices.size());
    params.tables[d] = int32_t(offsets.size());
    for (int32_t i : indices) offsets.push_back(int32_t(i * stride));
  }
};

}  // namespace

KernelCall take_call(const NodeView& node, const std::vector<Indices>& indices) {
  const Shape& shape = node.input(0).shape;
  const std::vector<int64_t> strides = strides_of(shape);
  TakeTables tables;
  for (int32_t& d : tables.params.dims) d = 1;
  size_t d = shape.size();
  tables.params.run = 1;
  for (; d > 0 && is_identity(indices[d - 1], shape[d - 1]); --d) tables.params.run *= shape[d - 1];
  for (; d > 0; --d)
    if (indices[d - 1].size() > 1 || indices[d - 1][0] != 0)
      tables.wrap(indices[d - 1], strides[d - 1]);
  const KernelsByBytes kernels{MOTE_KERNEL(take_1), MOTE_KERNEL(take_2), MOTE_KERNEL(take_4),
                               MOTE_KERNEL(take_8)};
  return make_kernel_call("ops/nn/take.h", kernels.of(node.input(0).type), "TakeParams",
                          tables.params)
      .input_bytes(0)
      .constant("offsets", ElementType::s32, tables.offsets)
      .output();
}

void quantize_to_one_scale(Quantizer& quantizer, const NodeView& node,
                           const std::vector<size_t>& tensors) {
  const Quantization wanted = quantizer.activation(node);
  Graph& graph = quantizer.graph();
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < node.input_count(); ++i) {
    ValueId id = quantizer.input(node, i);
    const bool is_tensor = std::find(tensors.begin(), tensors.end(), i) != tensors.end();
    if (is_tensor && graph.value(id).type == ElementType::f32) {
      range_of_constant(node, i);
      id = quantize_constant(quantizer, node, i, wanted);
    } else if (is_tensor && !(graph.value(id).quantization == wanted)) {
      const std::string type = to_string(graph.value(id).type);
      id = graph.add_node(quantize_op, node.node().name + "/scale_" + std::to_string(i), {id},
                          with_output_quantization({{"output_type", type}}, wanted));
    }
    inputs.push_back(id);
  }
  quantizer.replace(node, *node.node().op, inputs, node.node().attributes);
}

int64_t number_bits(const NodeView& node, const Value& value, double real) {
  if (value.type == ElementType::f32) {
    const auto number = float(real);
    int32_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
  }
  if (!std::isfinite(real) && value.quantization.empty())
    node.refuse("wrong-attribute", "an integer cannot hold that value");
  const Quantization& q = value.quantization;
  const double scaled =
      q.empty() ? real : std::nearbyint(real / double(q.scale())) + double(q.zero_point());
  return with_element_type(value.type, [&](auto element) -> int64_t {
    using T = decltype(element);
    const auto low = double(std::numeric_limits<T>::lowest());
    const auto high = double(std::numeric_limits<T>::max());
    if (!(scaled > low)) return int64_t(std::numeric_limits<T>::lowest());
    if (!(scaled < high)) return int64_t(std::numeric_limits<T>::max());
    return int64_t(scaled);
  });
}

}  // namespace mote
