// SPDX-License-Identifier: Apache-2.0
// The tables of foreign operators, one a family, in files of the same names. Together they are
// every operator of the .tflite format that mote takes.
#pragma once
#include <span>

#include "compiler/import/tflite/operator_view.h"

namespace mote::tflite {

std::span<const ImportRule> layer_rules();        // weights, pools, softmax
std::span<const ImportRule> elementwise_rules();  // of two operands; changes of type and scale
std::span<const ImportRule> unary_rules();        // of one operand; reductions
std::span<const ImportRule> movement_rules();     // what moves numbers unchanged
std::span<const ImportRule> control_rules();      // variables, branches, loops
std::span<const ImportRule> recurrent_rules();    // LSTM and plain recurrent layers
std::span<const CustomImportRule> signal_rules();
std::span<const CustomImportRule> recurrent_custom_rules();  // GRU

}  // namespace mote::tflite
