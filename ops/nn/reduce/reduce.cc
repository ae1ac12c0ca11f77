// SPDX-License-Identifier: Apache-2.0
// Host half of reduce: the input's type, its shape without the axes. A row a function: which types
// it takes by which kernel.
#include "ops/nn/reduce/reduce.h"

#include <cmath>

#include "ops/activation.h"
#include "ops/nn/reduce_axes.h"
#include "ops/nn/reduce_scale.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/through_float.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/reduce/reduce.h";
constexpr Kernel kNone{nullptr, nullptr, 0, false};

// How an integer of the function is read: as it is compared, or by its scales.
enum class Rule : uint8_t { same_scale, scaled };

struct Row {
  std::string_view name;
  Rule rule;
  Kernel f32, s8, s16, s32, s64, boolean;
};

const Row kRows[] = {
    {"sum", Rule::scaled, MOTE_KERNEL(reduce_sum_f32), MOTE_KERNEL(reduce_sum_scaled<int8_t>),
     MOTE_KERNEL(reduce_sum_scaled<int16_t>), MOTE_KERNEL(reduce_sum_integers<int32_t>),
     MOTE_KERNEL(reduce_sum_integers<int64_t>), kNone},
    {"prod", Rule::scaled, MOTE_KERNEL(reduce_prod_f32), MOTE_KERNEL(reduce_prod_scaled<int8_t>),
     MOTE_KERNEL(reduce_prod_scaled<int16_t>), MOTE_KERNEL(reduce_prod_integers<int32_t>),
     MOTE_KERNEL(reduce_prod_integers<int64_t>), kNone},
    {"max", Rule::same_scale, MOTE_KERNEL(reduce_max<float>), MOTE_KERNEL(reduce_max<int8_t>),
     MOTE_KERNEL(reduce_max<int16_t>), MOTE_KERNEL(reduce_max<int32_t>),
     MOTE_KERNEL(reduce_max<int64_t>), kNone},
    {"min", Rule::same_scale, MOTE_KERNEL(reduce_min<float>), MOTE_KERNEL(reduce_min<int8_t>),
     MOTE_KERNEL(reduce_min<int16_t>), MOTE_KERNEL(reduce_min<int32_t>),
     MOTE_KERNEL(reduce_min<int64_t>), kNone},
    {"any", Rule::same_scale, kNone, kNone, kNone, kNone, kNone, MOTE_KERNEL(reduce_max<uint8_t>)},
    {"all", Rule::same_scale, kNone, kNone, kNone, kNone, kNone, MOTE_KERNEL(reduce_min<uint8_t>)},
    {"l1", Rule::scaled, MOTE_KERNEL(reduce_l1_f32), kNone, kNone, kNone, kNone, kNone},
    {"l2", Rule::scaled, MOTE_KERNEL(reduce_l2_f32), kNone, kNone, kNone, kNone, kNone},
    {"sum_square", Rule::scaled, MOTE_KERNEL(reduce_sum_square_f32), kNone, kNone, kNone, kNone,
     kNone},
    {"log_sum", Rule::scaled, MOTE_KERNEL(reduce_log_sum_f32), kNone, kNone, kNone, kNone, kNone},
    {"log_sum_exp", Rule::scaled, MOTE_KERNEL(reduce_log_sum_exp_f32), kNone, kNone, kNone, kNone,
     kNone},
};

const Row& row_of(const NodeView& node) {
  for (const Row& row : kRows)
    if (row.name == node.text("function")) return row;
  node.refuse("unknown-function", "function '" + node.text("function") + "' is unknown",
              "use sum, prod, max, min, any, all, l1, l2, sum_square, log_sum or log_sum_exp");
}

const Kernel& kernel_of(const Row& row, ElementType type) {
  switch (type) {
    case ElementType::f32:
      return row.f32;
    case ElementType::s8:
      return row.s8;
    case ElementType::s16:
      return row.s16;
    case ElementType::s32:
      return row.s32;
    case ElementType::s64:
      return row.s64;
    case ElementType::boolean:
      return row.boolean;
    default:
      return kNone;
  }
}

bool is_scaled(const Row& row, ElementType type) {
  return row.rule == Rule::scaled && (type == ElementType::s8 || type == ElementType::s16);
}

Inference infer(const NodeView& node) {
  const Row& row = row_of(node);
  const Value& x = node.input(0);
  if (!kernel_of(row, x.type).invoke)
    node.refuse("wrong-type", std::string(row.name) + " does not take " + to_string(x.type));
  const std::vector<bool> reduced = reduced_dimensions(node);
  reduce_params(node, x.shape, reduced);
  const Shape shape = reduced_shape(node, reduced);
  if (!is_scaled(row, x.type)) return {{{x.type, shape, x.quantization, x.clock}}, {}};
  expect_one_scale(node, 0);
  return {{like_input(node, shape)}, {}};
}

// The n-th root of input scale^n / output scale.
double prod_ratio(const NodeView& node, int64_t count) {
  const double from = double(node.input(0).quantization.scale());
  const double to = double(node.output().quantization.scale());
  return std::pow(std::pow(from, double(count)) / to, 1.0 / double(count));
}

KernelCall lower_scaled(const NodeView& node, const Row& row, const ReduceParams& sizes) {
  ReduceScaledParams params = reduce_scaled_params(node, sizes, ReduceDivision::none);
  if (row.name == "prod") {
    const double ratio = prod_ratio(node, reduced_count(sizes));
    if (!(ratio > 0) || !(ratio < 64))
      node.refuse("wrong-quantization", "the product's scale does not fit its factors'");
    const QuantizedMultiplier m = quantize_multiplier(ratio);
    params.multiplier = m.multiplier;
    params.shift = m.shift;
  }
  return make_kernel_call(kHeader, kernel_of(row, node.input(0).type), "ReduceScaledParams", params)
      .input(0)
      .output();
}

KernelCall lower(const NodeView& node) {
  const Row& row = row_of(node);
  const Value& x = node.input(0);
  const ReduceParams sizes = reduce_params(node, x.shape, reduced_dimensions(node));
  if (is_scaled(row, x.type)) return lower_scaled(node, row, sizes);
  return make_kernel_call(kHeader, kernel_of(row, x.type), "ReduceParams", sizes).input(0).output();
}

// Norms and logarithms of sums have no int8 form: they stay float between dequantize and quantize.
void quantize(Quantizer& quantizer, const NodeView& node) {
  const Row& row = row_of(node);
  if (!row.s8.invoke && row.f32.invoke) return quantize_through_float(quantizer, node, reduce_op);
  if (!row.s8.invoke || row.rule == Rule::same_scale) return quantize_same_scale(quantizer, node);
  quantizer.replace(node, reduce_op, {quantizer.input(node, 0)},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = output_quantization_attributes();
  all.push_back(
      {"function", {}, "sum, prod, max, min, any, all, l1, l2, sum_square, log_sum, log_sum_exp"});
  for (AttributeSpec& axes : reduce_attributes({})) all.push_back(std::move(axes));
  return all;
}

}  // namespace

const OpDef reduce_op{
    .name = "reduce",
    .room = "nn",
    .summary = "one number of many over any axes; f32, for most s8, s16, s32, s64, for some bool",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
