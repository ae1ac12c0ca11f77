// SPDX-License-Identifier: Apache-2.0
// The tables of foreign operators, one a family, in files of the same names. Together they are
// every operator of the .onnx format that mote takes.
#pragma once
#include "compiler/import/onnx/operator_view.h"

namespace mote::onnx {

std::span<const ImportRule> elementwise_rules();  // of several operands; changes of type
std::span<const ImportRule> unary_rules();        // of one operand
std::span<const ImportRule> reduction_rules();    // one number of many, sums, norms, softmax
std::span<const ImportRule> movement_rules();     // what moves numbers unchanged
std::span<const ImportRule> constant_rules();     // what shapes and attributes alone decide
std::span<const ImportRule> layer_rules();        // weights, pools
std::span<const ImportRule> resize_rules();
std::span<const ImportRule> quantized_rules();  // integers with scales, as pairs

// Null where mote does not take it.
const ImportRule* find_rule(const format::NodeProto& node);
const ImportRule* find_rule(const std::string& domain, const std::string& name);

}  // namespace mote::onnx
