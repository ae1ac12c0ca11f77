// SPDX-License-Identifier: Apache-2.0
// Host half of tanh: f32 | s8 | s16 of any shape -> the same shape; s8 at scale 1/128, s16 at
// 2^-15, zero point 0.
#include "ops/nn/tanh/tanh.h"

#include "graph/quantizer.h"
#include "ops/element_order.h"
#include "ops/nn/fixed_exp.h"
#include "ops/nn/sigmoid_layer.h"
#include "ops/nn/sigmoid_s16.h"
#include "ops/registry.h"

namespace mote {
namespace {

int32_t value_q4_27(int32_t x) { return tanh_q4_27(x); }

const SigmoidRule kRule{"ops/nn/tanh/tanh.h",       value_q4_27,           7, 0,
                        MOTE_KERNEL(tanh_each_f32), MOTE_KERNEL(tanh_s16), 1};

Inference infer(const NodeView& node) { return infer_sigmoid(node, kRule); }
KernelCall lower(const NodeView& node) { return lower_sigmoid(node, kRule); }

}  // namespace

const OpDef tanh_op{
    .name = "tanh",
    .room = "nn",
    .summary = "hyperbolic tangent; f32, s8 (a table), s16",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize_same_scale,
};

}  // namespace mote
