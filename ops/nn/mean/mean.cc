// SPDX-License-Identifier: Apache-2.0
// Host half of mean: f32 | s8 | s16 -> the shape without dimensions `axes` (each 1 with keep_dims),
// by default height and width of NHWC.
#include "ops/nn/mean/mean.h"

#include "ops/activation.h"
#include "ops/nn/reduce_axes.h"
#include "ops/nn/reduce_scale.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/mean/mean.h";

bool is_scaled(const Value& x) { return x.type == ElementType::s8 || x.type == ElementType::s16; }

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  if (x.type == ElementType::s16)
    expect_one_scale(node, 0);
  else
    expect_f32_or_s8(node, 0);
  const std::vector<bool> reduced = reduced_dimensions(node);
  reduce_params(node, x.shape, reduced);
  return {{like_input(node, reduced_shape(node, reduced))}, {}};
}

// [outer, reduced, inner], where the dimensions that go lie side by side.
bool is_one_block(const ReduceParams& p) { return p.reduced[0] == 1 && p.reduced[1] == 1; }
MeanF32Params block_of(const ReduceParams& p) {
  if (p.reduced[2] == 1) return {1, 1, int32_t(kept_count(p))};
  const int32_t inner = p.reduced_stride[2];
  return {int32_t(kept_count(p)) / inner, p.reduced[2], inner};
}

KernelCall lower_block_s8(const NodeView& node, const MeanF32Params& sizes) {
  const ReduceMultiplier m = reduce_multiplier(node, sizes.reduced, ReduceDivision::count);
  const MeanParams params{sizes.outer,
                          sizes.reduced,
                          sizes.inner,
                          node.input(0).quantization.zero_point(),
                          node.output().quantization.zero_point(),
                          m.multiplier,
                          m.shift};
  return make_kernel_call(kHeader, MOTE_KERNEL(mean_s8), "MeanParams", params).input(0).output();
}

KernelCall lower_scaled(const NodeView& node, const ReduceParams& sizes) {
  const ReduceScaledParams params = reduce_scaled_params(node, sizes, ReduceDivision::count);
  const Kernel kernel = node.input(0).type == ElementType::s8
                            ? MOTE_KERNEL(reduce_sum_scaled<int8_t>)
                            : MOTE_KERNEL(reduce_sum_scaled<int16_t>);
  return make_kernel_call("ops/nn/reduce/reduce.h", kernel, "ReduceScaledParams", params)
      .input(0)
      .output();
}

KernelCall lower(const NodeView& node) {
  const Value& x = node.input(0);
  const ReduceParams sizes = reduce_params(node, x.shape, reduced_dimensions(node));
  const bool block = is_one_block(sizes);
  if (x.type == ElementType::s8 && block) return lower_block_s8(node, block_of(sizes));
  if (is_scaled(x)) return lower_scaled(node, sizes);
  if (!block)
    return make_kernel_call(kHeader, MOTE_KERNEL(mean_over_f32), "ReduceParams", sizes)
        .input(0)
        .output();
  return make_kernel_call(kHeader, MOTE_KERNEL(mean_f32), "MeanF32Params", block_of(sizes))
      .input(0)
      .output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantizer.replace(node, mean_op, {quantizer.input(node, 0)},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = output_quantization_attributes();
  for (AttributeSpec& axes : reduce_attributes({1, 2})) all.push_back(std::move(axes));
  return all;
}

}  // namespace

const OpDef mean_op{
    .name = "mean",
    .room = "nn",
    .summary = "mean over any dimensions; f32, s8, s16",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
