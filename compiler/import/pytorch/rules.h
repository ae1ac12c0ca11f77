// SPDX-License-Identifier: Apache-2.0
// The tables of PyTorch's operators, one a family, in files of the same names. Together they are
// every target that mote takes.
#pragma once
#include <span>

#include "compiler/import/pytorch/call_view.h"

namespace mote::pytorch {

std::span<const ImportRule> elementwise_rules();  // of several operands; changes of type
std::span<const ImportRule> activation_rules();   // functions of one operand
std::span<const ImportRule> reduction_rules();    // one number of many, norms, softmax
std::span<const ImportRule> movement_rules();     // what moves numbers unchanged
std::span<const ImportRule> constant_rules();     // what arguments alone decide
std::span<const ImportRule> layer_rules();        // weights, pools
std::span<const ImportRule> resize_rules();
std::span<const ImportRule> attention_rules();
std::span<const ImportRule> recurrent_rules();
std::span<const ImportRule> quantized_rules();  // quantized_decomposed: quantise and dequantise
std::span<const ImportRule> cortex_m_rules();   // ExecuTorch's layers of integers
std::span<const ImportRule> cortex_m_elementwise_rules();

std::vector<std::span<const ImportRule>> all_rules();

// The rule of a target, or of the functional operator that it is a form of: "aten.relu_.default"
// writes into its input, "aten.view_copy.default" copies; each is "aten.relu.default",
// "aten.view.default" with another place for the answer. Null where mote does not take it.
const ImportRule* find_rule(const std::string& target);
// Whether the call writes into its first argument.
bool is_in_place(const std::string& target);
// Whether the answer may lie in the memory of the first argument.
bool may_be_view(const ImportRule& rule);

// x a + b, channel by channel, where convolutions are read by a batch norm alone: into the weights.
Program with_folded_batch_norms(Program program);

// cortex_m's layers say zero points, and scales only where numbers are quantised and dequantised:
// those are carried back, as TensorMeta's quantization, to the layers that compute the numbers.
Program with_expected_scales(Program program);

}  // namespace mote::pytorch
