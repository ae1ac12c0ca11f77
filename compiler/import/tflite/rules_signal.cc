// SPDX-License-Identifier: Apache-2.0
// Custom operators, by name. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {

std::span<const CustomImportRule> signal_rules() { return {}; }

}  // namespace mote::tflite
