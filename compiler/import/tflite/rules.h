// SPDX-License-Identifier: Apache-2.0
// The tables of foreign operators, one a family, in files of the same names. Together they are every
// operator of the .tflite format that mote takes.
#pragma once
#include <span>

#include "compiler/import/tflite/operator_view.h"

namespace mote::tflite {

std::span<const ImportRule> layer_rules();        // rules_layers.cc: what has weights, pools, softmax
std::span<const ImportRule> elementwise_rules();  // rules_elementwise.cc: arithmetic, comparison, reduction
std::span<const ImportRule> movement_rules();     // rules_movement.cc: what moves numbers unchanged
std::span<const ImportRule> control_rules();      // rules_control.cc: variables, branches, loops
std::span<const CustomImportRule> signal_rules(); // rules_signal.cc: the signal library and others by name

}  // namespace mote::tflite
