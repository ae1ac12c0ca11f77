// SPDX-License-Identifier: Apache-2.0
// Host half of cast: any type and shape -> another type without a scale, the same shape. See
// cast.h.
#include "ops/nn/cast/cast.h"

#include "graph/text.h"
#include "ops/element_order.h"
#include "ops/nn/broadcast_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

// Of one type to every other, in the order of ElementType.
#define MOTE_CASTS_FROM(T)                                                        \
  {                                                                               \
    MOTE_KERNEL(cast_each<float, T>), MOTE_KERNEL(cast_each<int8_t, T>),          \
        MOTE_KERNEL(cast_each<uint8_t, T>), MOTE_KERNEL(cast_each<int16_t, T>),   \
        MOTE_KERNEL(cast_each<int32_t, T>), MOTE_KERNEL(cast_each<int64_t, T>),   \
        MOTE_KERNEL(cast_each<uint16_t, T>), MOTE_KERNEL(cast_each<uint32_t, T>), \
        MOTE_KERNEL(cast_to_boolean<T>)                                           \
  }

const std::array<KernelsOfTypes, kElementTypeCount> kKernels{
    {MOTE_CASTS_FROM(float), MOTE_CASTS_FROM(int8_t), MOTE_CASTS_FROM(uint8_t),
     MOTE_CASTS_FROM(int16_t), MOTE_CASTS_FROM(int32_t), MOTE_CASTS_FROM(int64_t),
     MOTE_CASTS_FROM(uint16_t), MOTE_CASTS_FROM(uint32_t), MOTE_CASTS_FROM(uint8_t)}};

ElementType wanted(const NodeView& node) {
  return parse_element_type(node.text("type"), node.place());
}

// The numbers as they are stored: a scale is not applied, and the output has none.
Inference infer(const NodeView& node) {
  if (!kKernels[size_t(node.input(0).type)][size_t(wanted(node))].function)
    node.refuse("wrong-type",
                std::string("numbers of ") + to_string(node.input(0).type) + " cannot become " +
                    to_string(wanted(node)),
                "use f32, s8, u8, s16, s32, s64, u16, u32 or bool");
  return {{{wanted(node), node.input(0).shape, {}, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const CastParams params{int32_t(node.input(0).elements())};
  const Kernel& kernel = kKernels[size_t(node.input(0).type)][size_t(wanted(node))];
  return make_kernel_call("ops/nn/cast/cast.h", kernel, "CastParams", params).input(0).output();
}

}  // namespace

const OpDef cast_op{
    .name = "cast",
    .room = "nn",
    .summary = "the same numbers as another element type; any to any",
    .attributes = {{"type", {}, "f32, s8, u8, s16, s32, s64, u16, u32 or bool"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
