// SPDX-License-Identifier: Apache-2.0
// Constants of the fixture model.
#include "model.h"

namespace fixture {

extern const int8_t kWeights[kClasses][kAxes] = {{17, -4, 9}, {-8, 23, 5}};

}  // namespace fixture
