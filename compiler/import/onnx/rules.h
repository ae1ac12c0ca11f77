// SPDX-License-Identifier: Apache-2.0
// The tables of foreign operators, one a family, in files of the same names. Together they are
// every operator of the .onnx format that mote takes.
#pragma once
#include "compiler/import/onnx/operator_view.h"

namespace mote::onnx {

std::span<const ImportRule> elementwise_rules();  // of several operands; changes of type
std::span<const ImportRule> unary_rules();        // of one operand
std::span<const ImportRule> reduction_rules();    // one number of many, sums, softmax
std::span<const ImportRule> norm_rules();
std::span<const ImportRule> movement_rules();  // what moves numbers unchanged
std::span<const ImportRule> index_rules();     // ... to or from where indices say
std::span<const ImportRule> constant_rules();  // what shapes and attributes alone decide
std::span<const ImportRule> layer_rules();     // products with weights, convolutions
std::span<const ImportRule> pool_rules();
std::span<const ImportRule> integer_rules();  // exact products, dynamic quantisation
std::span<const ImportRule> resize_rules();
std::span<const ImportRule> image_rules();     // cut, padded, sampled
std::span<const ImportRule> matrix_rules();    // running products, small matrices
std::span<const ImportRule> spectral_rules();  // windows, transforms, mel filters
std::span<const ImportRule> attention_rules();
std::span<const ImportRule> sample_rules();    // at computed points
std::span<const ImportRule> chosen_rules();    // results whose size depends on constants
std::span<const ImportRule> control_rules();   // branches and loops
std::span<const ImportRule> training_rules();  // losses, optimisers
std::span<const ImportRule> recurrent_rules();
std::span<const ImportRule> ml_rules();         // of domain ai.onnx.ml
std::span<const ImportRule> quantized_rules();  // integers with scales, as pairs

// Null where mote does not take it.
const ImportRule* find_rule(const format::NodeProto& node);
const ImportRule* find_rule(const std::string& domain, const std::string& name);

}  // namespace mote::onnx
