// SPDX-License-Identifier: Apache-2.0
// Host half of scatter_nd: inputs (data, indices s32 [..., depth], updates of the data's type: the
// indices' leading dimensions, then the data's behind the first depth) -> the data's shape. The
// rule of ONNX ScatterND; TFLite's SCATTER_ND adds to zeros.
#include "ops/nn/scatter_nd/scatter_nd.h"

#include "ops/nn/elements_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/scatter_nd/scatter_nd.h";

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  expect_indices(node, 1);
  expect_like_data(node, 2);
  const Shape& data = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  if (indices.empty() || indices.back() > int32_t(data.size()))
    node.refuse("wrong-shape", "the indices name more dimensions than the data has");
  Shape wanted(indices.begin(), indices.end() - 1);
  wanted.insert(wanted.end(), data.begin() + indices.back(), data.end());
  if (node.input(2).shape != wanted)
    node.refuse("wrong-shape", "there must be one update for each tuple of indices");
  flag_attribute(node, "from_last");
  expect_reducible(node);
  return moved(node, data);
}

Kernel kernel_of(ElementType type) {
  if (type == ElementType::f32) return MOTE_KERNEL(scatter_nd_f32);
  if (type == ElementType::s8) return MOTE_KERNEL(scatter_nd_s8);
  if (type == ElementType::s32) return MOTE_KERNEL(scatter_nd_s32);
  return MOTE_KERNEL(scatter_nd_s64);
}

KernelCall lower(const NodeView& node) {
  const Shape& data = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  const std::vector<int64_t> strides = strides_of(data);
  const std::optional<Reduction> reduction = reduction_of(node);
  ScatterNdParams params{};
  params.reduction = reduction.value_or(kReductionAdd);
  params.total = int32_t(node.input(0).elements());
  params.tuples = product(indices, 0, indices.size() - 1);
  params.depth = indices.back();
  params.run = product(data, size_t(params.depth), data.size());
  params.bytes = element_bytes(node.input(0).type);
  params.from_last = flag_attribute(node, "from_last");
  for (size_t d = 0; d < size_t(params.depth); ++d) {
    params.extents[d] = data[d];
    params.strides[d] = int32_t(strides[d]);
  }
  if (!reduction)
    return make_kernel_call(kHeader, MOTE_KERNEL(scatter_nd), "ScatterNdParams", params)
        .input_bytes(0)
        .input(1)
        .input_bytes(2)
        .output();
  return make_kernel_call(kHeader, kernel_of(node.input(0).type), "ScatterNdParams", params)
      .input(0)
      .input(1)
      .input(2)
      .output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantize_to_one_scale(quantizer, node, {0, 2});
}

}  // namespace

const OpDef scatter_nd_op{
    .name = "scatter_nd",
    .room = "nn",
    .summary =
        "slices put to places that tuples of indices name; any type, reductions f32 s8 s32 s64",
    .attributes = {{"from_last", Attribute(int64_t{0}),
                    "1: negative indices count from the end; else they are taken as 0"},
                   reduction_attribute()},
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
