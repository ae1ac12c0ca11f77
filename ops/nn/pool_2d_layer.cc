// SPDX-License-Identifier: Apache-2.0
// See pool_2d_layer.h.
#include "ops/nn/pool_2d_layer.h"

#include "ops/activation.h"
#include "ops/nn/window_order.h"

namespace mote {
namespace {

// 2^31 over the largest magnitude, less the rounding term.
constexpr int64_t kLargestFilter = 1 << 23;
constexpr int64_t kLargestFilterS16 = 1 << 15;

Window2d windows(const NodeView& node) {
  const int32_t h = extent(node, "filter_h");
  const int32_t w = extent(node, "filter_w");
  const bool s16 = node.input(0).type == ElementType::s16;
  if (int64_t(h) * w > (s16 ? kLargestFilterS16 : kLargestFilter))
    node.refuse("too-large", std::string("the filter holds more than ") +
                                 (s16 ? "2^15 elements of s16" : "2^23 elements"));
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
  if (x.type != ElementType::f32 && x.type != ElementType::s8 && x.type != ElementType::s16)
    node.refuse("wrong-type", std::string("input is ") + to_string(x.type), "use f32, s8 or s16");
  if (x.type != ElementType::f32 && x.quantization.scales.size() > 1)
    node.refuse("wrong-quantization", "the input must have one scale");
  const Window2d w = windows(node);
  return {{{x.type, {x.shape[0], w.output_h, w.output_w, x.shape[3]}, x.quantization, x.clock}},
          {}};
}

Inference infer_pool_2d_f32(const NodeView& node) {
  if (node.input(0).type != ElementType::f32)
    node.refuse("wrong-type", std::string("input is ") + to_string(node.input(0).type), "use f32");
  return infer_pool_2d(node);
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
  const Kernel& kernel = node.input(0).type == ElementType::s16 ? kernels.s16 : kernels.s8;
  return make_kernel_call(kernels.header, kernel, "Pool2dParams",
                          params_of<int32_t>(node, quantized_activation_range(node, node.output())))
      .input(0)
      .output();
}

AccessOrder order_of_pool_2d(const NodeView& node, int32_t channels) {
  const auto p = params_of<int32_t>(node, QuantizedClampRange{});
  return by_own_channels(pool_2d_walk(p), channels, 1, element_bytes(node.input(0).type));
}
std::vector<AccessOrder> order_of_pool_2d(const NodeView& node) {
  return {order_of_pool_2d(node, 1)};
}

}  // namespace mote
