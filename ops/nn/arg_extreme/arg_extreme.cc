// SPDX-License-Identifier: Apache-2.0
// Host half of arg_extreme: numbers of any type -> s32 | s64 without the axis (1 with keep_dims).
#include "ops/nn/arg_extreme/arg_extreme.h"

#include "graph/quantizer.h"
#include "ops/nn/axis.h"
#include "ops/registry.h"

namespace mote {
namespace {

struct Row {
  ElementType type;
  Kernel s32, s64;
};
#define MOTE_ARG(T) MOTE_KERNEL(arg_extreme_s32<T>), MOTE_KERNEL(arg_extreme_s64<T>)
const Row kRows[] = {
    {ElementType::f32, MOTE_ARG(float)},   {ElementType::s8, MOTE_ARG(int8_t)},
    {ElementType::u8, MOTE_ARG(uint8_t)},  {ElementType::s16, MOTE_ARG(int16_t)},
    {ElementType::s32, MOTE_ARG(int32_t)}, {ElementType::s64, MOTE_ARG(int64_t)},
};

const Row& row_of(const NodeView& node) {
  for (const Row& row : kRows)
    if (row.type == node.input(0).type) return row;
  node.refuse("wrong-type", std::string("the input is ") + to_string(node.input(0).type),
              "use f32, s8, u8, s16, s32 or s64");
}

ElementType output_type(const NodeView& node) {
  const std::string& name = node.text("output_type");
  if (name != "s32" && name != "s64")
    node.refuse("wrong-attribute", "output_type '" + name + "' is unknown", "use s32 or s64");
  return name == "s32" ? ElementType::s32 : ElementType::s64;
}

bool is_smallest(const NodeView& node) {
  const std::string& name = node.text("function");
  if (name != "max" && name != "min")
    node.refuse("unknown-function", "function '" + name + "' is unknown", "use max or min");
  return name == "min";
}

Inference infer(const NodeView& node) {
  row_of(node);
  is_smallest(node);
  const AlongAxis along = along_axis(node);
  Shape shape = node.input(0).shape;
  if (node.integer("keep_dims") != 0)
    shape[along.axis] = 1;
  else
    shape.erase(shape.begin() + int64_t(along.axis));
  return {{{output_type(node), shape, {}, node.input(0).clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const AlongAxis along = along_axis(node);
  const ArgExtremeParams params{along.outer, along.count, along.inner, is_smallest(node),
                                node.integer("select_last_index") != 0};
  const Row& row = row_of(node);
  const Kernel& kernel = output_type(node) == ElementType::s32 ? row.s32 : row.s64;
  return make_kernel_call("ops/nn/arg_extreme/arg_extreme.h", kernel, "ArgExtremeParams", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef arg_extreme_op{
    .name = "arg_extreme",
    .room = "nn",
    .summary =
        "position of the largest or smallest number along an axis; f32, integers -> s32, s64",
    .attributes = {axis_attribute(-1),
                   {"function", {}, "max or min"},
                   {"keep_dims", Attribute(int64_t{0}), "1: the dimension stays, 1"},
                   {"output_type", Attribute(std::string("s32")), "s32 or s64"},
                   {"select_last_index", Attribute(int64_t{0}), "1: of equal numbers the last"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
