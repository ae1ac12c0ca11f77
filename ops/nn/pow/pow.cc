// SPDX-License-Identifier: Apache-2.0
// Host half of pow: two inputs of one type, broadcast -> the same type; s8 at the scale that the
// attributes give. See pow.h.
#include "ops/nn/pow/pow.h"

#include "ops/element_order.h"
#include "ops/nn/arithmetic_layer.h"
#include "ops/nn/lookup.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/pow/pow.h";
const KernelsOfTypes kKernels{MOTE_KERNEL(pow_each_f32), MOTE_INTEGER_KERNELS(pow_integer),
                              Kernel{}};

Inference infer(const NodeView& node) {
  expect_same_types(node, 0, 2);
  ValueType type{node.input(0).type, broadcast_shape(node, 2), {}, joint_clock(node)};
  kernel_of_type(node, 0, kKernels);
  if (are_scaled(node)) {
    if (type.type != ElementType::s8)
      node.refuse("wrong-type", "pow takes numbers with a scale as s8 alone");
    type.quantization = output_quantization(node);
  }
  return {{type}, {}};
}

PowS8Params s8_params(const NodeView& node) {
  const Quantization& a = node.input(0).quantization;
  const Quantization& b = node.input(1).quantization;
  const Quantization& y = node.output().quantization;
  return {{},       {}, {}, a.zero_point(), a.scale(), b.zero_point(), b.scale(), y.zero_point(),
          y.scale()};
}

bool is_one_constant(const Value& value) {
  return value.kind == ValueKind::constant && value.elements() == 1;
}

// A constant exponent makes it a function of one number: the same kernel fills a table.
KernelCall lower_table(const NodeView& node) {
  PowS8Params params = s8_params(node);
  const BroadcastWalk walk{{1, 1, 1, 1, 1, 256}, {{0, 0, 0, 0, 0, 1}, {}}};
  copy_walk(walk.sizes, params.sizes);
  copy_walk(walk.strides[0], params.a_strides);
  copy_walk(walk.strides[1], params.b_strides);
  std::vector<int8_t> all, table(256);
  for (int32_t q = -128; q <= 127; ++q) all.push_back(int8_t(q));
  pow_s8(params, all.data(), node.input(1).as<int8_t>(), table.data());
  const LookupParams lookup{int32_t(node.output().elements())};
  return make_kernel_call("ops/nn/lookup.h", MOTE_KERNEL(lookup_s8), "LookupParams", lookup)
      .input(0)
      .constant("table", ElementType::s8, table)
      .output();
}

KernelCall lower(const NodeView& node) {
  if (!are_scaled(node))
    return pair_call(kHeader, kernel_of_type(node, 0, kKernels), "PairParams",
                     with_pair_walk(node, PairParams{}));
  if (is_one_constant(node.input(1))) return lower_table(node);
  return pair_call(kHeader, MOTE_KERNEL(pow_s8), "PowS8Params",
                   with_pair_walk(node, s8_params(node)));
}

}  // namespace

const OpDef pow_op{
    .name = "pow",
    .room = "nn",
    .summary = "a^b, element-wise, broadcast; f32, s8, integers without scale",
    .attributes = output_quantization_attributes(),
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .quantize = quantize_pair,
};

}  // namespace mote
