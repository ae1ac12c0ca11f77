// SPDX-License-Identifier: Apache-2.0
// See pool_2d_layer.h.
#include "ops/nn/pool_2d_layer.h"

#include "ops/activation.h"

namespace mote {
namespace {

// 2^31 / 128, less the rounding term.
constexpr int64_t kLargestFilter = 1 << 23;

Window2d windows(const NodeView& node) {
  const int32_t h = extent(node, "filter_h");
  const int32_t w = extent(node, "filter_w");
  if (int64_t(h) * w > kLargestFilter)
    node.refuse("too-large", "the filter holds more than 2^23 elements");
  return window_2d(node, h, w, Dilation::none);
}

}  // namespace

std::vector<AttributeSpec> pool_2d_attributes() {
  std::vector<AttributeSpec> all{{"filter_h", {}, "rows of the window"},
                                 {"filter_w", {}, "columns of the window"}};
  for (AttributeSpec& spec : window_2d_attributes(Dilation::none)) all.push_back(std::move(spec));
  all.push_back(activation_attribute());
  return all;
}

Inference infer_pool_2d(const NodeView& node) {
  const Value& x = node.input(0);
  if (x.type != ElementType::f32 && x.type != ElementType::s8)
    node.refuse("wrong-type", std::string("input is ") + to_string(x.type), "use f32 or s8");
  const Window2d w = windows(node);
  return {{{x.type, {x.shape[0], w.output_h, w.output_w, x.shape[3]}, x.quantization, x.clock}},
          {}};
}

namespace {

template <class T, class Clamp>
Pool2dParamsOf<T> params_of(const NodeView& node, const Clamp& clamp) {
  const Shape& x = node.input(0).shape;
  const Window2d w = windows(node);
  return {x[0],       x[1],       x[2],       x[3],      w.output_h, w.output_w, w.kernel_h,
          w.kernel_w, w.stride_h, w.stride_w, w.pad_top, w.pad_left, clamp.min,  clamp.max};
}

}  // namespace

KernelCall lower_pool_2d(const NodeView& node, const Pool2dKernels& kernels) {
  if (node.input(0).type == ElementType::f32)
    return make_kernel_call(kernels.header, kernels.f32, "Pool2dF32Params",
                            params_of<float>(node, activation_range(node)))
        .input(0)
        .output();
  return make_kernel_call(kernels.header, kernels.s8, "Pool2dParams",
                          params_of<int32_t>(node, quantized_activation_range(node, node.output())))
      .input(0)
      .output();
}

}  // namespace mote
