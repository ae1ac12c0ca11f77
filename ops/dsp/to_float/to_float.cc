// SPDX-License-Identifier: Apache-2.0
// Host half of to_float: s16 [..., axes] -> f32 [..., axes]. See to_float.h.
#include "ops/dsp/to_float/to_float.h"

#include "ops/registry.h"

namespace mote {
namespace {

std::vector<float> scales(const NodeView& node) {
  const std::vector<double>& given = node.numbers("scales");
  return std::vector<float>(given.begin(), given.end());
}

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::s16 || input.shape.empty())
    node.refuse("wrong-type", "to_float takes int16 counts with a last dimension of axes");
  if (int32_t(scales(node).size()) != input.shape.back())
    node.refuse("wrong-scales",
                "there must be one scale an axis, " + std::to_string(input.shape.back()));
  return {{{ElementType::f32, input.shape, {}, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const ToFloatParams params{int32_t(input.elements() / input.shape.back()), input.shape.back()};
  return make_kernel_call("ops/dsp/to_float/to_float.h", MOTE_KERNEL(to_float), "ToFloatParams",
                          params)
      .input(0)
      .constant("scales", ElementType::f32, scales(node))
      .output();
}

}  // namespace

const OpDef to_float_op{
    .name = "to_float",
    .room = "dsp",
    .summary = "int16 counts to physical units",
    .attributes = {{"scales", {}, "units in a count, one an axis"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
