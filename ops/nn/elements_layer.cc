// SPDX-License-Identifier: Apache-2.0
// See elements_layer.h.
#include "ops/nn/elements_layer.h"

namespace mote {

ElementsParams elements_params(const NodeView& node) {
  expect_movable(node, 0);
  expect_indices(node, 1);
  const Shape& data = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  if (data.empty() || data.size() != indices.size())
    node.refuse("wrong-shape", "data and indices must have as many dimensions, at least one");
  const size_t axis = axis_attribute(node, "axis", data.size());
  const std::vector<int64_t> strides = strides_of(data);
  ElementsParams params{};
  params.total = int32_t(node.input(0).elements());
  params.bytes = element_bytes(node.input(0).type);
  params.extent = data[axis];
  params.axis_stride = int32_t(strides[axis]);
  params.from_last = flag_attribute(node, "from_last");
  for (int32_t& d : params.dims) d = 1;
  for (size_t d = 0; d < data.size(); ++d) {
    if (d != axis && indices[d] > data[d])
      node.refuse("wrong-shape",
                  "the indices are larger than the data along dimension " + std::to_string(d));
    const size_t loop = size_t(kMostLoops) - data.size() + d;
    params.dims[loop] = indices[d];
    params.strides[loop] = d == axis ? 0 : int32_t(strides[d]);
  }
  return params;
}

std::optional<Reduction> reduction_of(const NodeView& node) {
  const std::string& name = node.text("reduction");
  if (name == "none") return {};
  if (name == "add") return kReductionAdd;
  if (name == "mul") return kReductionMul;
  if (name == "max") return kReductionMax;
  if (name == "min") return kReductionMin;
  node.refuse("wrong-attribute", "reduction '" + name + "' is unknown",
              "use none, add, mul, max or min");
}

AttributeSpec reduction_attribute() {
  return {"reduction", Attribute(std::string("none")),
          "how numbers meet those that are there: none (replace), add, mul, max, min"};
}

void expect_reducible(const NodeView& node) {
  const std::optional<Reduction> reduction = reduction_of(node);
  if (!reduction) return;
  const Value& data = node.input(0);
  const bool adds = *reduction == kReductionAdd || *reduction == kReductionMul;
  const bool known = data.type == ElementType::f32 || data.type == ElementType::s8 ||
                     data.type == ElementType::s32 || data.type == ElementType::s64;
  if (!known || (adds && !data.quantization.empty()))
    node.refuse("wrong-type",
                "reduction " + node.text("reduction") + " does not take " + to_string(data.type) +
                    (data.quantization.empty() ? "" : " with a scale"),
                "use f32, or s8, s32, s64 without a scale");
}

}  // namespace mote
