// SPDX-License-Identifier: Apache-2.0
// See orders.h.
#include "compiler/import/executorch/orders.h"

#include <algorithm>
#include <numeric>

namespace mote::executorch {
namespace {

enum class Sight : uint8_t {
  dimensions,  // it goes by them
  contiguous,  // all must lie in the order of their dimensions: it takes their bytes
  images,      // input and output are images, channels last
  together,    // number by number over memory: all in one order
  memory,      // as the input lies in memory
};
struct Row {
  std::string_view name;
  Sight sight;
};
constexpr Row kSights[] = {
    {"aten::clamp", Sight::together},
    {"aten::clone", Sight::together},
    {"aten::squeeze_copy", Sight::contiguous},
    {"aten::unsqueeze_copy", Sight::contiguous},
    {"aten::view_copy", Sight::contiguous},
    {"cortex_m::dequantize_per_tensor", Sight::together},
    {"cortex_m::maximum", Sight::together},
    {"cortex_m::minimum", Sight::together},
    {"cortex_m::pad", Sight::memory},
    {"cortex_m::quantize_per_tensor", Sight::together},
    {"cortex_m::quantized_activation", Sight::together},
    {"cortex_m::quantized_add", Sight::together},
    {"cortex_m::quantized_avg_pool2d", Sight::images},
    {"cortex_m::quantized_batch_matmul", Sight::contiguous},
    {"cortex_m::quantized_conv2d", Sight::images},
    {"cortex_m::quantized_depthwise_conv2d", Sight::images},
    {"cortex_m::quantized_linear", Sight::contiguous},
    {"cortex_m::quantized_max_pool2d", Sight::images},
    {"cortex_m::quantized_mul", Sight::together},
    {"cortex_m::quantized_transpose_conv2d", Sight::images},
    {"cortex_m::softmax", Sight::contiguous},
    {"dim_order_ops::_clone_dim_order", Sight::together},
};

Sight sight_of(const std::string& name) {
  const auto* row = std::find_if(std::begin(kSights), std::end(kSights),
                                 [&](const Row& each) { return each.name == name; });
  return row == std::end(kSights) ? Sight::dimensions : row->sight;
}

// The dimensions that are not 1, in this order: only they say where a number lies.
Order moving(const Tensor& tensor, const Order& order) {
  Order dims;
  for (int32_t d : order)
    if (tensor.sizes[size_t(d)] != 1) dims.push_back(d);
  return dims;
}

bool is_contiguous(const Tensor& tensor) {
  const Order dims = moving(tensor, tensor.dim_order);
  return std::is_sorted(dims.begin(), dims.end());
}

[[noreturn]] void refuse(const Call& call, const std::string& message, const std::string& remedy) {
  fail("wrong-shape", call.place(), message, remedy);
}

Order image_order(const Call& call, const Tensor& tensor) {
  const Order order{0, 2, 3, 1};
  if (!lies_in(tensor, order))
    refuse(call, "its images must be of four dimensions and lie in memory channels last",
           "export the model for channels_last (memory_format)");
  return order;
}

// A number that is repeated may lie anyhow. A clone may also be what changes the order: it and the
// limits of a clamp go by the dimensions as well.
Order common_order(const Call& call, const Tensor& tensor, const Tensor& output) {
  const Order order = memory_order(output);
  if (element_count(tensor.sizes) == 1) return in_order(tensor.sizes.size());
  const bool contiguous =
      is_contiguous(tensor) ||
      (tensor.is_constant && constant_order(tensor) == in_order(tensor.sizes.size()));
  const bool plain = is_contiguous(output) ? contiguous : lies_in(tensor, order);
  if (plain) return is_contiguous(output) ? in_order(tensor.sizes.size()) : order;
  if (!call.name.starts_with("cortex_m::")) return in_order(tensor.sizes.size());
  refuse(call, "its tensors do not lie in memory in one order, such as channels last",
         "export the model with one memory_format");
}

}  // namespace

Order in_order(size_t rank) {
  Order order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Order memory_order(const Tensor& tensor) {
  return is_contiguous(tensor) ? in_order(tensor.sizes.size()) : tensor.dim_order;
}

Order constant_order(const Tensor& tensor) {
  const size_t rank = tensor.sizes.size();
  Order channels_last = in_order(rank);
  if (rank >= 4)
    std::rotate(channels_last.begin() + 1, channels_last.begin() + 2, channels_last.end());
  return !is_contiguous(tensor) && lies_in(tensor, channels_last) ? channels_last : in_order(rank);
}

bool lies_in(const Tensor& tensor, const Order& order) {
  return tensor.sizes.size() == order.size() &&
         moving(tensor, order) == moving(tensor, tensor.dim_order);
}

Shape permuted(const Shape& sizes, const Order& order) {
  Shape shape;
  for (int32_t d : order) shape.push_back(sizes[size_t(d)]);
  return shape;
}

Order seen_order(const Call& call, const std::string& name, const Tensor& tensor,
                 const Tensor& output) {
  const bool is_operand = name == "out" || name == "input" || name == "self" || name == "other";
  const Sight sight = sight_of(call.name);
  if (is_operand && sight == Sight::images) return image_order(call, tensor);
  if (is_operand && sight == Sight::together) return common_order(call, tensor, output);
  if (is_operand && sight == Sight::memory) {
    if (!lies_in(output, memory_order(tensor)))
      refuse(call, "its input and output do not lie in memory in one order",
             "export the model with one memory_format");
    return memory_order(tensor);
  }
  if (sight == Sight::contiguous && !is_contiguous(tensor))
    refuse(call, "it takes the bytes of a tensor that does not lie in memory in order",
           "export the model with contiguous tensors there");
  return in_order(tensor.sizes.size());
}

}  // namespace mote::executorch
