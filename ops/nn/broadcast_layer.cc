// SPDX-License-Identifier: Apache-2.0
// Shapes, walks and types of operators over several tensors. See broadcast_layer.h.
#include "ops/nn/broadcast_layer.h"

#include <algorithm>
#include <cmath>

namespace mote {
namespace {

// Dimension `d` of `rank`, of a shape that may have fewer.
int32_t dimension(const Shape& shape, size_t d, size_t rank) {
  const size_t missing = rank - shape.size();
  return d < missing ? 1 : shape[d - missing];
}

size_t largest_rank(const NodeView& node, size_t count) {
  size_t rank = 0;
  for (size_t i = 0; i < count; ++i) rank = std::max(rank, node.input(i).shape.size());
  return rank;
}

// Elements between neighbours along each of `rank` dimensions; 0 where the shape repeats.
std::vector<int64_t> strides_of(const Shape& shape, size_t rank) {
  std::vector<int64_t> strides(rank, 0);
  int64_t step = 1;
  for (size_t d = rank; d-- > 0;) {
    const int32_t size = dimension(shape, d, rank);
    if (size != 1) strides[d] = step;
    step *= size;
  }
  return strides;
}

struct Loop {
  int64_t size;
  std::vector<int64_t> strides;  // of each input
};

// Whether `inner` continues `outer` without a jump for every input.
bool continues(const Loop& outer, const Loop& inner) {
  for (size_t i = 0; i < outer.strides.size(); ++i)
    if (outer.strides[i] != inner.strides[i] * inner.size) return false;
  return true;
}

}  // namespace

Shape broadcast_shape(const NodeView& node, size_t count) {
  const size_t rank = largest_rank(node, count);
  Shape shape(rank, 1);
  for (size_t i = 0; i < count; ++i)
    for (size_t d = 0; d < rank; ++d) {
      const int32_t size = dimension(node.input(i).shape, d, rank);
      if (size < 1) node.refuse("wrong-shape", "input " + std::to_string(i) + " is empty");
      if (size != 1 && shape[d] != 1 && size != shape[d])
        node.refuse("wrong-shape",
                    "input " + std::to_string(i) + " has " + std::to_string(size) +
                        " elements where another has " + std::to_string(shape[d]),
                    "dimensions must be equal or 1, counted from the last");
      shape[d] = std::max(shape[d], size);
    }
  int64_t elements = 1;
  for (int32_t size : shape) {
    elements *= size;
    if (elements > INT32_MAX) node.refuse("too-large", "the output has 2^31 elements or more");
  }
  return shape;
}

BroadcastWalk broadcast_walk(const NodeView& node, size_t count) {
  const Shape shape = broadcast_shape(node, count);
  std::vector<std::vector<int64_t>> strides;
  for (size_t i = 0; i < count; ++i)
    strides.push_back(strides_of(node.input(i).shape, shape.size()));
  std::vector<Loop> loops;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    Loop loop{shape[d], {}};
    for (size_t i = 0; i < count; ++i) loop.strides.push_back(strides[i][d]);
    if (!loops.empty() && continues(loops.back(), loop)) {
      loop.size *= loops.back().size;
      loops.pop_back();
    }
    loops.push_back(loop);
  }
  if (loops.size() > kBroadcastRank)
    node.refuse(
        "wrong-shape",
        "the inputs repeat along more than " + std::to_string(kBroadcastRank) + " dimensions",
        "reshape them to fewer");
  BroadcastWalk walk;
  walk.sizes.fill(1);
  walk.strides.resize(count);
  for (auto& of_input : walk.strides) of_input.fill(0);
  const size_t first = kBroadcastRank - loops.size();
  for (size_t l = 0; l < loops.size(); ++l) {
    walk.sizes[first + l] = int32_t(loops[l].size);
    for (size_t i = 0; i < count; ++i) walk.strides[i][first + l] = int32_t(loops[l].strides[i]);
  }
  return walk;
}

void copy_walk(const std::array<int32_t, kBroadcastRank>& from, int32_t (&to)[kBroadcastRank]) {
  std::copy(from.begin(), from.end(), to);
}

void expect_same_types(const NodeView& node, size_t first, size_t count) {
  const ElementType type = node.input(first).type;
  for (size_t i = first + 1; i < count; ++i)
    if (node.input(i).type != type)
      node.refuse("wrong-type",
                  "input " + std::to_string(first) + " is " + to_string(type) + " and input " +
                      std::to_string(i) + " is " + to_string(node.input(i).type),
                  "cast one of them");
}

bool is_scaled(const NodeView& node, size_t input) {
  const Value& value = node.input(input);
  const Quantization& q = value.quantization;
  const std::string name = "input " + std::to_string(input);
  if (value.type == ElementType::f32 || q.empty()) return false;
  if (q.scales.size() != 1 || q.zero_points.size() != 1)
    node.refuse("wrong-quantization", name + " must have one scale");
  if (value.type != ElementType::s8 && value.type != ElementType::u8 &&
      value.type != ElementType::s16)
    node.refuse(
        "wrong-quantization",
        name + " is " + to_string(value.type) + " with a scale, which has no arithmetic here",
        "use s8 or s16");
  if (value.type == ElementType::s16 && q.zero_point() != 0)
    node.refuse("wrong-quantization", name + " is s16 with a zero point other than 0");
  return true;
}

bool are_scaled(const NodeView& node) {
  const bool a = is_scaled(node, 0);
  if (a != is_scaled(node, 1))
    node.refuse("wrong-quantization", "one input has a scale and the other has none");
  return a;
}

void expect_same_scale(const NodeView& node, size_t first) {
  if (!(node.input(first).quantization == node.input(first + 1).quantization))
    node.refuse("wrong-quantization",
                "inputs " + std::to_string(first) + " and " + std::to_string(first + 1) +
                    " have different scales or zero points",
                "put a quantize layer in front of one");
}

Quantization output_quantization(const NodeView& node) {
  return checked_quantization(node, node.input(0).type);
}

Quantization checked_quantization(const NodeView& node, ElementType type) {
  const auto scale = float(node.number("output_scale"));
  const int64_t zero_point = node.integer("output_zero_point");
  const bool shifted = type == ElementType::s8 || type == ElementType::u8;
  const QuantizedClampRange range =
      shifted || type == ElementType::s16 ? limits_of(type) : QuantizedClampRange{0, 0};
  if (!(scale > 0) || !std::isfinite(scale) || zero_point < range.min || zero_point > range.max)
    node.refuse("wrong-attribute",
                "output_scale must be positive and finite, and output_zero_point within " +
                    std::to_string(range.min) + ".." + std::to_string(range.max));
  return per_tensor(scale, int32_t(zero_point));
}

QuantizedClampRange limits_of(ElementType type) {
  switch (type) {
    case ElementType::s8:
      return {-128, 127};
    case ElementType::u8:
      return {0, 255};
    case ElementType::s16:
      return {-32768, 32767};
    case ElementType::u16:
      return {0, 65535};
    default:
      return {INT32_MIN, INT32_MAX};
  }
}

Kernel kernel_of_type(const NodeView& node, size_t input, const KernelsOfTypes& kernels) {
  const ElementType type = node.input(input).type;
  const Kernel& kernel = kernels[size_t(type)];
  if (!kernel.function)
    node.refuse("wrong-type",
                "input " + std::to_string(input) + " is " + to_string(type) +
                    ", which this operator does not take",
                "cast it");
  return kernel;
}

}  // namespace mote
