// SPDX-License-Identifier: Apache-2.0
// Host half of logistic: f32 | s8 | s16 of any shape -> the same shape; s8 at scale 1/256, zero
// point -128, s16 at scale 2^-15.
#include "ops/nn/logistic/logistic.h"

#include "graph/quantizer.h"
#include "ops/element_order.h"
#include "ops/nn/fixed_exp.h"
#include "ops/nn/sigmoid_layer.h"
#include "ops/nn/sigmoid_s16.h"
#include "ops/registry.h"

namespace mote {
namespace {

int32_t value_q4_27(int32_t x) { return logistic_q4_27(x); }

const SigmoidRule kRule{"ops/nn/logistic/logistic.h",
                        value_q4_27,
                        8,
                        -128,
                        MOTE_KERNEL(logistic_each_f32),
                        MOTE_KERNEL(logistic_s16),
                        0};

Inference infer(const NodeView& node) { return infer_sigmoid(node, kRule); }
KernelCall lower(const NodeView& node) { return lower_sigmoid(node, kRule); }

}  // namespace

const OpDef logistic_op{
    .name = "logistic",
    .room = "nn",
    .summary = "1 / (1 + e^-x); f32, s8 (a table), s16",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize_same_scale,
};

}  // namespace mote
