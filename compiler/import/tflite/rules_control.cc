// SPDX-License-Identifier: Apache-2.0
// Variables, branches and loops. See rules.h.
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {

std::span<const ImportRule> control_rules() { return {}; }

}  // namespace mote::tflite
