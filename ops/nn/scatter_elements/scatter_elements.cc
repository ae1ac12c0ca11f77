// SPDX-License-Identifier: Apache-2.0
// Host half of scatter_elements: inputs (data, indices s32, updates of the indices' shape and the
// data's type) -> the data's shape. The rule of ONNX ScatterElements.
#include "ops/nn/scatter_elements/scatter_elements.h"

#include <algorithm>

#include "ops/nn/elements_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/scatter_elements/scatter_elements.h";

Inference infer(const NodeView& node) {
  elements_params(node);
  expect_like_data(node, 2);
  if (node.input(2).shape != node.input(1).shape)
    node.refuse("wrong-shape", "there must be one update for each index");
  expect_reducible(node);
  return moved(node, node.input(0).shape);
}

Kernel kernel_of(ElementType type) {
  if (type == ElementType::f32) return MOTE_KERNEL(scatter_elements_f32);
  if (type == ElementType::s8) return MOTE_KERNEL(scatter_elements_s8);
  if (type == ElementType::s32) return MOTE_KERNEL(scatter_elements_s32);
  return MOTE_KERNEL(scatter_elements_s64);
}

KernelCall lower(const NodeView& node) {
  const ElementsParams e = elements_params(node);
  const std::optional<Reduction> reduction = reduction_of(node);
  if (!reduction)
    return make_kernel_call(kHeader, MOTE_KERNEL(scatter_elements), "ElementsParams", e)
        .input_bytes(0)
        .input(1)
        .input_bytes(2)
        .output();
  ScatterElementsReduceParams params{*reduction,    e.total,     e.bytes, e.extent,
                                     e.axis_stride, e.from_last, {},      {}};
  std::copy(std::begin(e.dims), std::end(e.dims), params.dims);
  std::copy(std::begin(e.strides), std::end(e.strides), params.strides);
  return make_kernel_call(kHeader, kernel_of(node.input(0).type), "ScatterElementsReduceParams",
                          params)
      .input(0)
      .input(1)
      .input(2)
      .output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantize_to_one_scale(quantizer, node, {0, 2});
}

}  // namespace

const OpDef scatter_elements_op{
    .name = "scatter_elements",
    .room = "nn",
    .summary =
        "numbers put to indexed places along one dimension; any type, reductions f32 s8 s32 s64",
    .attributes = {{"axis", Attribute(int64_t{0}), "the dimension; negative counts from the last"},
                   {"from_last", Attribute(int64_t{0}),
                    "1: negative indices count from the end; else they are taken as 0"},
                   reduction_attribute()},
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
