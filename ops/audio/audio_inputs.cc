// SPDX-License-Identifier: Apache-2.0
// See audio_inputs.h.
#include "ops/audio/audio_inputs.h"

#include <cstring>

namespace mote {
namespace {

std::string input_word(size_t i) { return "input " + std::to_string(i); }

}  // namespace

void expect_type(const NodeView& node, size_t i, ElementType type) {
  if (!node.has_input(i)) node.refuse("missing-input", input_word(i) + " is not given");
  if (node.input(i).type != type)
    node.refuse("wrong-type", input_word(i) + " is " + to_string(node.input(i).type) + ", not " +
                                  to_string(type));
}

int32_t expect_vector(const NodeView& node, size_t i, ElementType type) {
  expect_type(node, i, type);
  const Shape& shape = node.input(i).shape;
  if (shape.size() != 1 || shape[0] < 1)
    node.refuse("wrong-shape", input_word(i) + " must have one dimension");
  return shape[0];
}

int32_t last_dimension(const NodeView& node, size_t i) {
  const Shape& shape = node.input(i).shape;
  if (shape.empty() || element_count(shape) < 1)
    node.refuse("wrong-shape", input_word(i) + " has no elements to work on");
  return shape.back();
}

int32_t integer_within(const NodeView& node, const std::string& name, int64_t low, int64_t high) {
  const int64_t value = node.integer(name);
  if (value < low || value > high)
    node.refuse("wrong-attribute", name + " is " + std::to_string(value) + ", not " +
                                       std::to_string(low) + " .. " + std::to_string(high));
  return int32_t(value);
}

std::span<const int16_t> constant_s16(const NodeView& node, size_t i) {
  const int32_t count = expect_vector(node, i, ElementType::s16);
  if (node.input(i).kind != ValueKind::constant)
    node.refuse("not-constant", input_word(i) + " must be a constant table");
  return {node.input(i).as<int16_t>(), size_t(count)};
}

void expect_addressable(const NodeView& node, const Shape& shape, ElementType type) {
  int64_t bytes = element_bytes(type);
  for (int32_t size : shape) {
    if (size < 1) node.refuse("wrong-shape", "the output would have no elements");
    bytes *= size;
    if (bytes > INT32_MAX) node.refuse("wrong-shape", "the output has 2^31 bytes or more");
  }
}

Bytes bytes_of_s32(int32_t value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

}  // namespace mote
