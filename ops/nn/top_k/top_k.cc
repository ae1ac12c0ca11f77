// SPDX-License-Identifier: Apache-2.0
// Host half of top_k: f32, s8, s16, s32 or s64 -> the k best numbers along the last dimension, and
// their indices (s32).
#include "ops/nn/top_k/top_k.h"

#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

bool takes(ElementType type) {
  return type == ElementType::f32 || type == ElementType::s8 || type == ElementType::s16 ||
         type == ElementType::s32 || type == ElementType::s64;
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  const Value& input = node.input(0);
  if (!takes(input.type))
    node.refuse("wrong-type", "the input is " + std::string(to_string(input.type)),
                "use f32, s8, s16, s32 or s64");
  if (input.shape.empty()) node.refuse("wrong-shape", "the input must have a dimension");
  const int64_t k = node.integer("k");
  if (k < 1 || k > input.shape.back())
    node.refuse("wrong-attribute", "k is " + std::to_string(k) + ", the last dimension has " +
                                       std::to_string(input.shape.back()));
  flag_attribute(node, "smallest");
  Shape shape = input.shape;
  shape.back() = int32_t(k);
  Inference out = moved(node, shape);
  out.outputs.push_back({ElementType::s32, shape, {}, out.outputs[0].clock});
  return out;
}

Kernel kernel_of(ElementType type) {
  if (type == ElementType::f32) return MOTE_KERNEL(top_k_f32);
  if (type == ElementType::s8) return MOTE_KERNEL(top_k_s8);
  if (type == ElementType::s16) return MOTE_KERNEL(top_k_s16);
  if (type == ElementType::s32) return MOTE_KERNEL(top_k_s32);
  return MOTE_KERNEL(top_k_s64);
}

KernelCall lower(const NodeView& node) {
  const Shape& shape = node.input(0).shape;
  const TopKParams params{product(shape, 0, shape.size() - 1), shape.back(),
                          int32_t(node.integer("k")), flag_attribute(node, "smallest")};
  return make_kernel_call("ops/nn/top_k/top_k.h", kernel_of(node.input(0).type), "TopKParams",
                          params)
      .input(0)
      .output(0)
      .output(1);
}

}  // namespace

const OpDef top_k_op{
    .name = "top_k",
    .room = "nn",
    .summary =
        "the k largest numbers along the last dimension, and their indices; f32 s8 s16 s32 s64",
    .attributes = {{"k", {}, "how many"},
                   {"smallest", Attribute(int64_t{0}), "1: the smallest instead"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
